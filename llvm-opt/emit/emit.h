/* SPDX-License-Identifier: Apache-2.0 */
/* Private to emit and plan: the state of building one region into LLVM IR. */
#ifndef TANDEM_LLVM_OPT_EMIT_H
#define TANDEM_LLVM_OPT_EMIT_H

#include "llvm-opt/emit/compiler.h"

/* What a floating-point row holds at a point of the region: a set (more than one bit: depends on the way taken). */
enum {
    LOPT_K_EXACT = 1,  /* row->d is the register */
    LOPT_K_RAW = 2,    /* row->d, a quiet NaN in it standing for the canonical one */
    LOPT_K_BOX = 4,    /* row->s, boxed */
    LOPT_K_RAWBOX = 8, /* row->s, a quiet NaN in it standing for the canonical one, boxed */
    LOPT_K_SINGLE = LOPT_K_BOX | LOPT_K_RAWBOX,
    LOPT_K_DOUBLE = LOPT_K_EXACT | LOPT_K_RAW,
    LOPT_K_KINDS = 15,
    LOPT_K_DIRTY = 16, /* cpu->guest may be out of date (pinned rows: always at entry) */
    LOPT_K_REACHED = 32,
    LOPT_K_ABSENT = 64 /* the allocas may not hold it; then cpu->guest does (never together with LOPT_K_DIRTY) */
};

/* One guest register in the region. Rows past the guest's own are the fields of cpu->resv. */
struct lopt_row {
    uint16_t offset;         /* from struct cpu */
    uint8_t type;            /* enum ir_type */
    int8_t pin_gpr, pin_fpr; /* index among the pinned, or -1 */
    int8_t flag;             /* number of the status flag that it is (ir_state.flags), or -1 */
    bool used;
    bool in_memory; /* indexed access (GETX, PUTX): never promoted */
    bool need_s;    /* read as f32 somewhere: row->s is kept up to date with every kind */
    bool eager;     /* only LOPT_K_EXACT is put */
    bool at_entry; /* loaded there, if it is full: a load of 80 bits is slow, and keeping the value costs no register */
    uint64_t exact_reads, soft_puts;   /* executions: reads of its exact value; puts of other kinds */
    uint8_t all_kinds;                 /* union over the region */
    uint8_t tagging;                   /* enum lopt_tagging */
    uint64_t raw, single;              /* this row's bits in l->tags, if tagging */
    LLVMValueRef d, s;                 /* allocas: of the row's type; of f32 */
    bool split;                        /* a vector held as its lower f64 and its upper 64 bits (split.c) */
    uint64_t scalar_puts, vector_uses; /* executions: puts that change the lower f64 alone; other puts and reads */
    LLVMValueRef low, high;            /* allocas, if split: of f64; of i64 */
};

/* Where the kind of a row depends on the way taken, bits of l->tags say which it is: kept up to date by every PUT, or
 * only set before the shared way out, or not needed. */
enum lopt_tagging { LOPT_TAG_NONE, LOPT_TAG_AT_EXIT, LOPT_TAG_ALWAYS };

enum lopt_form { LOPT_FORM_NONE, LOPT_FORM_PLAIN, LOPT_FORM_CANON, LOPT_FORM_BOX, LOPT_FORM_ROW, LOPT_FORM_PAIR };

/* A value of the block being emitted. exact is made on first use. */
struct lopt_val {
    uint8_t form;                      /* enum lopt_form */
    uint8_t kinds;                     /* LOPT_FORM_ROW */
    bool s_valid;                      /* LOPT_FORM_ROW: s is the register as f32, whatever the kind */
    bool quiet;                        /* LOPT_FORM_CANON: raw is never a signaling NaN */
    ir_ref inner;                      /* LOPT_FORM_BOX: the f32 */
    LLVMValueRef exact;                /* the value; NULL: not made yet */
    LLVMValueRef raw;                  /* LOPT_FORM_CANON: before canonicalization */
    LLVMValueRef cond;                 /* LOPT_FORM_CANON: canonicalize only if true; NULL: always */
    LLVMValueRef d, s, rawtag, single; /* LOPT_FORM_ROW: what the allocas held; tags as i1 */
    LLVMValueRef low, high;            /* LOPT_FORM_PAIR: a vector's lower f64 and upper i64 */
};

struct lopt_emit {
    const struct llvm_api *ll;
    struct lopt *opt;
    struct lopt_ctx *c;
    struct arena arena;
    const struct ir_region *region;
    LLVMModuleRef module;
    LLVMBuilderRef b;
    LLVMValueRef fn, cpu;
    bool has_calls; /* the region calls helpers */
    bool fp_fast;   /* ir_block.fp_fast of the region's blocks */
    enum status status;

