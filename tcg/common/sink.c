/* SPDX-License-Identifier: Apache-2.0 */
/* PUTs that only a side exit sees move into the code that is executed when it is taken. So a front end may PUT what the
 * exit's target reads and the way on does not, and the way on pays nothing: status flags, nearly always.
 *
 * I1  A PUT is sunk if DEAD_FLAGS right behind the exit names its row, and nothing between the PUT and the exit can see
 *     the row: no GET of it, nothing that may fault, leave, or read state.
 * I2  The row in memory keeps what it had, so row_val stays as it is.
 * I3  The values to be stored are where they were at the exit's jump: in registers, which nothing has changed since, in
 *     memory, or constants. Those in memory are loaded before anything is stored, since a row may be the home of one.
 *     There are registers for MAX_LOADED of them and one for a constant. */
#include "tcg/common/sink.h"

#include "src/ir/state.h"
#include "tcg/common/host.h"
#include "tcg/common/reg_file.h"

enum { MAX_LOADED = 4 };

/* ---- which (I1) ---- */

/* The bit of the row in the masks of DEAD_FLAGS; 0: it has none. */
static uint32_t flag_of(const struct tcg *t, uint64_t row)
{
    const struct ir_state *s = t->block->state;
    for (unsigned n = 0; n < s->flag_count; n++)
        if (s->flags[n] == row)
            return UINT32_C(1) << n;
    return 0;
}

static bool may_sink(const struct tcg *t, const struct ir_insn *put)
{
    return t->row_pin[put->imm] < 0 && tcg_class(t->val[put->arg[0]].type) == TCG_RC_GPR &&
           !(t->val[put->arg[0]].flags & TCG_VF_FUSED);
}

static bool is_passed(const struct ir_insn *in)
{
    return in->op != IR_INSN && in->op != IR_CALL &&
           !(ir_insn_effects(in) & ~(unsigned)(IR_FX_FPOBS | IR_FX_FPFLAG | IR_FX_WSTATE | IR_FX_RSTATE));
}

void tcg_find_sunk(struct tcg *t, ir_ref exit)
{
    const struct ir_insn *behind = &t->insns[exit + 1];
    uint32_t rows = behind->op == IR_DEAD_FLAGS ? (uint32_t)behind->imm : 0;
    unsigned loaded = 0, count = 0;
    for (ir_ref i = exit; rows && i-- > 0 && is_passed(&t->insns[i]);) {
        const struct ir_insn *in = &t->insns[i];
        uint32_t flag = in->op == IR_PUT || in->op == IR_GET ? flag_of(t, in->imm) & rows : 0;
        rows &= ~flag;
        if (!flag || in->op == IR_GET || !may_sink(t, in) || count == TCG_MAX_SUNK)
            continue;
        bool is_const = t->val[in->arg[0]].flags & TCG_VF_CONST;
        if (!is_const && loaded == MAX_LOADED)
            continue;
        loaded += !is_const;
        count++;
        t->val[i].flags |= TCG_VF_SUNK;
        t->val[i].last = exit;
    }
}

/* ---- where ---- */

void tcg_sink(struct tcg *t, ir_ref put)
{
    t->sunk[t->sunk_count++] = put;
    t->insn_clean = false;
}

bool tcg_take_sunk(struct tcg *t, struct tcg_stores *stores)
{
    *stores = (struct tcg_stores){t->store_count, t->sunk_count};
    for (unsigned k = 0; k < t->sunk_count; k++) {
        const struct ir_insn *put = &t->insns[t->sunk[k]];
        const struct tcg_val *x = &t->val[put->arg[0]];
        t->stores[t->store_count++] =
            (struct tcg_store){.row = (uint16_t)put->imm, .value = put->arg[0], .home = x->home, .reg = x->reg};
    }
    return t->sunk_count != 0;
}

/* ---- the code (I3) ---- */

static int free_reg(const struct tcg *t, tcg_regset *taken)
{
    int reg = tcg_first_reg(t->host->scratch_gprs & ~*taken);
    *taken |= tcg_bit(reg);
    return reg;
}

static tcg_regset load_values(struct tcg *t, struct tcg_store *s, unsigned count)
{
    tcg_regset taken = 0;
    for (unsigned k = 0; k < count; k++)
        taken |= s[k].reg >= 0 ? tcg_bit(s[k].reg) : 0;
    for (unsigned k = 0; k < count; k++) {
        if (s[k].reg >= 0 || s[k].home == TCG_HOME_NONE)
            continue;
        unsigned type = s[k].home < TCG_HOME_ROW ? IR_I64 : t->val[s[k].value].type;
        s[k].reg = (int8_t)free_reg(t, &taken);
        t->host->load(t, type, s[k].reg, ra_mem_of_home(t, s[k].home));
    }
    return taken;
}

void tcg_emit_stores(struct tcg *t, struct tcg_stores stores)
{
    struct tcg_store *s = &t->stores[stores.first];
    tcg_regset taken = load_values(t, s, stores.count);
    int spare = TCG_NO_REG;
    for (unsigned k = 0; k < stores.count; k++) {
        struct tcg_mem m = ra_row_mem(t, s[k].row);
        if (s[k].reg < 0 && t->host->store_const(t, m, s[k].value))
            continue;
        if (s[k].reg < 0) {
            spare = spare < 0 ? free_reg(t, &taken) : spare;
            t->host->load_const(t, spare, s[k].value);
        }
        t->host->store(t, t->val[s[k].value].type, m, s[k].reg < 0 ? spare : s[k].reg);
    }
}
