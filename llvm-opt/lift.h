/* SPDX-License-Identifier: Apache-2.0 */
/* Private to the lift_*.c files: the state of lifting one region into LLVM IR. */
#ifndef TANDEM_LLVM_OPT_LIFT_H
#define TANDEM_LLVM_OPT_LIFT_H

#include "llvm-opt/lopt_private.h"

/* What a floating-point row holds at a point of the region: a set (more than one bit: depends on the way taken). */
enum {
    K_EXACT = 1,  /* row->d is the register */
    K_RAW = 2,    /* row->d, a quiet NaN in it standing for the canonical one */
    K_BOX = 4,    /* row->s, boxed */
    K_RAWBOX = 8, /* row->s, a quiet NaN in it standing for the canonical one, boxed */
    K_SINGLE = K_BOX | K_RAWBOX,
    K_DOUBLE = K_EXACT | K_RAW,
    K_KINDS = 15,
    K_DIRTY = 16, /* cpu->guest may be out of date (pinned rows: always at entry) */
    K_REACHED = 32,
    K_ABSENT = 64 /* the allocas may not hold it; then cpu->guest does (never together with K_DIRTY) */
};

/* One guest register in the region. Rows past the guest's own are the fields of cpu->resv. */
struct lift_row {
    uint16_t offset;         /* from struct cpu */
    uint8_t type;            /* enum ir_type */
    int8_t pin_gpr, pin_fpr; /* index among the pinned, or -1 */
    int8_t flag;             /* number of the status flag that it is (ir_state.flags), or -1 */
    bool used;
    bool in_memory; /* indexed access (GETX, PUTX): never promoted */
    bool need_s;    /* read as f32 somewhere: row->s is kept up to date with every kind */
    bool eager;     /* only K_EXACT is put */
    bool at_entry; /* loaded there, if it is full: a load of 80 bits is slow, and keeping the value costs no register */
    uint64_t exact_reads, soft_puts;   /* executions: reads of its exact value; puts of other kinds */
    uint8_t all_kinds;                 /* union over the region */
    uint8_t tagging;                   /* enum lift_tagging */
    uint64_t raw, single;              /* this row's bits in l->tags, if tagging */
    LLVMValueRef d, s;                 /* allocas: of the row's type; of f32 */
    bool split;                        /* a vector held as its lower f64 and its upper 64 bits (lift_split.c) */
    uint64_t scalar_puts, vector_uses; /* executions: puts that change the lower f64 alone; other puts and reads */
    LLVMValueRef low, high;            /* allocas, if split: of f64; of i64 */
};

/* Where the kind of a row depends on the way taken, bits of l->tags say which it is: kept up to date by every PUT, or
 * only set before the shared way out, or not needed. */
enum lift_tagging { TAG_NONE, TAG_AT_EXIT, TAG_ALWAYS };

enum lift_form { FORM_NONE, FORM_PLAIN, FORM_CANON, FORM_BOX, FORM_ROW, FORM_PAIR };

/* A value of the block being lifted. exact is made on first use. */
struct lift_val {
    uint8_t form;                      /* enum lift_form */
    uint8_t kinds;                     /* FORM_ROW */
    bool s_valid;                      /* FORM_ROW: s is the register as f32, whatever the kind */
    bool quiet;                        /* FORM_CANON: raw is never a signaling NaN */
    ir_ref inner;                      /* FORM_BOX: the f32 */
    LLVMValueRef exact;                /* the value; NULL: not made yet */
    LLVMValueRef raw;                  /* FORM_CANON: before canonicalization */
    LLVMValueRef cond;                 /* FORM_CANON: canonicalize only if true; NULL: always */
    LLVMValueRef d, s, rawtag, single; /* FORM_ROW: what the allocas held; tags as i1 */
    LLVMValueRef low, high;            /* FORM_PAIR: a vector's lower f64 and upper i64 */
};

struct lift {
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

