/* SPDX-License-Identifier: Apache-2.0 */
/* Which instruction a floating-point operation is, if the host has one with its rules; and its rounding mode.
 *
 * I1  MXCSR's rounding mode is the guest's (IR_RDYN). A static mode that differs is set for one instruction; the flags
 *     that it raises stay.
 * I2  What the host does not have (ties-away, round-to-odd, flush-to-zero but x86's, v256, f80) is done by ir_eval.
 */
#include "tcg/x86_64/fp_form.h"

#include "tcg/common/cold.h"
#include "tcg/common/reg_file.h"
#include "tcg/common/regalloc.h"
#include "tcg/x86_64/emit_call.h"
#include "tcg/x86_64/regs.h"
#include "tcg/x86_64/simd.h"

static bool is_scalar(unsigned type) { return type == IR_F32 || type == IR_F64; }

/* The prefix of an arithmetic instruction says which of its four forms it is. */
unsigned tcg_fp_op(unsigned scalar_f32, bool f64, bool packed)
{
    unsigned pp = packed ? (f64 ? HX_P66 : HX_PNP) : f64 ? HX_PF2 : HX_PF3;
    return (scalar_f32 & ~(3u << 10)) | pp << 10;
}

/* May the result round to the smallest normal number? Sums, differences and roots that are tiny are
 * exact, and a quotient of numbers is never so near below a power of two. */
static bool may_be_tiny(const struct ir_insn *in)
{
    return in->aux & IR_FP_TINY_BEFORE && in->op != IR_FADD && in->op != IR_FSUB && in->op != IR_FSQRT &&
           in->op != IR_FDIV && in->op != IR_FROUND;
}

/* Is a NaN perhaps not the host's? Of one operand's NaN, Arm makes what x86 makes. */
static bool may_be_other_nan(const struct ir_insn *in)
{
    return ir_fp_nan_rule(in->aux) == IR_NAN_ARM && in->op != IR_FCVT_FF && in->op != IR_FROUND;
}

/* I2; checked: but for what tcg_fp_check finds */
static bool host_rules(const struct ir_insn *in, bool checked)
{
    unsigned rm = ir_fp_rm(in->aux), nan = ir_fp_nan_rule(in->aux);
    unsigned special = nan == IR_NAN_X86 ? 0 : IR_FP_DAZ | IR_FP_FTZ;
    return !(in->aux & special) && rm != IR_RMM && rm != IR_ROD &&
           (checked || !(may_be_other_nan(in) || may_be_tiny(in)));
}

bool tcg_fp_native(const struct ir_insn *in) { return !ir_fp_elem(in->aux) && host_rules(in, false); }

static bool find_form(const struct ir_insn *in, struct tcg_fp_form *form)
{
    unsigned elem = ir_fp_elem(in->aux), type = elem ? elem : in->type;
    *form = (struct tcg_fp_form){.f64 = type == IR_F64, .packed = elem != 0};
    return is_scalar(type) && (!elem || in->type == IR_V128);
}

bool tcg_fp_form(const struct ir_insn *in, struct tcg_fp_form *form)
{
    return find_form(in, form) && host_rules(in, false);
}

bool tcg_fp_checked_form(const struct ir_insn *in, struct tcg_fp_form *form)
{
    return find_form(in, form) && host_rules(in, true) && !(form->packed && may_be_tiny(in));
}

bool tcg_fp_needs_check(const struct ir_insn *in) { return may_be_other_nan(in) || may_be_tiny(in); }

/* ---- results that the host computes otherwise ---- */

static uint32_t jump_if_nan(struct tcg *t, struct tcg_fp_form f, int v)
{
    enum { UNORDERED = 3 };
    if (!f.packed) {
        tcg_fp2(t, f.f64 ? HX_UCOMISD : HX_UCOMISS, 0, v, v);
        return hx_jcc(&t->a, HX_CC_P);
    }
    int x = ra_tmp(t, TCG_RC_FPR), g = ra_tmp(t, TCG_RC_GPR);
    tcg_fp3(t, f.f64 ? HX_CMPPD : HX_CMPPS, x, v, v);
    hx_u8(&t->a, UNORDERED);
    tcg_fp2(t, f.f64 ? HX_MOVMSKPD : HX_MOVMSKPS, 0, g, x);
    hx_rr(&t->a, HX_TEST, 0, g, g);
    ra_unlock(t, x), ra_unlock(t, g);
    return hx_jcc(&t->a, HX_CC_NE);
}

