/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of tier 1 share: the state of one translation, the register allocator's interface, the emitters.
 * A struct tcg lives for one call of tcg_translate, on one thread. */
#ifndef TANDEM_TCG_X86_64_INTERNAL_H
#define TANDEM_TCG_X86_64_INTERNAL_H

#include <assert.h>

#include "src/ir/ir.h"
#include "tcg/tcg.h"
#include "tcg/x86_64/asm.h"

/* Offsets from r13 (struct cpu) */
#define TCG_CPU_OFF(field) ((int32_t)offsetof(struct cpu, field))
#define HX_CPU(field)      TCG_MEM(HX_R13, TCG_CPU_OFF(field))

/* cpu->spill slots 0..7 carry operands and the result of ir_eval; the rest hold values. */
enum { TCG_EVAL_ARG_BYTES = 32, TCG_EVAL_RESULT_OFF = 96, TCG_FIRST_SPILL_SLOT = 8 };
enum { TCG_MAX_TRACKED_ROWS = 256 };
enum { TCG_MAX_OPERANDS = 4, TCG_MAX_PINNED = CPU_PINNED_GPRS + CPU_PINNED_FPRS };

/* Constants in the glue, at glue->consts; 16 bytes each so that they serve as packed operands. */
enum tcg_const {
    TCG_K_SIGN64,
    TCG_K_ABS64,
    TCG_K_SIGN32,
    TCG_K_ABS32,
    TCG_K_NAN64,
    TCG_K_NAN32,
    TCG_K_TWO63_F64,
    TCG_K_TWO63_F32,
    TCG_K_TWO32_F64,
    TCG_K_TWO32_F32,
    TCG_K_MINUS1_F64,
    TCG_K_MINUS1_F32,
    TCG_K_COUNT
};

/* Where a value can be found beside a register: 0 nowhere, 1 + slot, or TCG_HOME_ROW + state row. */
enum { TCG_HOME_NONE = 0, TCG_HOME_ROW = 128 };

enum tcg_val_flag {
    TCG_VF_CONST = 1, /* a CONST: no code until needed; its register, if any, can be dropped */
    TCG_VF_FUSED = 2, /* emitted by its only consumer */
    TCG_VF_ZX = 4,    /* narrower than 64 bits, and known to be zero-extended in its register */
    TCG_VF_DEAD = 8   /* past its last use */
};

struct tcg_val {
    uint16_t uses; /* of the whole block */
    uint16_t last; /* index of the instruction that uses it last */
    ir_ref next;   /* next value in the same register */
    uint16_t home;
    int8_t reg;    /* host register or TCG_NO_REG */
    int8_t hint;   /* pinned register that a later PUT wants it in, or TCG_NO_REG */
    uint8_t flags; /* enum tcg_val_flag */
    uint8_t type;  /* enum ir_type of the result */
};

/* Code at the end of the block, reached by the jump whose rel32 ends at from. */
struct tcg;
struct tcg_cold {
    void (*emit)(struct tcg *t, const struct tcg_cold *c);
    uint32_t from, from2; /* 0: none */
    uint32_t back;        /* where to go on */
    int8_t r[4];
    uint32_t x;
    uint64_t imm;
};

struct tcg_pin {
    int8_t reg;
    uint16_t row;
    int32_t disp;
    ir_ref value; /* whose value the register holds, or IR_NO_REF */
};

/* x87_stack.c */
struct tcg_x87 {
    ir_ref st[8];  /* the values on the host's x87 stack, from the bottom */
    ir_ref put[8]; /* per tagged row: the value that is not stored yet */
    unsigned depth;
    uint32_t mode;  /* the guest's, here */
    uint32_t noted; /* x87 of the pc map's last entry */
    uint32_t kept
        [8]; /* per tagged row: index of the last instruction up to which it must not be forgotten when it is empty */
};