    struct lift_row *rows;
    unsigned row_count, state_rows;
    unsigned pin_gpr_row[CPU_PINNED_GPRS], pin_fpr_row[CPU_PINNED_FPRS]; /* row, or row_count: unused */
    uint8_t **flow_in;                                                   /* per block: K_* of each row at its head */
    uint8_t *flow_entry;       /* K_* of each row where the region is entered */
    uint32_t *dead_flags;      /* per block: bits of the rows state->flags[] that it writes before they can be seen */
    uint32_t *dead_outside;    /* the same of region->outside */
    uint8_t *flow_cold;        /* K_* of each row at the shared way out */
    unsigned cold_sites;       /* ways that lead there */
    LLVMValueRef tags;         /* alloca of i64 */
    LLVMBasicBlockRef cold_bb; /* NULL: every exit leaves by itself */
    LLVMValueRef cold_number;  /* alloca of i32: the exit that was taken */

    struct lift_copy {
        gaddr_t head;
        uint8_t loop, copy,
            of;            /* number of the loop that was unrolled, 0: none; which of its copies; how many there are */
    } * copies;            /* per block of the region */
    LLVMBasicBlockRef *bb; /* per block of the region: its head */
    LLVMBasicBlockRef *again; /* where its branch to itself goes: past what lift_vloop put at the head */

    /* the block being lifted */
    const struct ir_region_block *rblock;
    const struct ir_block *block;
    struct lift_val *vals;
    uint8_t *st;        /* K_* of each row here */
    uint8_t *st_kept;   /* a copy, while the way out is emitted */
    uint8_t *get_kinds; /* per value: kinds of the row at its GET */
    gaddr_t insn_pc, return_pc;
    ir_ref flag_puts[32]; /* per status flag: what the block put last; IR_NO_REF: nothing yet */
    struct lift_fma {     /* results whose check for infinity * 0 + NaN is still to come */
        const struct ir_insn *in;
        LLVMValueRef values[3], result;
    } fma[2];
    unsigned fma_count;

    struct lopt_exit *exits;
    struct lift_exit_fn {
        LLVMValueRef fn;
        bool cold; /* reached by the shared way out */
    } * exit_fns;
    unsigned exit_count, exit_capacity;
};

typedef LLVMValueRef (*lift_op_fn)(struct lift *l, const struct ir_insn *in, unsigned param);

enum { COLD_SITES = 3 }; /* fewer rare ways out are not worth a shared one */

/* ---- lift.c ---- */
/* The state at the head of block index, with no value made yet. */
void lift_begin_block(struct lift *l, unsigned index);
/* Lifts instruction at of the block. */
void lift_one(struct lift *l, unsigned at);
/* The value of the instruction, lifted (once more) from what its operands are now. Only for those that are one LLVM
 * value. */
LLVMValueRef lift_value_of(struct lift *l, ir_ref ref);

/* ---- lift_vloop_emit.c ---- */
/* Where the block is a loop that can run several iterations at once, code for that at its head; the block itself then
 * begins at l->again[index]. */
void lift_vloop(struct lift *l, unsigned index);

/* ---- lift_flow.c: rows, and what they hold where ---- */
void lift_flow_init(struct lift *l);
/* Kinds that the row of this PUT has after it. */
uint8_t lift_put_kinds(const struct lift *l, const struct ir_block *block, const uint8_t *get_kinds,
                       const struct ir_insn *put);
