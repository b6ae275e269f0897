/* SPDX-License-Identifier: Apache-2.0 */
/* One decoded x86 instruction: what Zydis says of it, and what x86_scan.c and x86_x87_stack.c find out about the
 * instructions behind it. */
#ifndef TANDEM_FRONTEND_X86_DECODE_X86_DECODE_H
#define TANDEM_FRONTEND_X86_DECODE_X86_DECODE_H

#include <Zydis/Zydis.h>

#include "frontend/x86/decode/x86_eflags.h"
#include "src/base/types.h"

enum { X86_MAX_OPERANDS = ZYDIS_MAX_OPERAND_COUNT_VISIBLE };

struct x86_decoded {
    ZydisDecodedInstruction i;
    ZydisDecodedOperand op[X86_MAX_OPERANDS];
    bool legal;
    bool too_long;      /* not legal, since it has more bytes than an instruction may have */
    unsigned live;      /* status flags (X86_*) that may be read after it before they are written */
    bool x87_read;      /* an instruction behind it in the block reads the x87 status word */
    bool x87_status;    /* C1 of the x87 status word may be read after it before it is written */
    unsigned stored;    /* of them, those that an exit or a fault may show: the state must have them after it */
    unsigned written;   /* status flags that it writes whatever happens */
    unsigned taken;     /* of a branch: flags that are alive where it goes to; stored is about the other way */
    bool in_rows;       /* what it stores is read, or kept beside other flags, by a block behind this one */
    bool taken_in_rows; /* and what it stores for where it goes to */
    bool settles;       /* the first of a block, in which one reads, or keeps beside others, flags from before it */
};

/* Decodes the instruction at code. False: avail bytes do not hold all of it. d->legal: there is such an instruction. */
bool x86_decode(bool is64, const uint8_t *code, size_t avail, struct x86_decoded *d);
/* A repeated string instruction that is lifted as a loop. */
bool x86_repeats_itself(const struct x86_decoded *d);
/* Control transfer: the block ends with it, unless it goes on behind a branch. */
bool x86_ends_block(const struct x86_decoded *d);
/* A conditional jump: jcc, jcxz, loop. It does nothing else, and never faults. */
bool x86_is_branch(const struct x86_decoded *d);
/* An indirect jump or call, but no return. */
bool x86_jumps_anywhere(const struct x86_decoded *d);
/* A jump or call to an address that it names itself. */
bool x86_has_direct_target(const struct x86_decoded *d);
/* That address; next: of the instruction behind it. */
gaddr_t x86_direct_target(const struct x86_decoded *d, gaddr_t next, bool is64);

/* Of the x87 unit. (To Zydis, fisttp is one of SSE3.) */
static inline bool x86_is_x87(const struct x86_decoded *d)
{
    return d->i.meta.isa_ext == ZYDIS_ISA_EXT_X87 || d->i.mnemonic == ZYDIS_MNEMONIC_FISTTP;
}
/* The repeat prefix that counts, the last one: 0xf2 or 0xf3; 0: there is none. */
static inline uint8_t x86_repeat_prefix(const ZydisDecodedInstruction *i)
{
    for (unsigned n = i->raw.prefix_count; n-- > 0;) {
        if (i->raw.prefixes[n].value == 0xf2 || i->raw.prefixes[n].value == 0xf3)
            return i->raw.prefixes[n].value;
    }
    return 0;
}
static inline bool x86_is_repeated(const ZydisDecodedInstruction *i)
{
    return i->meta.category == ZYDIS_CATEGORY_STRINGOP && x86_repeat_prefix(i);
}

#endif