    struct lopt_row *rows;
    unsigned row_count, state_rows;
    unsigned pin_gpr_row[CPU_PINNED_GPRS], pin_fpr_row[CPU_PINNED_FPRS]; /* row, or row_count: unused */
    uint8_t **flow_in;         /* per block: LOPT_K_* of each row at its head */
    uint8_t *flow_entry;       /* LOPT_K_* of each row where the region is entered */
    uint32_t *dead_flags;      /* per block: bits of the rows state->flags[] that it writes before they can be seen */
    uint32_t *dead_outside;    /* the same of region->outside */
    uint8_t *flow_cold;        /* LOPT_K_* of each row at the shared way out */
    unsigned cold_sites;       /* ways that lead there */
    LLVMValueRef tags;         /* alloca of i64 */
    LLVMBasicBlockRef cold_bb; /* NULL: every exit leaves by itself */
    LLVMValueRef cold_number;  /* alloca of i32: the exit that was taken */

    struct lopt_copy {
        gaddr_t head;
        uint8_t loop, copy,
            of;            /* number of the loop that was unrolled, 0: none; which of its copies; how many there are */
    } * copies;            /* per block of the region */
    LLVMBasicBlockRef *bb; /* per block of the region: its head */
    LLVMBasicBlockRef *again; /* where its branch to itself goes: past what lopt_vloop_emit put at the head */

    /* the block being emitted */
    const struct ir_region_block *rblock;
    const struct ir_block *block;
    struct lopt_val *vals;
    uint8_t *st;        /* LOPT_K_* of each row here */
    uint8_t *st_kept;   /* a copy, while the way out is emitted */
    uint8_t *get_kinds; /* per value: kinds of the row at its GET */
    gaddr_t insn_pc, return_pc;
    ir_ref flag_puts[32]; /* per status flag: what the block put last; IR_NO_REF: nothing yet */
    struct lopt_fma {     /* results whose check for infinity * 0 + NaN is still to come */
        const struct ir_insn *in;
        LLVMValueRef values[3], result;
    } fma[2];
    unsigned fma_count;

    struct lopt_exit *exits;
    struct lopt_exit_fn {
        LLVMValueRef fn;
        bool cold; /* reached by the shared way out */
    } * exit_fns;
    unsigned exit_count, exit_capacity;
};

typedef LLVMValueRef (*lopt_op_fn)(struct lopt_emit *l, const struct ir_insn *in, unsigned param);

enum { LOPT_COLD_SITES = 3 }; /* fewer rare ways out are not worth a shared one */

/* ---- region.c ---- */
/* The state at the head of block index, with no value made yet. */
void lopt_begin_block(struct lopt_emit *l, unsigned index);
/* Emits instruction at of the block. */
void lopt_emit_insn(struct lopt_emit *l, unsigned at);
/* The value of the instruction, built (once more) from what its operands are now. Only for those that are one LLVM
 * value. */
LLVMValueRef lopt_value_of(struct lopt_emit *l, ir_ref ref);

/* ---- emit/vloop_emit.c ---- */
/* Where the block is a loop that can run several iterations at once, code for that at its head; the block itself then
 * begins at l->again[index]. */
void lopt_vloop_emit(struct lopt_emit *l, unsigned index);

/* ---- flow.c: rows, and what they hold where ---- */
void lopt_flow_init(struct lopt_emit *l);
/* Kinds that the row of this PUT has after it. */
uint8_t lopt_put_kinds(const struct lopt_emit *l, const struct ir_block *block, const uint8_t *get_kinds,
                       const struct ir_insn *put);
/* Applies instruction at to the state st and get_kinds. */
void lopt_flow_step(const struct lopt_emit *l, const struct ir_block *block, unsigned at, uint8_t *st,
                    uint8_t *get_kinds);