/* The smallest normal number of either sign has one bit set besides the sign. */
static uint32_t jump_if_smallest_normal(struct tcg *t, struct tcg_fp_form f, int v)
{
    int g = ra_tmp(t, TCG_RC_GPR);
    tcg_fp2(t, HX_MOVD_RX, f.f64, v, g);
    hx_alu_rr(&t->a, HX_ALU_ADD, f.f64 ? TCG_SZ64 : TCG_SZ32, g, g);
    hx_shift_ri(&t->a, HX_SH_ROR, f.f64, g, f.f64 ? 53 : 24);
    hx_alu_ri(&t->a, HX_ALU_CMP, f.f64 ? TCG_SZ64 : TCG_SZ32, g, 1);
    ra_unlock(t, g);
    return hx_jcc(&t->a, HX_CC_E);
}

void tcg_fp_check(struct tcg *t, const struct ir_insn *in, struct tcg_fp_form f, const int *operands, int result)
{
    const bool nan = may_be_other_nan(in), tiny = may_be_tiny(in);
    uint32_t from[2] = {0};
    if (nan)
        from[0] = jump_if_nan(t, f, result);
    if (tiny)
        from[nan] = jump_if_smallest_normal(t, f, result);
    if (!nan && !tiny)
        return;
    struct tcg_cold *c = tcg_cold_eval(t, from[0], operands, result);
    c->from2 = from[1];
    c->back = (uint32_t)tcg_buf_off(&t->a);
}

/* ---- static rounding modes (I1) ---- */

enum { MXCSR_RC = 0x6000 };
struct tcg_mem tcg_rm_old(void) { return HX_CPU(spill); }
struct tcg_mem tcg_rm_new(void) { return TCG_MEM(HX_R13, TCG_CPU_OFF(spill) + 4); }
void tcg_stmxcsr(struct tcg *t, struct tcg_mem m) { hx_rm(&t->a, HX_LDMXCSR, 0, 3, m); }
void tcg_ldmxcsr(struct tcg *t, struct tcg_mem m) { hx_rm(&t->a, HX_LDMXCSR, 0, 2, m); }

void tcg_rm_begin(struct tcg *t, unsigned rm)
{
    static const uint16_t rc[4] = {[IR_RNE] = 0, [IR_RTZ] = 0x6000, [IR_RDN] = 0x2000, [IR_RUP] = 0x4000};
    if (rm == IR_RDYN)
        return;
    int tmp = ra_tmp(t, TCG_RC_GPR);
    tcg_stmxcsr(t, tcg_rm_old());
    hx_load(&t->a, TCG_SZ32, false, 0, tmp, tcg_rm_old());
    hx_alu_ri(&t->a, HX_ALU_AND, TCG_SZ32, tmp, ~MXCSR_RC);
    if (rc[rm])
        hx_alu_ri(&t->a, HX_ALU_OR, TCG_SZ32, tmp, rc[rm]);
    hx_store(&t->a, TCG_SZ32, tcg_rm_new(), tmp);
    tcg_ldmxcsr(t, tcg_rm_new());
    ra_unlock(t, tmp);
}

void tcg_rm_end(struct tcg *t, unsigned rm)
{
    if (rm == IR_RDYN)
        return;
    int tmp = ra_tmp(t, TCG_RC_GPR);
    tcg_stmxcsr(t, tcg_rm_new());
    hx_load(&t->a, TCG_SZ32, false, 0, tmp, tcg_rm_old());
    hx_alu_ri(&t->a, HX_ALU_AND, TCG_SZ32, tmp, MXCSR_RC);
    hx_alu_mi(&t->a, HX_ALU_AND, TCG_SZ32, tcg_rm_new(), ~MXCSR_RC);
    hx_alu_mr(&t->a, HX_ALU_OR, TCG_SZ32, tcg_rm_new(), tmp);
    tcg_ldmxcsr(t, tcg_rm_new());
    ra_unlock(t, tmp);
}
