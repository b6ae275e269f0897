/* SPDX-License-Identifier: Apache-2.0 */
/* struct cpu: everything generated code can reach. One per guest thread.
 *
 * I1  A guest register lies in cpu->guest, at the offset that its row of the state table says (src/ir/state.h). While
 *     generated code runs, the pinned ones live in the host registers listed below instead. The enter and leave glue of
 *     tcg moves them, so outside generated code they are in cpu->guest, too: in the dispatcher, in system calls, in
 *     helpers that declare that they read them.
 * I2  The host register that holds struct cpu * and those that hold pinned guest registers are exactly the ones in
 *     which LLVM's GHC calling convention passes its arguments, so a jump between tiers needs no glue.
 * I3  fp_env is the guest's FP environment in the host's layout (src/host/fpenv.h). While generated code runs, it is
 *     in the host's FPU, where sticky flags accumulate, and host_fp_env keeps C's. Outside generated code the FPU has
 *     C's environment, and fp_env the guest's. The guest's flags are fp_flags | those of its environment. Exceptions
 *     may be unmasked there (src/ir/fp_watch.h).
 *     A guest with x87 has its control word (exceptions masked) and its exception flags in the host's x87 unit for as
 *     long as its thread lives: C code here uses no x87. Between blocks and wherever C code runs the host's x87 stack
 *     is empty. A host without that unit has them in fpx_cw and fpx_flags (src/host/x87.h).
 * I4  Generated code runs on a stack of its own, from jit_sp_base downwards. A guest call is a host call there: it
 *     pushes a level, 16 bytes of which [rsp] is the host's return address and [rsp+8] the guest's.
 *     A guest return compares its target with the level on top. If they match, it is a host ret, which the host's
 *     return predictor knows; if not, ret_miss of tcg's glue decides.
 *     A level is marked by storing the complement of the guest's return address. It says that no status flag is read
 *     there before it is written; a return that matches a marked level need not have stored the flags.
 *     The stack is a hint: it may be dropped at any block boundary, as it is when code is freed.
 * I5  A region may be entered at its head, whose number is 0, or at another of its blocks that has a number. Each
 *     entry has code of its own, which finds what any block finds.
 */
#ifndef TANDEM_BASE_CPU_H
#define TANDEM_BASE_CPU_H

#include "src/base/types.h"

enum {
    CPU_GUEST_STATE_SIZE = 2048,
    CPU_PINNED_GPRS = 9, /* order: rbp r12 rbx r14 rsi rdi r8 r9 r15 (GHC arguments 2..10; argument 1 = r13 = cpu) */
    CPU_PINNED_FPRS = 6, /* order: xmm1 .. xmm6 (GHC floating-point arguments) */
    CPU_IBTC_SIZE = 1 << 12,                  /* entries at first, a power of two as all sizes */
    CPU_IBTC_MAX_SIZE = 1 << 14,              /* ... that it grows to, by use */
    CPU_IBTC_FOLD = 12,                       /* bits above these count, too: functions begin at multiples of 16 */
    CPU_MODE_BITS = 16,                       /* of a guest's translation mode */
    CPU_IBTC_MODE_SHIFT = 64 - CPU_MODE_BITS, /* the mode lies above the bits of a canonical address */
    CPU_ALIGN = 64,                           /* of struct cpu, a power of two */
    CPU_MAX_ENTRIES = 63,                     /* of a region besides its head (I5) */
    CPU_RET_MISSES = 64,                      /* a power of two */
    CPU_SPILL_SLOTS = 64,                     /* 16 bytes each */
    CPU_JIT_STACK_HEADROOM = 256 << 10,       /* bytes below jit_sp_limit for frames of regions and C helpers */
};

/* No guest's code is there, nor at the complement. */
#define CPU_NO_RETURN UINT64_C(0x5555555555555555)

/* Why generated code came back to the dispatcher. */
enum cpu_exit {
    CPU_EXIT_LINK,   /* a direct exit that is not chained yet; exit_arg = struct tcg_exit * */
    CPU_EXIT_LOOKUP, /* IBTC miss or mode change; cpu->pc = guest target */
    CPU_EXIT_POLL,   /* cpu->pending was seen; cpu->pc = where to go on */
    CPU_EXIT_HOT,    /* an entry counter ran out; exit_arg = its address */
    CPU_EXIT_TRAP    /* IR trap; exit_arg = enum ir_trap; cpu->pc = the trap's pc */
};

/* One entry of the indirect-branch translation cache: guest address -> host code. pc: the key (cpu_ibtc_key). It may
 * lie in either slot of a pair: that of its index, where it is looked for first, or the other one (cpu_ibtc_other).
 * Empty: a key of another pair, 0 in all pairs but the first (cpu_ibtc_empty). So pages of the table that are not used
 * are not touched. */