/* True if the value is the result of an arithmetic operation: a NaN in it is quiet. */
bool lopt_is_quiet(const struct ir_block *block, ir_ref ref);
/* True if the exit (EXIT_IF, TRAP_IF, JUMP_REG's rest) is taken rarely. */
bool lopt_exit_is_cold(const struct ir_region *region, const struct ir_region_block *rb, const struct ir_insn *in);
/* Executions of the block at pc, or 0 if it is not in the region. */
uint64_t lopt_weight_of(const struct ir_region *region, gaddr_t pc, uint32_t mode);
/* Weight of the way that the block's last instruction takes, as far as it is known. */
uint64_t lopt_final_weight(const struct ir_region *region, const struct ir_region_block *rb);
/* The mode in which the instruction leaves the region; all bits set: not known. */
uint32_t lopt_leave_mode(const struct ir_block *block, const struct ir_insn *in);
/* What the row holds is not defined in that mode. */
bool lopt_is_empty(const struct lopt_emit *l, unsigned row, uint32_t mode);
/* Copies the state at the head of block index. */
void lopt_flow_head(const struct lopt_emit *l, unsigned index, uint8_t *st);
/* Index of the region's block at pc, or -1. */
int lopt_find_block(const struct ir_region *region, gaddr_t pc, uint32_t mode);
/* ---- unroll.c ---- */
/* Gives l->region copies of its short loops. After the rows were scanned. */
void lopt_unroll(struct lopt_emit *l);
/* Index of the block of the region to which instruction in of rb goes if its target is pc; -1: it leaves. */
int lopt_find_target(const struct lopt_emit *l, const struct ir_region_block *rb, const struct ir_insn *in, gaddr_t pc);
/* True if going from rb to block index to polls. */
bool lopt_polls(const struct lopt_emit *l, const struct ir_region_block *rb, unsigned to);

enum { LOPT_ROW_RESV_ADDR, LOPT_ROW_RESV_VALUE, LOPT_ROW_RESV_SIZE, LOPT_RESV_ROWS };
static inline unsigned lopt_resv_row(const struct lopt_emit *l, unsigned which) { return l->state_rows + which; }

/* ---- state.c: guest registers ---- */
void lopt_state_entry(struct lopt_emit *l);                     /* allocas, parameters, loads; at the region's entry */
LLVMValueRef lopt_row_value(struct lopt_emit *l, unsigned row); /* the register's exact value here */
void lopt_row_set(struct lopt_emit *l, unsigned row, LLVMValueRef v);     /* as LOPT_K_EXACT; does not touch l->st */
LLVMValueRef lopt_compose(struct lopt_emit *l, const struct lopt_val *v); /* exact value of a LOPT_FORM_ROW */
/* Stores dirty rows to cpu->guest: all, or all but the pinned. */
void lopt_flush(struct lopt_emit *l, bool pinned, bool is_volatile);
/* Those of 80 bits, before the shared way out */
void lopt_flush_wide(struct lopt_emit *l);
/* The row in cpu->guest := v. */
void lopt_row_store(struct lopt_emit *l, unsigned row, LLVMValueRef v);
/* After something wrote cpu->guest: rows that are never LOPT_K_ABSENT are loaded again. */
void lopt_reload(struct lopt_emit *l);
/* Before going to block index: loads the rows that it expects in the allocas and that are not there. */
void lopt_prepare_edge(struct lopt_emit *l, unsigned index);
void lopt_before_fault(struct lopt_emit *l);
/* Makes allocas and tags what the shared way out expects. */
void lopt_prepare_cold(struct lopt_emit *l);
LLVMValueRef lopt_cpu_ptr(struct lopt_emit *l, size_t offset);
LLVMValueRef lopt_cpu_load(struct lopt_emit *l, LLVMTypeRef t, size_t offset, unsigned align);
LLVMValueRef lopt_cpu_store(struct lopt_emit *l, LLVMValueRef v, size_t offset, unsigned align);

/* ---- flags.c: status flags that are written before they are read ---- */
/* Fills dead_flags of each block. */
void lopt_flags_init(struct lopt_emit *l);
/* Bits of the flags that are written before they are read from guest address pc on, as far as that is known. */
uint32_t lopt_flags_dead_at(const struct lopt_emit *l, gaddr_t pc, uint32_t mode);
/* The same where the exit leads. */
uint32_t lopt_flags_dead_behind(const struct lopt_emit *l, const struct lopt_exit *exit);
/* Takes dead flags out of the state: they are neither stored nor kept alive. */
void lopt_flags_forget(const struct lopt_emit *l, uint32_t dead, uint8_t *st);
/* On the way out: stores those that are dirty, computed here as far as that is possible. */
void lopt_flags_store(struct lopt_emit *l);
/* Is it a flag of these (bits)? */
bool lopt_is_flag(const struct lopt_emit *l, unsigned row, uint32_t mask);
void lopt_flags_note_put(struct lopt_emit *l, const struct ir_insn *put);