struct tcg {
    struct tcg_buf a;
    const struct tcg_request *req;
    const struct tcg_glue *glue;
    const struct ir_block *block;
    const struct ir_insn *insns;
    uint32_t features;
    enum status status;
    ir_ref cur;      /* instruction being translated */
    gaddr_t insn_pc; /* guest instruction being translated */
    bool insn_clean; /* nothing it did is visible yet: it can be started again */
    struct tcg_val *val;
    ir_ref *row_val; /* per state row: the value whose home it is */
    int8_t *row_pin; /* per state row: index into pin, or -1 */
    ir_ref reg_head[TCG_HOST_REGS];
    uint32_t locked; /* registers that the current instruction uses */
    uint32_t temps;  /* of them, those that hold no value */
    uint32_t pinned_mask;
    uint32_t scratch_xmm; /* XMM registers that no guest register is pinned to */
    uint64_t slots;       /* spill slots in use */
    struct tcg_x87 x87;
    uint32_t random;
    struct tcg_pin pin[TCG_MAX_PINNED];
    unsigned pin_count;
    struct tcg_cold *cold;
    unsigned cold_count, cold_max;
    unsigned exit_count, map_count;
    gaddr_t return_pc; /* of CALL_HINT */
    bool has_return;
};

/* ---- ops.c: the table of operations ---- */
typedef void tcg_emit_fn(struct tcg *t, const struct ir_insn *in, unsigned param);
struct tcg_op {
    tcg_emit_fn *emit;
    uint8_t param;
};
struct tcg_fact {
    uint8_t nargs;    /* value operands at most */
    uint8_t result;   /* IR_VOID none, IR_I1, or IR_TYPE_COUNT = the type field */
    uint16_t effects; /* enum ir_effect */
};
extern const struct tcg_op tcg_ops[IR_OP_COUNT];
extern const struct tcg_fact tcg_facts[IR_OP_COUNT];
/* Parameters of emitters that serve several operations */
enum { TCG_DIV_SIGNED = 1, TCG_DIV_REM = 2 };
enum { TCG_FP_ADD, TCG_FP_SUB, TCG_FP_MUL, TCG_FP_DIV, TCG_FP_SQRT };
enum { HX_PS_SRL = 2, HX_PS_SRA = 4, HX_PS_SLL = 6 }; /* digits of the vector shifts */

/* ---- liveness.c ---- */
/* Fills val[]: uses, last use, fusion, register hints. */
void tcg_liveness(struct tcg *t);
unsigned tcg_effects(const struct ir_insn *in);
/* Never a signaling NaN: the result of FP arithmetic. */
bool tcg_is_quiet(const struct tcg *t, ir_ref v);
/* And if it is a NaN, any will do. */
bool tcg_is_raw(const struct tcg *t, ir_ref v);
static inline unsigned tcg_nargs(const struct ir_insn *in)
{
    unsigned n = tcg_facts[in->op].nargs, k = 0;
    while (k < n && in->arg[k] != IR_NO_REF)
        k++;
    return k;
}

/* ---- regalloc.c, regalloc_row.c ---- */
enum tcg_reg_class { TCG_RC_GPR, TCG_RC_FPR, TCG_RC_MEM };
static inline enum tcg_reg_class tcg_class(unsigned type)
{
    return type <= IR_I64 ? TCG_RC_GPR : type == IR_F32 || type == IR_F64 || type == IR_V128 ? TCG_RC_FPR : TCG_RC_MEM;
}
static inline unsigned tcg_size(unsigned type) /* TCG_SZ8.. of an integer type */
{
    return type <= IR_I8 ? TCG_SZ8 : type == IR_I16 ? TCG_SZ16 : type == IR_I32 ? TCG_SZ32 : TCG_SZ64;
}
void ra_init(struct tcg *t);
/* The value in a register of its class, locked until the end of the instruction. */
int ra_use(struct tcg *t, ir_ref v);
/* Like ra_use, but if the value is only in memory and dies here, or is a fused load: TCG_NO_REG, and *m is
 * its place. */
int ra_use_rm(struct tcg *t, ir_ref v, struct tcg_mem *m);
/* The place of a value that is in memory. */
struct tcg_mem ra_home_mem(const struct tcg *t, ir_ref v);
/* A scratch register without content until the end of the instruction. */
int ra_tmp(struct tcg *t, enum tcg_reg_class rc);
/* Gives a temporary (or a locked operand that is no longer needed) back early. */
void ra_unlock(struct tcg *t, int reg);
/* The register for the result of the current instruction: the hinted one, else prefer or prefer2 if they come free
 * here, else any. Never one of avoid (mask). */