struct cpu_ibtc_entry {
    gaddr_t pc;
    const void *host;
};

/* LL/SC reservation (RISC-V LR/SC, Arm LDXR/STXR). */
struct cpu_reservation {
    gaddr_t addr; /* ~0: none */
    uint64_t value[2];
    uint32_t size;    /* bytes */
    uint32_t version; /* of the place, when it was loaded */
};

struct ir_eval_counts;

struct cpu {
    TANDEM_ALIGNED(CPU_ALIGN)
    uint32_t pending;     /* non-zero: leave at the next poll. Written by any thread and by signal handlers */
    uint32_t exit_reason; /* enum cpu_exit */
    gaddr_t pc;           /* guest pc; valid outside generated code, and wherever an exit says so */
    /* The guest's registers: struct rv_state and the like. 16-byte aligned. State rows give offsets from struct cpu. */
    TANDEM_ALIGNED(16) uint8_t guest[CPU_GUEST_STATE_SIZE];
    uint64_t exit_arg;
    uint32_t mode;        /* the guest's translation mode: part of a block's key (see frontend/guest.h) */
    uint32_t fp_flags;    /* enum fp_flag bits raised by software (softfp); see I3 */
    uint32_t fp_env;      /* the guest's FP environment while outside generated code (I3) */
    uint32_t host_fp_env; /* C's FP environment while inside generated code (I3) */
    void *c_sp;           /* the dispatcher's stack pointer while inside generated code */
    void *jit_sp;         /* generated code's stack pointer while outside of it */
    void *jit_sp_base;  /* empty stack: points at a level whose guest return address is CPU_NO_RETURN (never matches) */
    void *jit_sp_limit; /* below this, a call resets the stack to jit_sp_base */
    struct cpu_reservation resv;
    uint32_t ret_misses;                    /* returns that matched no level: every CPU_RET_MISSES-th drops the stack */
    uint32_t fp_watch;                      /* what is known of the flags in the FPU: src/ir/fp_watch.h */
    uint32_t fp_watch_reads, fp_watch_wait; /* readings since the last watch, and for how many the next one waits */
    uint32_t fp_read;                       /* the answer of glue that reads the flags */
    uint64_t polled_from;                   /* CPU_EXIT_POLL: host address of the code that was left; 0: none */
    uint32_t fpx_sw;    /* x87 status word after the last operation whose condition codes are wanted (IR_X87_SW) */
    uint32_t fpx_cw;    /* what is on its way into the host's x87 control word (IR_X87_CW); hosts without one: I3 */
    uint32_t fpx_flags; /* x87 exception flags on hosts without the unit */
    TANDEM_ALIGNED(16) uint64_t spill[CPU_SPILL_SLOTS * 2];
    struct ir_eval_counts *eval_counts; /* calls of ir_eval (src/ir/interp/eval_counts.h); NULL: not counted */
    uint32_t ibtc_mask;                 /* of addresses: its size - 1, times two. Written by the thread alone */
    struct cpu_ibtc_entry ibtc[CPU_IBTC_MAX_SIZE];
};

/* The slot where guest address pc is looked for first. RISC-V code is 2-byte aligned, so bit 0 carries nothing; other
 * guests only lose a bit. That of address 0 is 0. */
static inline unsigned cpu_ibtc_index(const struct cpu *cpu, gaddr_t pc)
{
    uint32_t low = (uint32_t)pc;
    return ((low ^ low >> CPU_IBTC_FOLD) & cpu->ibtc_mask) >> 1;
}

static inline unsigned cpu_ibtc_size(const struct cpu *cpu) { return cpu->ibtc_mask / 2 + 1; }

static inline unsigned cpu_ibtc_other(unsigned slot) { return slot ^ 1; }

/* The key of an empty slot. */
static inline gaddr_t cpu_ibtc_empty(unsigned slot) { return slot < 2 ? 4 : 0; }

/* Of an IBTC that is all zero: it is empty then, and has so many entries. */
static inline void cpu_ibtc_begin(struct cpu *cpu, unsigned size)
{
    cpu->ibtc_mask = (size - 1) * 2;
    for (unsigned slot = 0; slot < 2; slot++)
        cpu->ibtc[slot].pc = cpu_ibtc_empty(slot);
}

/* What an entry for pc holds. Guests whose instructions change the mode (modes) have the mode in it; with
 * others the IBTC is emptied when the mode changes. */
static inline gaddr_t cpu_ibtc_key(gaddr_t pc, uint32_t mode, bool modes)
{
    return modes ? pc ^ (gaddr_t)mode << CPU_IBTC_MODE_SHIFT : pc;
}

#endif