/* ---- split.c: vector registers of which programs use the lower element ---- */
/* Notes what instruction at does with V128 rows. */
void lopt_split_count(struct lopt_emit *l, const struct ir_region_block *rb, ir_ref at);
/* Decides from what was noted. */
void lopt_split_choose(struct lopt_emit *l);
LLVMValueRef lopt_pair_join(struct lopt_emit *l, const struct lopt_val *v);
/* A split row: its value here, from the allocas or (LOPT_K_ABSENT) from cpu->guest; setting it; and between the two. */
struct lopt_val lopt_split_get(struct lopt_emit *l, unsigned row);
void lopt_split_put(struct lopt_emit *l, const struct lopt_row *r, const struct lopt_val *v);
void lopt_split_set(struct lopt_emit *l, const struct lopt_row *r, LLVMValueRef vector);
void lopt_split_load(struct lopt_emit *l, const struct lopt_row *r);
void lopt_split_store(struct lopt_emit *l, unsigned row, bool is_volatile);
/* VGETE, VSETE of the lower f64 of a LOPT_FORM_PAIR or constant; NULL or false: not one. */
LLVMValueRef lopt_pair_low(struct lopt_emit *l, const struct ir_insn *in);
bool lopt_pair_set_low(struct lopt_emit *l, const struct ir_insn *in);

/* ---- value.c: values and small constructors ---- */
LLVMValueRef lopt_exact(struct lopt_emit *l, ir_ref ref);
/* Canonicalizes what this store and others after it store, with one branch for all. */
void lopt_canon_stores(struct lopt_emit *l, const struct ir_insn *st);
/* For operations that do not care which quiet NaN they are given. */
LLVMValueRef lopt_arith(struct lopt_emit *l, ir_ref ref);
/* NaN test of the bits of x: no flag, whatever x is. */
LLVMValueRef lopt_is_nan_bits(struct lopt_emit *l, LLVMValueRef x);
LLVMValueRef lopt_canon(struct lopt_emit *l, LLVMValueRef x, LLVMValueRef cond, bool quiet);
LLVMValueRef lopt_box(struct lopt_emit *l, LLVMValueRef f32);
LLVMValueRef lopt_unbox(struct lopt_emit *l, LLVMValueRef f64);
LLVMValueRef lopt_fcmp(struct lopt_emit *l, const char *cond, bool signaling, LLVMValueRef a, LLVMValueRef b);
/* The same without a say in which flags are raised, or when. */
LLVMValueRef lopt_fcmp_plain(struct lopt_emit *l, const char *cond, LLVMValueRef a, LLVMValueRef b);
/* One assembly statement (AT&T syntax) with these operands, which stays where it is among FP operations; memory: the
 * attribute that says what it touches. */
LLVMValueRef lopt_assembly(struct lopt_emit *l, LLVMTypeRef result, LLVMValueRef *args, unsigned n, const char *text,
                           const char *constraints, LLVMAttributeRef memory);
LLVMValueRef lopt_call_intrinsic(struct lopt_emit *l, enum lopt_intrinsic id, LLVMTypeRef *types, unsigned ntypes,
                                 LLVMValueRef *args, unsigned nargs);
enum ir_type lopt_type_of(const struct lopt_emit *l, ir_ref ref);
LLVMValueRef lopt_const_bits(struct lopt_emit *l, enum ir_type t, uint64_t lo, uint64_t hi);
void lopt_set_md(struct lopt_emit *l, LLVMValueRef insn, unsigned kind, LLVMValueRef node);
void lopt_set_weights(struct lopt_emit *l, LLVMValueRef br, uint64_t yes, uint64_t no);
LLVMBasicBlockRef lopt_new_bb(struct lopt_emit *l, const char *name);

/* ---- eval.c: out of line ---- */
/* Calls ir_eval for in. */
LLVMValueRef lopt_op_eval(struct lopt_emit *l, const struct ir_insn *in, unsigned param);
/* The same with these operand values. */
LLVMValueRef lopt_eval_values(struct lopt_emit *l, const struct ir_insn *in, const LLVMValueRef *values);
/* A side path taken if cond, which is unlikely. begin leaves the builder on the side path; else_ takes the value made
 * there and moves to the other; end joins them and gives the result. Operands must have been asked for before begin. */
struct lopt_diamond {
    LLVMBasicBlockRef side_end, other, join;
    LLVMValueRef side;
};
struct lopt_diamond lopt_side_begin(struct lopt_emit *l, LLVMValueRef cond);
void lopt_side_else(struct lopt_emit *l, struct lopt_diamond *d, LLVMValueRef side);
LLVMValueRef lopt_side_end(struct lopt_emit *l, struct lopt_diamond *d, LLVMValueRef v);
/* A side path that calls ir_eval for in; leaves the builder on the other path. */
struct lopt_diamond lopt_side_eval(struct lopt_emit *l, const struct ir_insn *in, LLVMValueRef cond);