/* Applies instruction at to the state st and get_kinds. */
void lift_flow_step(const struct lift *l, const struct ir_block *block, unsigned at, uint8_t *st, uint8_t *get_kinds);
/* True if the value is the result of an arithmetic operation: a NaN in it is quiet. */
bool lift_is_quiet(const struct ir_block *block, ir_ref ref);
/* True if the exit (EXIT_IF, TRAP_IF, JUMP_REG's rest) is taken rarely. */
bool lift_exit_is_cold(const struct ir_region *region, const struct ir_region_block *rb, const struct ir_insn *in);
/* Executions of the block at pc, or 0 if it is not in the region. */
uint64_t lift_weight_of(const struct ir_region *region, gaddr_t pc, uint32_t mode);
/* Weight of the way that the block's last instruction takes, as far as it is known. */
uint64_t lift_final_weight(const struct ir_region *region, const struct ir_region_block *rb);
/* The mode in which the instruction leaves the region; all bits set: not known. */
uint32_t lift_leave_mode(const struct ir_block *block, const struct ir_insn *in);
/* What the row holds is not defined in that mode. */
bool lift_is_empty(const struct lift *l, unsigned row, uint32_t mode);
/* Copies the state at the head of block index. */
void lift_flow_head(const struct lift *l, unsigned index, uint8_t *st);
/* Index of the region's block at pc, or -1. */
int lift_find_block(const struct ir_region *region, gaddr_t pc, uint32_t mode);
/* ---- lift_unroll.c ---- */
/* Gives l->region copies of its short loops. After the rows were scanned. */
void lift_unroll(struct lift *l);
/* Index of the block of the region to which instruction in of rb goes if its target is pc; -1: it leaves. */
int lift_find_target(const struct lift *l, const struct ir_region_block *rb, const struct ir_insn *in, gaddr_t pc);
/* True if going from rb to block index to polls. */
bool lift_polls(const struct lift *l, const struct ir_region_block *rb, unsigned to);

enum { ROW_RESV_ADDR, ROW_RESV_VALUE, ROW_RESV_SIZE, RESV_ROWS };
static inline unsigned lift_resv_row(const struct lift *l, unsigned which) { return l->state_rows + which; }

/* ---- lift_state.c: guest registers ---- */
void lift_state_entry(struct lift *l);                           /* allocas, parameters, loads; at the region's entry */
LLVMValueRef lift_row_value(struct lift *l, unsigned row);       /* the register's exact value here */
void lift_row_set(struct lift *l, unsigned row, LLVMValueRef v); /* as K_EXACT; does not touch l->st */
LLVMValueRef lift_compose(struct lift *l, const struct lift_val *v); /* exact value of a FORM_ROW */
/* Stores dirty rows to cpu->guest: all, or all but the pinned. */
void lift_flush(struct lift *l, bool pinned, bool is_volatile);
/* Those of 80 bits, before the shared way out */
void lift_flush_wide(struct lift *l);
/* The row in cpu->guest := v. */
void lift_row_store(struct lift *l, unsigned row, LLVMValueRef v);
/* After something wrote cpu->guest: rows that are never K_ABSENT are loaded again. */
void lift_reload(struct lift *l);
/* Before going to block index: loads the rows that it expects in the allocas and that are not there. */
void lift_prepare_edge(struct lift *l, unsigned index);
void lift_before_fault(struct lift *l);
/* Makes allocas and tags what the shared way out expects. */
void lift_prepare_cold(struct lift *l);
LLVMValueRef lift_cpu_ptr(struct lift *l, size_t offset);
LLVMValueRef lift_cpu_load(struct lift *l, LLVMTypeRef t, size_t offset, unsigned align);
LLVMValueRef lift_cpu_store(struct lift *l, LLVMValueRef v, size_t offset, unsigned align);

/* ---- lift_flags.c: status flags that are written before they are read ---- */
/* Fills dead_flags of each block. */
void lift_flags_init(struct lift *l);
/* Bits of the flags that are written before they are read from guest address pc on, as far as that is known. */
uint32_t lift_flags_dead_at(const struct lift *l, gaddr_t pc, uint32_t mode);
/* The same where the exit leads. */
uint32_t lift_flags_dead_behind(const struct lift *l, const struct lopt_exit *exit);
/* Takes dead flags out of the state: they are neither stored nor kept alive. */
void lift_flags_forget(const struct lift *l, uint32_t dead, uint8_t *st);
/* On the way out: stores those that are dirty, computed here as far as that is possible. */
void lift_flags_store(struct lift *l);
/* Is it a flag of these (bits)? */
bool lift_is_flag(const struct lift *l, unsigned row, uint32_t mask);
void lift_flags_note_put(struct lift *l, const struct ir_insn *put);