int ra_def(struct tcg *t, int prefer, int prefer2, uint32_t avoid);
/* Result is in reg, a temporary: make it the result's register (or move it to the hinted one). */
void ra_def_in(struct tcg *t, int reg);
/* The result is the same bits as v: share its register. */
void ra_def_alias(struct tcg *t, ir_ref v);
/* The result is in a fresh spill slot (class TCG_RC_MEM): its place. */
struct tcg_mem ra_def_mem(struct tcg *t);
/* to := from, of class TCG_RC_MEM */
void ra_copy_wide(struct tcg *t, unsigned type, struct tcg_mem to, struct tcg_mem from);
/* Reserves one particular scratch register as a temporary; what lives there moves. */
void ra_take(struct tcg *t, int reg);
/* Reserves scratch register reg and puts a copy of v there. keep: v is used by this instruction otherwise, too. */
void ra_take_copy(struct tcg *t, int reg, ir_ref v, bool keep);
/* Where a value of class TCG_RC_MEM is (constants are written out first). */
struct tcg_mem ra_wide(struct tcg *t, ir_ref v);
/* Moves everything that lives on out of scratch registers; all: out of pinned registers and state rows, too (the
 * current instruction changes guest state behind the translator's back). */
void ra_flush(struct tcg *t, bool all);
void ra_end(struct tcg *t);
/* GET and PUT */
void ra_get_row(struct tcg *t, unsigned row);
void ra_put_row(struct tcg *t, unsigned row, ir_ref v);
struct tcg_mem ra_row_mem(const struct tcg *t, unsigned row);
/* Loads v into reg without touching the allocation (v must not be fused). */
void ra_load_into(struct tcg *t, int reg, ir_ref v);
/* Move between registers of one class */
void ra_move(struct tcg *t, int dst, int src);
/* Moves between a register and memory, by type */
void ra_load_mem(struct tcg *t, unsigned type, int reg, struct tcg_mem m);
void ra_store_mem(struct tcg *t, unsigned type, struct tcg_mem m, int reg);

static inline bool tcg_const_of(const struct tcg *t, ir_ref v, uint64_t *bits)
{
    if (!(t->val[v].flags & TCG_VF_CONST))
        return false;
    *bits = t->insns[v].imm;
    return true;
}
/* Both halves of a constant of 128 bits; false if v is none. */
static inline bool tcg_const_vec(const struct tcg *t, ir_ref v, uint64_t *lo, uint64_t *hi)
{
    const struct ir_insn *in = &t->insns[v];
    if (!(t->val[v].flags & TCG_VF_CONST))
        return false;
    *lo = in->imm;
    *hi = in->arg[0] | (uint64_t)in->arg[1] << 16 | (uint64_t)in->arg[2] << 32 | (uint64_t)in->arg[3] << 48;
    return true;
}
/* A constant that fits an imm32 of an operation on the given type. */
bool tcg_imm32(const struct tcg *t, ir_ref v, unsigned type, int32_t *imm);
/* A load that its consumer emits as a memory operand */
static inline bool tcg_is_fused_load(const struct tcg *t, ir_ref v)
{
    return t->val[v].flags & TCG_VF_FUSED && t->insns[v].op == IR_LD;
}
static inline bool tcg_dies(const struct tcg *t, ir_ref v) { return t->val[v].last <= t->cur; }

/* ---- translate.c ---- */
struct tcg_cold *tcg_cold_add(struct tcg *t, void (*emit)(struct tcg *, const struct tcg_cold *), uint32_t from);
void tcg_fail(struct tcg *t, enum status s);

/* ---- emitters: the rows of ops.def ---- */
#define EMIT(op, fn, param) tcg_emit_fn tcg_emit_##fn;
#include "tcg/x86_64/ops.def"
#undef EMIT
/* IR_MEM_ALIGNED: a misaligned address traps before anything of the operation happens. */
void tcg_check_aligned(struct tcg *t, const struct ir_insn *in);
/* Out of line through ir_eval: any value or memory operation. */
void tcg_fallback(struct tcg *t, const struct ir_insn *in);