/* ---- mem.c ---- */
/* A plain load or store of as many elements as t or v has, the instruction's being the first. */
LLVMValueRef lopt_load_lanes(struct lopt_emit *l, const struct ir_insn *in, LLVMTypeRef t);
void lopt_store_lanes(struct lopt_emit *l, const struct ir_insn *in, LLVMValueRef v);
/* The address of a memory operation, as a pointer. */
LLVMValueRef lopt_address(struct lopt_emit *l, const struct ir_insn *in);

/* ---- fp.c ---- */
/* The arithmetic operation on lanes, vectors of the operation's type: the host's instruction. operands has room for two
 * more. */
LLVMValueRef lopt_lanes(struct lopt_emit *l, const struct ir_insn *in, LLVMValueRef *operands);
/* Emits the checks that were put off. To be called before flags can be seen. */
void lopt_fp_settle(struct lopt_emit *l);

/* ---- fp_x86.c: operations with the x86 NaN rule ---- */
/* Scalars and 128-bit vectors of f32 and f64, for which this file has a form. */
bool lopt_is_x86_rule(const struct ir_insn *in);
LLVMValueRef lopt_x86_arith(struct lopt_emit *l, const struct ir_insn *in, unsigned id);
LLVMValueRef lopt_x86_minmax(struct lopt_emit *l, const struct ir_insn *in, unsigned max);
LLVMValueRef lopt_x86_fma(struct lopt_emit *l, const struct ir_insn *in);
LLVMValueRef lopt_x86_to_int(struct lopt_emit *l, const struct ir_insn *in);
LLVMValueRef lopt_x86_from_int(struct lopt_emit *l, const struct ir_insn *in);

/* ---- exit.c ---- */
/* Leaves the region from here, in that mode (lopt_leave_mode): terminates the current LLVM block. target: value for
 * cpu->pc, or NULL. cold: by the shared way out, if there is one. */
void lopt_leave(struct lopt_emit *l, struct lopt_exit exit, uint32_t mode, LLVMValueRef target, bool cold);
/* Goes to block index, at bb, from the current place, polling first if that is backward. */
void lopt_branch(struct lopt_emit *l, unsigned index, LLVMBasicBlockRef bb);
/* Emits the shared way out, after all blocks. */
void lopt_finish_cold(struct lopt_emit *l);

/* ---- the operations: ops.def names them ---- */
#define L(name, fn, param) LLVMValueRef fn(struct lopt_emit *l, const struct ir_insn *in, unsigned param_);
#include "llvm-opt/emit/ops.def"
#undef L

/* ---- shorthands ---- */
static inline LLVMTypeRef lopt_type(struct lopt_emit *l, enum ir_type t) { return l->c->type[t]; }
static inline LLVMValueRef lopt_bin(struct lopt_emit *l, LLVMOpcode op, LLVMValueRef a, LLVMValueRef b)
{
    return l->ll->BuildBinOp(l->b, op, a, b, "");
}
static inline LLVMValueRef lopt_cast(struct lopt_emit *l, LLVMOpcode op, LLVMValueRef a, LLVMTypeRef t)
{
    return l->ll->BuildCast(l->b, op, a, t, "");
}
static inline LLVMValueRef lopt_icmp(struct lopt_emit *l, LLVMIntPredicate p, LLVMValueRef a, LLVMValueRef b)
{
    return l->ll->BuildICmp(l->b, p, a, b, "");
}
static inline LLVMValueRef lopt_sel(struct lopt_emit *l, LLVMValueRef c, LLVMValueRef a, LLVMValueRef b)
{
    return l->ll->BuildSelect(l->b, c, a, b, "");
}
static inline LLVMValueRef lopt_int(struct lopt_emit *l, LLVMTypeRef t, uint64_t v) { return l->ll->ConstInt(t, v, 0); }
static inline LLVMValueRef lopt_i64(struct lopt_emit *l, uint64_t v)
{
    return l->ll->ConstInt(l->c->type[IR_I64], v, 0);
}
static inline LLVMValueRef lopt_bitcast(struct lopt_emit *l, LLVMValueRef a, LLVMTypeRef t)
{
    return l->ll->BuildCast(l->b, LLVMBitCast, a, t, "");
}

#endif