/* ---- lift_split.c: vector registers of which programs use the lower element ---- */
/* Notes what instruction at does with V128 rows. */
void lift_split_count(struct lift *l, const struct ir_region_block *rb, ir_ref at);
/* Decides from what was noted. */
void lift_split_choose(struct lift *l);
LLVMValueRef lift_pair_join(struct lift *l, const struct lift_val *v);
/* A split row: its value here, from the allocas or (K_ABSENT) from cpu->guest; setting it; and between the two. */
struct lift_val lift_split_get(struct lift *l, unsigned row);
void lift_split_put(struct lift *l, const struct lift_row *r, const struct lift_val *v);
void lift_split_set(struct lift *l, const struct lift_row *r, LLVMValueRef vector);
void lift_split_load(struct lift *l, const struct lift_row *r);
void lift_split_store(struct lift *l, unsigned row, bool is_volatile);
/* VGETE, VSETE of the lower f64 of a FORM_PAIR or constant; NULL or false: not one. */
LLVMValueRef lift_pair_low(struct lift *l, const struct ir_insn *in);
bool lift_pair_set_low(struct lift *l, const struct ir_insn *in);

/* ---- lift_value.c: values and small constructors ---- */
LLVMValueRef lift_exact(struct lift *l, ir_ref ref);
/* Canonicalizes what this store and others after it store, with one branch for all. */
void lift_canon_stores(struct lift *l, const struct ir_insn *st);
/* For operations that do not care which quiet NaN they are given. */
LLVMValueRef lift_arith(struct lift *l, ir_ref ref);
/* NaN test of the bits of x: no flag, whatever x is. */
LLVMValueRef lift_is_nan_bits(struct lift *l, LLVMValueRef x);
LLVMValueRef lift_canon(struct lift *l, LLVMValueRef x, LLVMValueRef cond, bool quiet);
LLVMValueRef lift_box(struct lift *l, LLVMValueRef f32);
LLVMValueRef lift_unbox(struct lift *l, LLVMValueRef f64);
LLVMValueRef lift_fcmp(struct lift *l, const char *cond, bool signaling, LLVMValueRef a, LLVMValueRef b);
/* The same without a say in which flags are raised, or when. */
LLVMValueRef lift_fcmp_plain(struct lift *l, const char *cond, LLVMValueRef a, LLVMValueRef b);
/* One assembly statement (AT&T syntax) with these operands, which stays where it is among FP operations; memory: the
 * attribute that says what it touches. */
LLVMValueRef lift_assembly(struct lift *l, LLVMTypeRef result, LLVMValueRef *args, unsigned n, const char *text,
                           const char *constraints, LLVMAttributeRef memory);
LLVMValueRef lift_call_intrinsic(struct lift *l, enum intrinsic id, LLVMTypeRef *types, unsigned ntypes,
                                 LLVMValueRef *args, unsigned nargs);
enum ir_type lift_type_of(const struct lift *l, ir_ref ref);
LLVMValueRef lift_const_bits(struct lift *l, enum ir_type t, uint64_t lo, uint64_t hi);
void lift_set_md(struct lift *l, LLVMValueRef insn, unsigned kind, LLVMValueRef node);
void lift_set_weights(struct lift *l, LLVMValueRef br, uint64_t yes, uint64_t no);
LLVMBasicBlockRef lift_new_bb(struct lift *l, const char *name);

/* ---- lift_eval.c: out of line ---- */
/* Calls ir_eval for in. */
LLVMValueRef lift_eval(struct lift *l, const struct ir_insn *in, unsigned param);
/* The same with these operand values. */
LLVMValueRef lift_eval_values(struct lift *l, const struct ir_insn *in, const LLVMValueRef *values);
/* A side path taken if cond, which is unlikely. begin leaves the builder on the side path; else_ takes the value made
 * there and moves to the other; end joins them and gives the result. Operands must have been asked for before begin. */
struct lift_diamond {
    LLVMBasicBlockRef side_end, other, join;
    LLVMValueRef side;
};
struct lift_diamond lift_side_begin(struct lift *l, LLVMValueRef cond);
void lift_side_else(struct lift *l, struct lift_diamond *d, LLVMValueRef side);
LLVMValueRef lift_side_end(struct lift *l, struct lift_diamond *d, LLVMValueRef v);
/* A side path that calls ir_eval for in; leaves the builder on the other path. */
struct lift_diamond lift_side_eval(struct lift *l, const struct ir_insn *in, LLVMValueRef cond);

