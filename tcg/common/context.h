/* SPDX-License-Identifier: Apache-2.0 */
/* One translation: the block, its values and where they are, the code so far. A struct tcg lives for one call of
 * tcg_translate, on one thread. Hosts that need more have it as the first member of a struct of their own. */
#ifndef TANDEM_TCG_COMMON_CONTEXT_H
#define TANDEM_TCG_COMMON_CONTEXT_H

#include <assert.h>
#include <string.h>

#include "src/ir/ir.h"
#include "tcg/common/buf.h"
#include "tcg/common/place.h"
#include "tcg/tcg.h"

#define TCG_CPU_OFF(field) ((int32_t)offsetof(struct cpu, field))

/* Width of an integer type: TCG_SZ8.. */
static inline unsigned tcg_size(unsigned type)
{
    return type <= IR_I8 ? TCG_SZ8 : type == IR_I16 ? TCG_SZ16 : type == IR_I32 ? TCG_SZ32 : TCG_SZ64;
}

/* The kind of place that a value of a type lives in */
enum tcg_reg_class { TCG_RC_GPR, TCG_RC_FPR, TCG_RC_MEM };
static inline enum tcg_reg_class tcg_class(unsigned type)
{
    enum { FPR_TYPES = 1 << IR_F32 | 1 << IR_F64 | 1 << IR_V128 };
    return type <= IR_I64 ? TCG_RC_GPR : FPR_TYPES >> type & 1 ? TCG_RC_FPR : TCG_RC_MEM;
}
static inline enum tcg_reg_class tcg_reg_class(int reg) { return reg < TCG_FPR0 ? TCG_RC_GPR : TCG_RC_FPR; }

/* cpu->spill slots below the first one here carry operands and the result of ir_eval; the others hold values. */
enum { TCG_SLOT_BYTES = 16, TCG_EVAL_ARG_BYTES = 32, TCG_FIRST_SPILL_SLOT = 8 };
enum { TCG_MAX_OPERANDS = 4, TCG_EVAL_RESULT_OFF = 96, TCG_MAX_PINNED = CPU_PINNED_GPRS + CPU_PINNED_FPRS };
static_assert(TCG_EVAL_RESULT_OFF >= 3 * TCG_EVAL_ARG_BYTES, "ir_eval has three operands of 32 bytes");
static_assert(TCG_EVAL_RESULT_OFF + 32 <= TCG_FIRST_SPILL_SLOT * TCG_SLOT_BYTES, "the result overlaps values");
static_assert(sizeof(((struct cpu *)0)->spill) == CPU_SPILL_SLOTS * TCG_SLOT_BYTES, "slots have 16 bytes");
static_assert(CPU_SPILL_SLOTS <= 64, "tcg.slots has a bit for each");

/* Where a value can be found beside a register: 0 nowhere, 1 + slot, or TCG_HOME_ROW + state row. */
enum { TCG_HOME_NONE = 0, TCG_HOME_ROW = 128 };
static_assert(1 + CPU_SPILL_SLOTS <= TCG_HOME_ROW, "slots and rows are told apart by their number");

enum tcg_val_flag {
    TCG_VF_CONST = 1, /* a CONST: no code until needed; its register, if any, can be dropped */
    TCG_VF_FUSED = 2, /* emitted by its only consumer */
    TCG_VF_ZX = 4,    /* narrower than 64 bits, and known to be zero-extended in its register */
    TCG_VF_DEAD = 8,  /* past its last use */
    TCG_VF_SUNK = 16  /* a PUT that the next side exit's own code does (sink.c); last is that exit */
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

/* Code at the end of the block, reached by jumps that cold.c binds. */
struct tcg;
struct tcg_cold {
    void (*emit)(struct tcg *t, const struct tcg_cold *c);
    uint32_t from, from2; /* the jumps to it, as the host's bind takes them; 0: none */
    uint32_t back;        /* where to go on */
    int8_t r[4];
    uint32_t x;
    uint64_t imm;
};

/* What a side exit's own code stores (sink.c): the value, which is in reg or home as in struct tcg_val, to its row. */
struct tcg_store {
    uint16_t row;
    ir_ref value;
    uint16_t home;
    int8_t reg;
};
enum { TCG_MAX_SUNK = 8 }; /* by one exit */

struct tcg_pin {
    int8_t reg;
    uint16_t row;
    int32_t disp;
    ir_ref value; /* whose value the register holds, or IR_NO_REF */
};

struct tcg_host;
struct tcg {
    struct tcg_buf a;
    const struct tcg_host *host;
    const struct tcg_request *req;
    const struct tcg_glue *glue;
    const struct ir_block *block;
    const struct ir_insn *insns;
    uint32_t features; /* glue->features */
    enum status status;
    ir_ref cur;        /* instruction being translated */
    gaddr_t insn_pc;   /* guest instruction being translated */
    bool insn_replays; /* IR_INSN_REPLAYS */
    bool insn_clean;   /* nothing it did is visible yet, and no flag that it read is gone: it can be started again */
    struct tcg_val *val;
    ir_ref *row_val; /* per state row: the value whose home it is */
    int8_t *row_pin; /* per state row: index into pin, or -1 */
    ir_ref reg_head[TCG_HOST_REGS];
    tcg_regset locked;     /* registers that the current instruction uses */
    tcg_regset temps;      /* of them, those that hold no value */
    tcg_regset pinned;     /* registers that hold guest registers */
    tcg_regset scratch[2]; /* by class: the others that hold values */
    uint64_t slots;        /* spill slots in use */
    uint32_t random;
    struct tcg_pin pin[TCG_MAX_PINNED];
    unsigned pin_count;
    struct tcg_cold *cold;
    unsigned cold_count, cold_max;
    ir_ref sunk[TCG_MAX_SUNK]; /* PUTs since the last exit that are left to the next one */
    unsigned sunk_count;
    struct tcg_store *stores; /* of all exits */
    unsigned store_count;
    unsigned exit_count, map_count;
    uint32_t counter_off;
    uint32_t link_off; /* what the stubs of all exits end in; 0: there is none yet */
    gaddr_t return_pc; /* of CALL_HINT */
    bool has_return;
};

/* The first failure counts. Emission goes on harmlessly until the loop over the block sees it. */
static inline void tcg_fail(struct tcg *t, enum status s)
{
    if (t->status == STATUS_OK)
        t->status = s;
}

/* ---- what is known of a value ---- */

static inline bool tcg_dies(const struct tcg *t, ir_ref v) { return t->val[v].last <= t->cur; }

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
    *hi = ir_const_high(in);
    return true;
}

/* A load that its consumer emits as a memory operand */
static inline bool tcg_is_fused_load(const struct tcg *t, ir_ref v)
{
    return t->val[v].flags & TCG_VF_FUSED && t->insns[v].op == IR_LD;
}

#endif
