/* SPDX-License-Identifier: Apache-2.0 */
/* SSE and AVX: what is done by C functions of values: crypto, string compares, approximations, rare sums;
 * half-precision conversions, which need MXCSR and hence a helper. */
#include "frontend/x86/common/x86_flags.h"
#include "frontend/x86/common/x86_lifters.h"
#include "frontend/x86/common/x86_operand.h"
#include "frontend/x86/sse/x86_vec.h"
#include "src/host/x86_insns.h"
#include "src/ir/build/builder.h"

/* One operand, with the immediate if there is one. arg: X86_FN_* */
void x86_lift_vfn1(struct x86_lift *l, unsigned arg)
{
    bool imm = l->op[l->i->operand_count_visible - 1].type == ZYDIS_OPERAND_TYPE_IMMEDIATE;
    struct x86_v a = x86_vread(l, 1);
    for (unsigned h = 0; h < x86_halves(l); h++)
        a.h[h] = x86_vcall(l, (enum x86_fn)arg, a.h[h], IR_NO_REF, IR_NO_REF, imm ? x86_imm8(l) : 0);
    x86_vwrite(l, 0, a);
}

/* Two operands. mpsadbw has three bits of the immediate for each half. */
void x86_lift_vfn2(struct x86_lift *l, unsigned arg)
{
    bool imm = l->op[l->i->operand_count_visible - 1].type == ZYDIS_OPERAND_TYPE_IMMEDIATE;
    unsigned src = x86_src(l), shift = arg == X86_FN_mpsadbw ? 3 : 0;
    struct x86_v b = x86_vread(l, src + 1), a = x86_vread(l, src);
    for (unsigned h = 0; h < x86_halves(l); h++)
        a.h[h] = x86_vcall(l, (enum x86_fn)arg, a.h[h], b.h[h], IR_NO_REF, imm ? x86_imm8(l) >> shift * h : 0);
    x86_vwrite(l, 0, a);
}

/* sha256rnds2: with xmm0 */
void x86_lift_sha256rnds2(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    ir_ref b = x86_vread_half(l, 1, 0), a = x86_vread_half(l, 0, 0);
    x86_vwrite128(l, 0, x86_vcall(l, X86_FN_sha256rnds2, a, b, ir_get(l->b, X86_ROW_xmm0), 0));
}

/* rcpss, rsqrtss. arg: X86_FN_* */
void x86_lift_vfns(struct x86_lift *l, unsigned arg)
{
    ir_ref b = x86_sread(l, x86_src(l) + 1, IR_F32);
    ir_ref v = x86_vcall(l, (enum x86_fn)arg, x86_vset(l, x86_vzero(l), b, 0), IR_NO_REF, IR_NO_REF, 0);
    x86_swrite(l, x86_vget(l, IR_F32, v, 0));
}

/* ---- string compares ---- */

/* A length in 32 bits; one of 64 bits is brought nearer first: all that are longer than a register are the same. */
static ir_ref length_of(struct x86_lift *l, ZydisRegister reg)
{
    enum { MUCH = 64 };
    bool wide = x86_is_vex(l) ? l->i->raw.vex.W : l->i->attributes & ZYDIS_ATTRIB_HAS_REX && l->i->raw.rex.W;
    ir_ref v = x86_get_reg(l, reg);
    if (wide && l->is64) {
        v = ir_bin(l->b, IR_MIN_S, v, ir_const(l->b, IR_I64, MUCH));
        v = ir_bin(l->b, IR_MAX_S, v, ir_const(l->b, IR_I64, (uint64_t)-MUCH));
    }
    return x86_zext(l, IR_I32, v);
}

/* SF and PF = 0: the sign in bit 63, and the low byte has one bit. */
static void put_string_flags(struct x86_lift *l, ir_ref found)
{
    ir_ref flags = x86_vget(l, IR_I64, found, 0);
    ir_ref sign = ir_bini(l->b, IR_SHL, ir_bini(l->b, IR_AND, flags, X86_STR_S), 48);
    ir_ref z = ir_bini(l->b, IR_AND, flags, X86_STR_Z);
    x86_flag_put(l, X86_FLAG_C, ir_conv(l->b, IR_TRUNC, IR_I1, ir_bini(l->b, IR_SHR, flags, 8)));
    x86_flag_put(l, X86_FLAG_O, ir_conv(l->b, IR_TRUNC, IR_I1, flags));
    x86_flag_put(l, X86_FLAG_A, ir_const(l->b, IR_I8, 0));
    x86_flag_put(l, X86_FLAG_Z, ir_bini(l->b, IR_XOR, z, X86_STR_Z));
    x86_flag_put(l, X86_FLAG_S, ir_bini(l->b, IR_OR, sign, 1));
}

/* arg: bit 0 explicit lengths in eax and edx (rax and rdx with REX.W), bit 1 the mask to xmm0 instead of the index to
 * ecx */