/* ---- lift_mem.c ---- */
/* A plain load or store of as many elements as t or v has, the instruction's being the first. */
LLVMValueRef lift_load_lanes(struct lift *l, const struct ir_insn *in, LLVMTypeRef t);
void lift_store_lanes(struct lift *l, const struct ir_insn *in, LLVMValueRef v);
/* The address of a memory operation, as a pointer. */
LLVMValueRef lift_address(struct lift *l, const struct ir_insn *in);

/* ---- lift_fp.c ---- */
/* The arithmetic operation on lanes, vectors of the operation's type: the host's instruction. operands has room for two
 * more. */
LLVMValueRef lift_lanes(struct lift *l, const struct ir_insn *in, LLVMValueRef *operands);
/* Emits the checks that were put off. To be called before flags can be seen. */
void lift_fp_settle(struct lift *l);

/* ---- lift_fp_x86.c: operations with the x86 NaN rule ---- */
/* Scalars and 128-bit vectors of f32 and f64, for which this file has a form. */
bool lift_is_x86_rule(const struct ir_insn *in);
LLVMValueRef lift_x86_arith(struct lift *l, const struct ir_insn *in, unsigned id);
LLVMValueRef lift_x86_minmax(struct lift *l, const struct ir_insn *in, unsigned max);
LLVMValueRef lift_x86_fma(struct lift *l, const struct ir_insn *in);
LLVMValueRef lift_x86_to_int(struct lift *l, const struct ir_insn *in);
LLVMValueRef lift_x86_from_int(struct lift *l, const struct ir_insn *in);

/* ---- lift_exit.c ---- */
/* Leaves the region from here, in that mode (lift_leave_mode): terminates the current LLVM block. target: value for
 * cpu->pc, or NULL. cold: by the shared way out, if there is one. */
void lift_leave(struct lift *l, struct lopt_exit exit, uint32_t mode, LLVMValueRef target, bool cold);
/* Goes to block index, at bb, from the current place, polling first if that is backward. */
void lift_branch(struct lift *l, unsigned index, LLVMBasicBlockRef bb);
/* Emits the shared way out, after all blocks. */
void lift_finish_cold(struct lift *l);

/* ---- the operations: lift.def names them ---- */
#define L(name, fn, param) LLVMValueRef fn(struct lift *l, const struct ir_insn *in, unsigned param_);
#include "llvm-opt/lift.def"
#undef L

/* ---- shorthands ---- */
static inline LLVMTypeRef lt(struct lift *l, enum ir_type t) { return l->c->type[t]; }
static inline LLVMValueRef l_bin(struct lift *l, LLVMOpcode op, LLVMValueRef a, LLVMValueRef b)
{
    return l->ll->BuildBinOp(l->b, op, a, b, "");
}
static inline LLVMValueRef l_cast(struct lift *l, LLVMOpcode op, LLVMValueRef a, LLVMTypeRef t)
{
    return l->ll->BuildCast(l->b, op, a, t, "");
}
static inline LLVMValueRef l_icmp(struct lift *l, LLVMIntPredicate p, LLVMValueRef a, LLVMValueRef b)
{
    return l->ll->BuildICmp(l->b, p, a, b, "");
}
static inline LLVMValueRef l_sel(struct lift *l, LLVMValueRef c, LLVMValueRef a, LLVMValueRef b)
{
    return l->ll->BuildSelect(l->b, c, a, b, "");
}
static inline LLVMValueRef l_int(struct lift *l, LLVMTypeRef t, uint64_t v) { return l->ll->ConstInt(t, v, 0); }
static inline LLVMValueRef l_i64(struct lift *l, uint64_t v) { return l->ll->ConstInt(l->c->type[IR_I64], v, 0); }
static inline LLVMValueRef l_bitcast(struct lift *l, LLVMValueRef a, LLVMTypeRef t)
{
    return l->ll->BuildCast(l->b, LLVMBitCast, a, t, "");
}

#endif
