/* SPDX-License-Identifier: Apache-2.0 */
/* Tier 1: turns one IR block into host code, fast; and all glue between generated code and C, for both tiers.
 *
 * Code is written through a writable alias (rw) of memory that runs at another address (rx); nothing here needs W^X to
 * be broken. Functions are pure but for the buffers they are given: any thread.
 *
 * Host register contract (x86-64), the same as LLVM's GHC calling convention:
 *   r13 = struct cpu *; pinned guest GPRs: rbp r12 rbx r14 rsi rdi r8 r9 r15; pinned guest FPRs: xmm1..xmm6;
 *   scratch: rax rcx rdx r10 r11, xmm0, xmm7..xmm15; rsp = generated code's stack, rsp % 16 == 8 at block entry.
 * Block entry: all other guest registers are in memory. Every exit leaves by a jump with the same contract.
 */
#ifndef TANDEM_TCG_TCG_H
#define TANDEM_TCG_TCG_H

#include "src/base/cpu.h"
#include "src/ir/exits.h"
#include "src/ir/ir.h"
#include "src/ir/state.h"

/* Entry points of the glue, emitted once per code cache. Addresses are rx. */
struct tcg_glue {
    const uint8_t *enter;     /* void enter(struct cpu *, const void *host): C ABI; runs code until an exit */
    const uint8_t *exit_link; /* jumped to by unchained direct exits with rax = struct tcg_exit * */
    const uint8_t
        *exit_link_of; /* the same with rax = the first exit of the block, and on the stack the number of one */
    const uint8_t *exit_lookup; /* with rax = guest target: leaves with CPU_EXIT_LOOKUP */
    const uint8_t *exit_poll;   /* called, with rax = guest target: does not return, but notes who called */
    const uint8_t *exit_hot;    /* with rax = the address of the counter; cpu->pc is not set */
    const uint8_t *exit_trap;   /* with eax = enum ir_trap; cpu->pc set */
    const uint8_t *ibtc_other;  /* jumped to by an IBTC probe that failed in the first slot */
    const uint8_t *ibtc_plain;  /* the same of a probe whose key was the guest address itself */
    const uint8_t *jump_ind;    /* with rax = guest target: IBTC probe, then jump or exit_lookup */
    const uint8_t *ret_miss; /* with rax = guest target: a return whose target is not [rsp+8]: looks a few levels up the
                                  stack; if nothing matches, ends as jump_ind */
    const uint8_t *fp_flags; /* called: cpu->fp_read := the accrued FP flags; every register is kept */
    const uint8_t *eval;     /* called: ir_eval of the instruction at rsi with types at rdx, operands and result in
                                  cpu->spill as for tcg's own calls; every register is kept */
    size_t size;             /* bytes of code used */
    uint32_t features;       /* enum tcg_feature: what the host has; tests clear bits to reach the other paths */
    bool modes;              /* the guest has a mode_row (ir.h): IBTC entries and landings are for one mode */
    const uint8_t *consts;   /* constants that generated code refers to (layout private to tcg) */
};

/* Optional host instructions that tier 1 uses. Detected by tcg_emit_glue. */
enum tcg_feature {
    TCG_HAS_AVX = 1,
    TCG_HAS_FMA = 2,
    TCG_HAS_BMI1 = 4,
    TCG_HAS_BMI2 = 8,
    TCG_HAS_LZCNT = 16,
    TCG_HAS_POPCNT = 32,
    TCG_HAS_CLMUL = 64,
    TCG_HAS_SSSE3 = 128,
    TCG_HAS_SSE41 = 256,
    TCG_HAS_SSE42 = 512,
    TCG_HAS_AVX2 = 1024,
    TCG_HAS_AES = 2048,
    TCG_HAS_SHA = 4096
};

enum { TCG_MAX_EXITS = 127 }; /* of a block; one with more is too large */

/* Bytes of code at most, for who reserves room: the glue, an exit of tier 2. */
enum { TCG_GLUE_BYTES = 4096, TCG_EXIT_BYTES = 168 };

/* One way out of a piece of code. The owner (runtime) keeps an array of these, alive as long as the code; its address
 * is baked into the exit's stub. */
struct tcg_exit {
    gaddr_t pc;         /* where the guest goes on, if the kind knows it (exits.def) */
    uint32_t jmp_off;   /* offset of the patchable rel32 from the code's start, 4-aligned; 0 = not patchable */
    uint32_t stub_off;  /* offset of the code the rel32 points at while not chained */
    uint8_t kind;       /* enum ir_exit_kind */
    uint8_t trap;       /* enum ir_trap for TRAP */
    uint8_t poll;       /* the exit polls cpu->pending first (backward target) */
    uint8_t free_flags; /* LANDING: no status flag is read at pc: the level is marked (cpu.h I4) */
    uint16_t mode;      /* where it goes on; a LANDING that is reached in another mode uses the IBTC */
    /* the rest belongs to the owner of the array */
    bool waits;            /* in the list of those that wait for a block at pc */
    uint8_t share;         /* 1 + of IR_SHARE_ONE executions of the block, how many leave here; 0: not counted */
    void *owner;           /* struct tb or region that holds the code */
    void *target;          /* what it is chained to, or NULL */
    struct tcg_exit *next; /* in the target's list of incoming exits */
};

/* Maps host code back to guest instructions, for faults: ascending host offsets. */
enum { TCG_MAP_REPLAYS = 0x8000, TCG_MAP_OFFSET = 0x7fff };
struct tcg_pc_map {
    uint16_t host_off;
    uint16_t guest_off; /* from the block's pc; and TCG_MAP_REPLAYS, if the instruction is one of IR_INSN_REPLAYS */
    uint32_t x87;       /* 4 bits for each tagged row (ir.h): 8 + i if it is in the host's ST(i), else 0 */
};