void x86_lift_pcmpstr(struct x86_lift *l, unsigned arg)
{
    unsigned imm = (x86_imm8(l) & 0x7f) | (arg & 1 ? IR_VEC_LENGTHS : 0);
    ir_ref b = x86_vread_half(l, 1, 0), a = x86_vread_half(l, 0, 0), lengths = a;
    if (arg & 1) {
        lengths = x86_vset(l, x86_vzero(l), length_of(l, ZYDIS_REGISTER_RAX), 0);
        lengths = x86_vset(l, lengths, length_of(l, ZYDIS_REGISTER_RDX), 1);
    }
    ir_ref found = x86_vcall_fn(l, &x86_fn_strfind, a, b, lengths, imm);
    if (arg & 2) {
        ir_put(l->b, X86_ROW_xmm0, x86_vcall_fn(l, &x86_fn_strmask, a, b, lengths, imm));
        if (x86_is_vex(l))
            ir_put(l->b, X86_ROW_ymmh0, x86_vzero(l));
    } else {
        x86_put_reg(l, ZYDIS_REGISTER_ECX, x86_vget(l, IR_I32, found, 1));
    }
    put_string_flags(l, found);
}

/* ---- half precision: by the host, whose MXCSR is the guest's ---- */

static uint64_t half_to_single(struct cpu *cpu, uint64_t v, uint64_t b, uint64_t c, uint64_t d)
{
    return host_x86_halves_to_floats((uint32_t)v);
}

static uint64_t single_to_half(struct cpu *cpu, uint64_t v, uint64_t mode, uint64_t c, uint64_t d)
{
    return host_x86_floats_to_halves(v, (unsigned)mode);
}

static const struct ir_helper to_single = {"x86_half_to_single", half_to_single, 1, IR_I64, IR_FX_FPOBS | IR_FX_FPFLAG};
static const struct ir_helper to_half = {"x86_single_to_half", single_to_half, 2, IR_I32, IR_FX_FPOBS | IR_FX_FPFLAG};

/* Faults unless the bytes at addr (at most a page) can be written; changes nothing. For what may not raise FP flags if
 * its store faults. */
static uint64_t probe_write(struct cpu *cpu, uint64_t addr, uint64_t bytes, uint64_t c, uint64_t d)
{
    enum { PAGE = 4096 };
    uint64_t last = addr + bytes - 1;
    __atomic_fetch_or((uint8_t *)(uintptr_t)addr, 0, __ATOMIC_RELAXED);
    if ((addr ^ last) & ~(uint64_t)(PAGE - 1))
        __atomic_fetch_or((uint8_t *)(uintptr_t)(last & ~(uint64_t)(PAGE - 1)), 0, __ATOMIC_RELAXED);
    return 0;
}
static const struct ir_helper probe_store = {"x86_probe_write", probe_write, 2, IR_VOID,
                                             IR_FX_RMEM | IR_FX_WMEM | IR_FX_FAULT};

/* vcvtph2ps: two elements a call */
void x86_lift_cvtph2ps(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    unsigned halves = x86_halves(l);
    ir_ref src = x86_is_mem(l, 1) && halves == 1 ? x86_vset(l, x86_vzero(l), x86_load(l, IR_I64, x86_addr(l, 1), 0), 0)
                                                 : x86_vread_half(l, 1, 0);
    struct x86_v r = {{x86_vzero(l), x86_vzero(l)}};
    for (unsigned n = 0; n < 2 * halves; n++) {
        ir_ref two = x86_vget(l, IR_I32, src, n);
        ir_ref v = ir_call(l->b, &to_single, two, IR_NO_REF, IR_NO_REF, IR_NO_REF);
        r.h[n / 2] = x86_vset(l, r.h[n / 2], v, n & 1);
    }
    x86_vwrite(l, 0, r);
}

void x86_lift_cvtps2ph(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    struct x86_v a = x86_vread(l, 1);
    ir_ref r = x86_vzero(l), mode = ir_const(l->b, IR_I64, x86_imm8(l));
    if (x86_is_mem(l, 0))
        ir_call(l->b, &probe_store, x86_addr(l, 0), ir_const(l->b, IR_I64, 8 * x86_halves(l)), IR_NO_REF, IR_NO_REF);
    for (unsigned n = 0; n < 2 * x86_halves(l); n++) {
        ir_ref two = x86_vget(l, IR_I64, a.h[n / 2], n & 1);
        r = x86_vset(l, r, ir_call(l->b, &to_half, two, mode, IR_NO_REF, IR_NO_REF), n);
    }
    if (x86_is_mem(l, 0) && x86_halves(l) == 1)
        x86_store(l, x86_addr(l, 0), 0, x86_vget(l, IR_I64, r, 0));
    else
        x86_vwrite128(l, 0, r);
}
