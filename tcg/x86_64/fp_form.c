/* SPDX-License-Identifier: Apache-2.0 */
/* Which instruction a floating-point operation is, if the host has one with its rules; and its rounding mode.
 *
 * I1  MXCSR's rounding mode is the guest's (IR_RDYN). A static mode that differs is set for one instruction; the flags
 *     that it raises stay.
 * I2  What the host does not have (ties-away, round-to-odd, flush-to-zero but x86's, v256, f80) is done by ir_eval.
 */
#include "tcg/x86_64/fp_form.h"

#include "tcg/common/reg_file.h"
#include "tcg/x86_64/regs.h"

static bool is_scalar(unsigned type) { return type == IR_F32 || type == IR_F64; }

/* The prefix of an arithmetic instruction says which of its four forms it is. */
unsigned tcg_fp_op(unsigned scalar_f32, bool f64, bool packed)
{
    unsigned pp = packed ? (f64 ? HX_P66 : HX_PNP) : f64 ? HX_PF2 : HX_PF3;
    return (scalar_f32 & ~(3u << 10)) | pp << 10;
}

/* I2 */
static bool host_rules(const struct ir_insn *in)
{
    unsigned rm = ir_fp_rm(in->aux), nan = ir_fp_nan_rule(in->aux);
    unsigned special = IR_FP_TINY_BEFORE | (nan == IR_NAN_X86 ? 0 : IR_FP_DAZ | IR_FP_FTZ);
    return !(in->aux & special) && nan <= 1 && rm != IR_RMM && rm != IR_ROD;
}

bool tcg_fp_native(const struct ir_insn *in) { return !ir_fp_elem(in->aux) && host_rules(in); }

bool tcg_fp_form(const struct ir_insn *in, struct tcg_fp_form *form)
{
    unsigned elem = ir_fp_elem(in->aux), type = elem ? elem : in->type;
    *form = (struct tcg_fp_form){.f64 = type == IR_F64, .packed = elem != 0};
    return host_rules(in) && is_scalar(type) && (!elem || in->type == IR_V128);
}

bool tcg_fp_form_checked(const struct ir_insn *in, struct tcg_fp_form *form)
{
    struct ir_insn plain = *in;
    if (ir_fp_nan_rule(in->aux) == IR_NAN_ARM)
        plain.aux &= (uint16_t) ~(IR_FP_NAN | IR_FP_TINY_BEFORE);
    return tcg_fp_form(&plain, form);
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