/* An address in a block's code: what has to change if the code, or what it refers to, is elsewhere. Places within the
 * block are none. */
enum tcg_reloc_kind { TCG_RELOC_ABS64, TCG_RELOC_REL32 };
struct tcg_reloc {
    uint32_t off;  /* of the field, from the code's start */
    uint8_t kind;  /* enum tcg_reloc_kind */
    uint8_t tail;  /* REL32: bytes between the field's end and the next instruction */
    uint64_t addr; /* what is referred to: the glue, an exit, the counter, or something of tandem's own */
};

struct tcg_request {
    const struct ir_block *block;
    uint8_t *rw;       /* where to write */
    const uint8_t *rx; /* where it will run; 8-byte aligned */
    size_t capacity;
    const struct tcg_glue *glue;
    /* Within 2 GiB of rx, or NULL. The block then has a second entry (counter_off), which decrements the counter, and
     * goes on to the first; or leaves through exit_hot when it becomes negative. */
    int32_t *counter;
    struct tcg_exit *exits; /* filled; address baked into the code */
    unsigned max_exits;
    struct tcg_pc_map *map; /* filled; may be NULL */
    unsigned max_map;
    struct tcg_reloc *relocs; /* filled; may be NULL */
    unsigned max_relocs;
    /* Not NULL: before running, compare block->guest_bytes bytes at block->pc with this copy; if different leave
     * through exit_trap with IR_TRAP_ICACHE_SYNC and cpu->pc = block->pc. */
    const uint8_t *check_code;
    unsigned random_seed; /* not 0: choose registers at random (tests) */
};

struct tcg_result {
    size_t size;          /* bytes of code */
    uint32_t counter_off; /* the entry that counts, if there is a counter */
    unsigned exit_count;
    unsigned map_count;
    unsigned reloc_count; /* max_relocs + 1: there are more */
};

TANDEM_BEGIN_DECLS
/* False in a build without tier 1 (tcg/none), which translates nothing. */
extern const bool tcg_available;

/* Emits the glue. STATUS_CACHE_FULL if capacity is less than TCG_GLUE_BYTES. state gives the pinned rows. */
enum status tcg_emit_glue(uint8_t *rw, const uint8_t *rx, size_t capacity, const struct ir_state *state,
                          struct tcg_glue *glue);

/* Translates one block. STATUS_CACHE_FULL: the buffer is too small; STATUS_TOO_LARGE: too many exits or values. */
enum status tcg_translate(const struct tcg_request *req, struct tcg_result *result);

/* Writes an address into code at field, which will run at rx: that of addr. False: it is too far away. */
bool tcg_relocate(const struct tcg_reloc *reloc, uint8_t *field, const uint8_t *rx, uint64_t addr);

/* Emits the code of one exit, to which tier-2 code jumps: exit->kind, pc, trap, poll are given; jmp_off and stub_off
 * are filled, relative to base_rx (the start of the region's code). For the kinds that call, ret is the exit record of
 * the landing (kind LANDING, pc = return address); inner is for LEVEL: the code of the exit that it goes on to. Targets
 * that the kind does not know are in cpu->pc. Returns bytes used; 0 if capacity is less than TCG_EXIT_BYTES. */
size_t tcg_emit_exit(uint8_t *rw, const uint8_t *rx, size_t capacity, const uint8_t *base_rx,
                     const struct tcg_glue *glue, struct tcg_exit *exit, struct tcg_exit *ret, const uint8_t *inner);

/* Points the patchable jump at host code target (or back at its stub if NULL). One atomic store. base: the code's
 * start. */
void tcg_patch_exit(uint8_t *base_rw, const uint8_t *base_rx, const struct tcg_exit *exit, const uint8_t *target);

/* An exit that is counted jumps to the code of one of these instead of its target: the code adds one to count, and
 * jumps to target. Generated code reads it: what is in target may still be jumped to until a grace period is over. */
struct tcg_edge {
    const uint8_t *target; /* atomic */
    uint64_t count;        /* atomic; threads may lose each other's */
};
enum { TCG_EDGE_BYTES = 16 }; /* of each one's code */
/* Writes the code of count of them to code, where it will run; the edges are within 2 GiB of it. */
void tcg_emit_edges(uint8_t *code, const struct tcg_edge *edges, unsigned count);
/* Where the patchable jump goes. base_rx: the code's start. */
const uint8_t *tcg_exit_goes(const uint8_t *base_rx, const struct tcg_exit *exit);

/* Reads the rows that the pc map says to be on the host's x87 stack (tcg_pc_map.x87) from a signal context into
 * cpu->guest. */
void tcg_save_x87(struct cpu *cpu, const struct ir_state *state, uint32_t x87, const void *ucontext);

/* Reads pinned guest registers from a signal context (ucontext_t *) of generated code into cpu->guest. */
void tcg_save_pinned(struct cpu *cpu, const struct ir_state *state, const void *ucontext);

/* Runs generated code at host on this thread until it leaves; then cpu->exit_reason says why. */
static inline void tcg_enter(const struct tcg_glue *glue, struct cpu *cpu, const void *host)
{
    union {
        const uint8_t *p;
        void (*fn)(struct cpu *, const void *);
    } u = {.p = glue->enter};
    u.fn(cpu, host);
}
TANDEM_END_DECLS

#endif