/* A condition in the flags. par: EQ-like FP conditions also need the parity flag. */
enum tcg_parity { TCG_PAR_NONE, TCG_PAR_AND_NP, TCG_PAR_OR_P }; /* cc && !P; cc || P */
struct tcg_cond {
    uint8_t cc, par;
};
/* Emits code that sets the flags for i1 value v; start: offset where the code that sets flags begins. */
struct tcg_cond tcg_emit_cond(struct tcg *t, ir_ref v, uint32_t *start);
/* CARRY to PARITY of up to 64 bits: left in the host's flags (emit_flags.c) */
bool tcg_is_flag(const struct ir_insn *in);
struct tcg_cond tcg_emit_flag(struct tcg *t, const struct ir_insn *in, uint32_t *start);
/* Leaves through glue->exit_trap with cpu->pc = pc. */
void tcg_emit_trap_exit(struct tcg *t, unsigned trap, gaddr_t pc);
/* FCMP part of it (emit_fp.c) */
struct tcg_cond tcg_emit_fp_cond(struct tcg *t, const struct ir_insn *in, uint32_t *start);
static inline struct tcg_cond tcg_cond_not(struct tcg_cond c)
{
    return (struct tcg_cond){c.cc ^ 1, c.par == TCG_PAR_NONE     ? TCG_PAR_NONE
                                       : c.par == TCG_PAR_AND_NP ? TCG_PAR_OR_P
                                                                 : TCG_PAR_AND_NP};
}
/* reg32 := 0 or 1 */
void tcg_emit_setcond(struct tcg *t, struct tcg_cond c, int reg);
/* The memory operand for address v + disp, folding fused address arithmetic. simple: base and displacement only. */
struct tcg_mem tcg_address(struct tcg *t, ir_ref v, int64_t disp);

/* FP: d := op(a, b) with VEX or SSE */
void tcg_fp3(struct tcg *t, unsigned op, int d, int a, int b);
void tcg_fp3_m(struct tcg *t, unsigned op, int d, int a, struct tcg_mem m);
/* two-operand forms: moves, compares, to and from general registers */
void tcg_fp2(struct tcg *t, unsigned op, unsigned w, int reg, int rm);
void tcg_fp2_m(struct tcg *t, unsigned op, int reg, struct tcg_mem m);
/* ---- vectors (emit_vec.c) ---- */
bool tcg_has(const struct tcg *t, uint32_t features); /* all of them */
/* Width of a vector element as a power of two bytes, floats as their bits; -1: not an element */
int tcg_elem_index(unsigned elem);
/* ra_use_rm where packed instructions take unaligned memory operands, else ra_use */
int tcg_vec_rm(struct tcg *t, ir_ref v, struct tcg_mem *m);
/* d := op(a, b), or op(a, [m]) if b is TCG_NO_REG */
void tcg_vec3(struct tcg *t, unsigned op, int d, int a, int b, struct tcg_mem m);
/* For ra_def: without AVX, the result must not be in b, which is still needed when a has been moved there. */
uint32_t tcg_vec_avoid(const struct tcg *t, int a, int b);
/* The current instruction is op(a, b). */
void tcg_vec_binary(struct tcg *t, unsigned op, ir_ref a, ir_ref b);
/* d := a shifted by count; op one of HX_PSHIFT*_I */
void tcg_vec_shift_imm(struct tcg *t, unsigned op, unsigned digit, int d, int a, unsigned count);
/* A scalar operation's FP attributes are ones that host instructions have. */
bool tcg_fp_native(const struct ir_insn *in);
/* The same for scalars and 128-bit vectors of f32 and f64, which *form tells apart. */
struct tcg_fp_form {
    bool f64, packed;
};
bool tcg_fp_form(const struct ir_insn *in, struct tcg_fp_form *form);
/* The form of an arithmetic instruction, given as its scalar f32 one (HX_ADDSS) */
unsigned tcg_fp_op(unsigned scalar_f32, bool f64, bool packed);
/* Around an instruction that rounds in mode rm: nothing for IR_RDYN */
void tcg_rm_begin(struct tcg *t, unsigned rm);
void tcg_rm_end(struct tcg *t, unsigned rm);
static inline struct tcg_mem tcg_k(const struct tcg *t, enum tcg_const k) { return HX_ADDR(t->glue->consts + 16 * k); }

