/* SPDX-License-Identifier: Apache-2.0 */
/* SSE and AVX: moves between registers, memory and general registers. */
#include "frontend/x86/common/x86_lifters.h"
#include "frontend/x86/common/x86_operand.h"
#include "frontend/x86/sse/x86_vec.h"
#include "src/ir/build/builder.h"

/* movaps, movups, movdqa, movnt...: alignment is x86_vec.c's matter, caches are no one's. */
void x86_lift_vmov(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    x86_vwrite(l, 0, x86_vread(l, 1));
}

/* movss, movsd: a load clears the rest; between registers element 0 is merged into the first source. arg: the
 * element */
void x86_lift_smov(struct x86_lift *l, unsigned arg)
{
    unsigned last = l->i->operand_count_visible - 1;
    ir_ref v = x86_sread(l, last, (enum ir_type)arg);
    if (x86_is_mem(l, 0) || x86_is_mem(l, last))
        x86_swrite_zero(l, 0, v);
    else
        x86_swrite(l, v);
}

/* movd, movq: an integer to element 0 with the rest zero, or element 0 to an integer operand. */
void x86_lift_movd(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    unsigned bits = l->i->mnemonic == ZYDIS_MNEMONIC_MOVQ || l->i->mnemonic == ZYDIS_MNEMONIC_VMOVQ ? 64
                    : l->op[0].size < l->op[1].size                                                 ? l->op[0].size
                                                                                                    : l->op[1].size;
    enum ir_type type = x86_int_type(bits);
    bool to_vector = x86_is_reg(l, 0) && ZydisRegisterGetClass(l->op[0].reg.value) == ZYDIS_REGCLASS_XMM;
    bool from_vector = x86_is_reg(l, 1) && ZydisRegisterGetClass(l->op[1].reg.value) == ZYDIS_REGCLASS_XMM;
    ir_ref v = from_vector ? x86_sread(l, 1, type) : x86_read(l, 1);
    if (to_vector)
        x86_swrite_zero(l, 0, v);
    else
        x86_write(l, 0, v);
}

/* movlps, movhps, movlpd, movhpd: 64 bits of memory and one half of the register. arg: which */
void x86_lift_movhalf(struct x86_lift *l, unsigned arg)
{
    if (x86_is_mem(l, 0)) {
        x86_store(l, x86_addr(l, 0), 0, x86_vget(l, IR_I64, x86_vread_half(l, 1, 0), arg));
        return;
    }
    unsigned src = x86_src(l);
    ir_ref v = x86_load(l, IR_I64, x86_addr(l, src + 1), 0);
    x86_vwrite128(l, 0, x86_vset(l, x86_vread_half(l, src, 0), v, arg));
}

/* movhlps, movlhps. arg: the elements, as for VSHUF */
void x86_lift_movcross(struct x86_lift *l, unsigned arg)
{
    unsigned src = x86_src(l);
    x86_vwrite128(l, 0, x86_vshuf(l, IR_I64, x86_vread_half(l, src, 0), x86_vread_half(l, src + 1, 0), arg));
}

/* movddup, movsldup, movshdup. arg: VSHUF of i64 (bit 16 set) or i32 */
void x86_lift_movdup(struct x86_lift *l, unsigned arg)
{
    struct x86_v v;
    bool pairs = arg >> 16;
    if (pairs && x86_is_mem(l, 1) && l->op[1].size == 64) {
        v.h[0] = x86_vset(l, x86_vzero(l), x86_load(l, IR_I64, x86_addr(l, 1), 0), 0);
    } else {
        v = x86_vread(l, 1);
    }
    for (unsigned h = 0; h < x86_halves(l); h++)
        v.h[h] = x86_vshuf(l, pairs ? IR_I64 : IR_I32, v.h[h], v.h[h], arg & 0xffff);
    x86_vwrite(l, 0, v);
}

/* movmskps, movmskpd, pmovmskb. arg: the element */
void x86_lift_movmsk(struct x86_lift *l, unsigned arg)
{
    struct x86_v v = x86_vread(l, 1);
    unsigned per_half = 128 / ir_type_bits((enum ir_type)arg);
    ir_ref mask = IR_NO_REF;
    for (unsigned h = 0; h < x86_halves(l); h++) {
        ir_ref m = ir_emit(l->b, IR_VMOVMSK, IR_I32, (uint16_t)arg, v.h[h], IR_NO_REF, IR_NO_REF, 0);
        mask = h ? ir_bin(l->b, IR_OR, mask, ir_bini(l->b, IR_SHL, m, per_half)) : m;
    }
    x86_put_reg(l, l->op[0].reg.value, mask);
}

/* vzeroupper, vzeroall (arg 1): of the registers that the mode has */
void x86_lift_vzero(struct x86_lift *l, unsigned arg)
{
    for (unsigned n = 0; n < (l->is64 ? 16u : 8u); n++) {
        ir_put(l->b, X86_ROW_ymmh0 + n, x86_vzero(l));
        if (arg)
            ir_put(l->b, X86_ROW_xmm0 + n, x86_vzero(l));
    }
}
