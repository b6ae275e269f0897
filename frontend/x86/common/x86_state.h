/* SPDX-License-Identifier: Apache-2.0 */
/* struct x86_state: the x86 registers at the start of cpu->guest, and the row numbers by which IR names them. Both come
 * from x86_state.def. Owned by the thread of its struct cpu. */
#ifndef TANDEM_FRONTEND_X86_X86_STATE_H
#define TANDEM_FRONTEND_X86_X86_STATE_H

#include <assert.h>

#include "frontend/x86/decode/x86_eflags.h"
#include "src/ir/ir.h"
#include "src/ir/state.h"

struct x86_vec {
    TANDEM_ALIGNED(16) uint64_t u64[2];
};

/* A segment descriptor as user_desc of asm/ldt.h has it; flags: enum x86_descriptor_flag. All zero: there is none. */
struct x86_descriptor {
    uint32_t base, limit, flags;
};
enum { X86_TLS_COUNT = 3, X86_LDT_COUNT = 8192 };

/* What a signal frame says of the last exception: its number and error code, and the address of the last page fault. */
struct x86_cause {
    uint32_t trapno, err;
    gaddr_t cr2;
};

/* An answer of CPUID that the thread has had on a CPU (x86_lift_system.c). */
struct x86_answer {
    uint32_t leaf, subleaf, cpu; /* cpu: its number + 1; 0: none */
    uint32_t out[4];
};
enum { X86_ANSWERS = 8 };

struct x86_state {
#define X86_REG(field, c_type, ir_type, name) c_type field;
#include "frontend/x86/common/x86_state.def"
    /* i386: what the kernel keeps for the thread, and for the process; see x86_segment.c */
    struct x86_descriptor tls[X86_TLS_COUNT];
    struct x86_descriptor *ldt; /* X86_LDT_COUNT of them */
    struct x86_cause cause;
    struct x86_answer answers[X86_ANSWERS];
};

enum x86_reg_row {
#define X86_REG(field, c_type, ir_type, name) X86_ROW_##field,
#include "frontend/x86/common/x86_state.def"
    X86_ROW_mode, /* cpu->mode: an instruction that changes it puts it there */
    X86_ROW_COUNT
};

/* How fl_p and fl_q stand for status flags while fl_op is not 0: one of these | log2 of the operands' bytes. Of p and q
 * the low bytes count. Flags that a record does not give are in their rows; A is 0 where nothing is said. */
enum x86_record {
    X86_RECORD_ADD = 4,     /* p = a + q */
    X86_RECORD_SUB = 8,     /* p = a - q */
    X86_RECORD_CMP = 12,    /* flags of p - q */
    X86_RECORD_LOGIC = 16,  /* p; C = O = 0 */
    X86_RECORD_INC = 20,    /* p = a + 1; C is in its row */
    X86_RECORD_DEC = 24,    /* p = a - 1; C is in its row */
    X86_RECORD_RESULT = 28, /* p; C and O are in their rows */
    X86_RECORD_TEST = 32,   /* p & q; C = O = 0 */
};

/* Translation modes (cpu->mode). */
enum x86_mode {
    X86_MODE_MMX = 1,       /* mm0..mm7 hold the x87 registers (x86_state.def) */
    X86_MODE_FTZ = 2,       /* MXCSR.FTZ */
    X86_MODE_DAZ = 4,       /* MXCSR.DAZ */
    X86_MODE_TOP_SHIFT = 3, /* bits 3-5: TOP of the x87 register stack */
    X86_MODE_TAG_SHIFT = 6, /* bits 6-13: a bit for each physical x87 register that is not empty */
    X86_MODE_X87 = 0x7ff << X86_MODE_TOP_SHIFT,
    X86_MODE_X87_TRAPS = 1 << 14, /* the x87 control word has an exception unmasked */
    X86_MODE_SSE_TRAPS = 1 << 15, /* MXCSR has */
    X86_MODE_BITS = 16
};
static_assert((int)X86_MODE_BITS <= (int)CPU_MODE_BITS, "the IBTC and --explain know CPU_MODE_BITS");
static inline unsigned x86_mode_top(uint32_t mode) { return mode >> X86_MODE_TOP_SHIFT & 7; }
static inline unsigned x86_mode_tags(uint32_t mode) { return mode >> X86_MODE_TAG_SHIFT & 0xff; }
static inline uint32_t x86_mode_with(uint32_t mode, unsigned top, unsigned tags)
{
    return (mode & ~(uint32_t)X86_MODE_X87) | (top & 7) << X86_MODE_TOP_SHIFT | (tags & 0xff) << X86_MODE_TAG_SHIFT;
}

TANDEM_BEGIN_DECLS
extern const struct ir_state x86_state_table;
/* EFLAGS as pushf shows them, and the reverse (popf from user mode: IF, IOPL stay). */
uint32_t x86_get_eflags(const struct x86_state *s);
void x86_set_eflags(struct x86_state *s, uint32_t eflags);
/* guest_cpu.settle: all flags are in their rows. */
void x86_settle(struct cpu *cpu);
TANDEM_END_DECLS

static inline struct x86_state *x86_state_of(struct cpu *cpu) { return (struct x86_state *)cpu->guest; }
static inline const struct x86_state *x86_state_const(const struct cpu *cpu)
{
    return (const struct x86_state *)cpu->guest;
}

#endif