/* ---- x87_stack.c ---- */
void xs_init(struct tcg *t);
/* v is on the host's x87 stack, and stays there for this instruction. */
void xs_use(struct tcg *t, ir_ref v);
/* i of v's ST(i) */
unsigned xs_at(const struct tcg *t, ir_ref v);
void xs_to_top(struct tcg *t, ir_ref v);
/* Nothing needs v after this instruction. */
bool xs_ends(const struct tcg *t, ir_ref v);
/* v, which ends, is replaced by the instruction's result or popped. */
void xs_take(struct tcg *t, ir_ref v);
/* Room for n more; operands stay. */
void xs_room(struct tcg *t, unsigned n);
/* A copy of v on top, without a name yet. */
void xs_copy(struct tcg *t, ir_ref v);
/* The host's instruction pushes, pops; its result is in ST(i). */
void xs_pushed(struct tcg *t);
void xs_popped(struct tcg *t);
void xs_def(struct tcg *t, unsigned i);
/* Before an access that can fault, if the stack has changed since the instruction began: a line of the pc map. */
void xs_note(struct tcg *t);
/* GET, PUT of f80 rows (false: not one that is kept here; v is in memory), PUT of the mode */
void xs_before_get(struct tcg *t, unsigned row);
bool xs_put(struct tcg *t, unsigned row, ir_ref v);
void xs_put_mode(struct tcg *t, uint32_t mode);
/* Around each instruction; v is past its last use. */
void xs_before(struct tcg *t, const struct ir_insn *in);
void xs_end(struct tcg *t);
void xs_kill(struct tcg *t, ir_ref v);
/* Everything to memory. */
void xs_flush(struct tcg *t);

/* ---- emit_ctl.c ---- */
/* A line of the pc map for here; x87: as in struct tcg_pc_map */
void tcg_map_add(struct tcg *t, uint32_t x87);

/* ---- emit_x87.c ---- */
/* FNEG, FABS of f80 */
void tcg_x87_sign(struct tcg *t, const struct ir_insn *in, bool abs);

/* ---- emit_mem.c: C side of GETX and PUTX ---- */
void tcg_getx_helper(struct cpu *cpu, uint64_t where, uint64_t index, void *value);
void tcg_putx_helper(struct cpu *cpu, uint64_t where, uint64_t index, void *value);

/* ---- glue.c ---- */
extern const int8_t tcg_pinned_gprs[CPU_PINNED_GPRS]; /* host registers in the order of pinned rows */
extern const int8_t tcg_pinned_fprs[CPU_PINNED_FPRS];
/* IBTC probe for the guest address in rax; uses rcx and rdx. */
void tcg_emit_ibtc(struct tcg_buf *a, const struct tcg_glue *glue);
/* At a landing: if the mode is not exit->mode (and glue->modes), through the IBTC to exit->pc. */
void tcg_emit_mode_check(struct tcg_buf *a, const struct tcg_glue *glue, const struct tcg_exit *exit);

/* ---- exits.c: pieces of exits that both tiers use ---- */
/* Jump to the stub of exit (rax = exit, jmp exit_link). */
void tcg_emit_link_stub(struct tcg_buf *a, const struct tcg_glue *glue, const struct tcg_exit *exit);
/* push the return address as a level of the return stack (rcx is free) */
void tcg_emit_push_return(struct tcg_buf *a, gaddr_t pc);
/* An aligned patchable jmp (0xe9) or call (0xe8); fills exit->jmp_off relative to base. Returns the offset past the
 * rel32. */
uint32_t tcg_emit_patchable(struct tcg_buf *a, unsigned opcode, const uint8_t *base_rx, struct tcg_exit *exit);
/* cmp dword [r13 + pending], 0; jne: returns the offset past the rel32 */
uint32_t tcg_emit_poll(struct tcg_buf *a);
/* cmp rsp, limit; jb: returns the offset past the rel32 */
uint32_t tcg_emit_stack_check(struct tcg_buf *a);

/* Caller-saved host registers that generated code keeps live across a C call */
#define HX_CALLER_SAVED_PINS ((1u << HX_RSI) | (1u << HX_RDI) | (1u << HX_R8) | (1u << HX_R9) | 0x7eu << HX_XMM0)

#endif
