/* SPDX-License-Identifier: Apache-2.0 */
/* Stubs: host code of cold exits, written without LLVM. A stub begins where the region has its values wherever LLVM
 * left them, and ends with a jump to the code of an exit, with every register in its place (src/base/cpu.h). */
#ifndef TANDEM_LLVM_OPT_STUB_H
#define TANDEM_LLVM_OPT_STUB_H

#include "llvm-opt/emit/track.h"

/* How the value of a floating-point row differs from what the guest is to see (plan/rows.h). */
enum lopt_repair {
    LOPT_REPAIR_NONE,
    LOPT_REPAIR_RAW,   /* an f64 in which a quiet NaN stands for the canonical one */
    LOPT_REPAIR_BOX,   /* an f32 that is to be boxed */
    LOPT_REPAIR_RAWBOX /* both */
};

/* A guest register, or a half of one. */
struct lopt_stub_move {
    uint16_t offset;         /* of its place in struct cpu */
    uint8_t bytes, repair;   /* repair: enum lopt_repair */
    int8_t pin_gpr, pin_fpr; /* index among the pinned, or -1: it goes to its place in struct cpu */
    bool in_cpu;             /* it is pinned, and struct cpu has it: from says nothing */
    struct lopt_location from;
};

struct lopt_stub {
    struct lopt_stub_move *moves; /* the writer changes them */
    unsigned count;
    struct lopt_location cpu; /* where the address of struct cpu is */
    uint32_t frame;           /* bytes of the region's frame */
    bool wide;                /* the region may have used vectors of more than 16 bytes */
    bool three_operands;      /* struct lopt_host_facts */
};

TANDEM_BEGIN_DECLS
/* Bytes that a stub of this many moves takes at most. */
size_t lopt_stub_bound(unsigned moves);
/* Writes the stub. Returns its size; its last four bytes are for the distance to the exit's code, counted from its end.
 * 0: a value is where it cannot be moved from. */
size_t lopt_stub_write(const struct lopt_stub *stub, uint8_t *to);
/* Bytes of nop that a statepoint needs for a jump to a stub. */
extern const unsigned LOPT_STUB_JUMP_BYTES;
/* Makes a jump to offset target of the nops that end at offset end. False: those are no nops. */
bool lopt_stub_jump(uint8_t *code, uint32_t end, uint32_t target);
TANDEM_END_DECLS

#endif
