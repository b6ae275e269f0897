/* SPDX-License-Identifier: Apache-2.0 */
/* Vector operands: halves of xmm and ymm registers, memory with its alignment rules, single vector operations.
 *
 * I1  Legacy instructions want 16-byte memory operands aligned but for the few that are there for unaligned ones; VEX
 *     ones do not, but for the moves that say so (SDM volume 1, 14.9). A misaligned one is a general protection fault.
 * I2  The upper half of a ymm register is a row of its own. */
#include "frontend/x86/sse/x86_vec.h"

#include "frontend/x86/common/x86_operand.h"

#include "src/ir/build/builder.h"

static unsigned vec_index(ZydisRegister reg)
{
    return (unsigned)(reg >= ZYDIS_REGISTER_YMM0 ? reg - ZYDIS_REGISTER_YMM0 : reg - ZYDIS_REGISTER_XMM0);
}

static unsigned row_of(const struct x86_lift *l, unsigned n, unsigned half)
{
    return (half ? X86_ROW_ymmh0 : X86_ROW_xmm0) + vec_index(l->op[n].reg.value);
}

bool x86_same_reg(const struct x86_lift *l, unsigned n, unsigned m)
{
    return x86_is_reg(l, n) && x86_is_reg(l, m) && l->op[n].reg.value == l->op[m].reg.value;
}

unsigned x86_halves(const struct x86_lift *l)
{
    for (unsigned n = 0; n < l->i->operand_count_visible; n++) {
        if (l->op[n].size == 256)
            return 2;
    }
    return 1;
}

/* ---- memory ---- */

/* I1 */
static bool wants_alignment(const struct x86_lift *l)
{
    switch (l->i->mnemonic) {
    case ZYDIS_MNEMONIC_MOVUPS:
    case ZYDIS_MNEMONIC_MOVUPD:
    case ZYDIS_MNEMONIC_MOVDQU:
    case ZYDIS_MNEMONIC_LDDQU:
    case ZYDIS_MNEMONIC_PCMPESTRI:
    case ZYDIS_MNEMONIC_PCMPESTRM:
    case ZYDIS_MNEMONIC_PCMPISTRI:
    case ZYDIS_MNEMONIC_PCMPISTRM:
    case ZYDIS_MNEMONIC_SHA1RNDS4:
    case ZYDIS_MNEMONIC_SHA1NEXTE:
    case ZYDIS_MNEMONIC_SHA1MSG1:
    case ZYDIS_MNEMONIC_SHA1MSG2:
    case ZYDIS_MNEMONIC_SHA256RNDS2:
    case ZYDIS_MNEMONIC_SHA256MSG1:
    case ZYDIS_MNEMONIC_SHA256MSG2: /* on AMD's CPUs */
        return false;
    case ZYDIS_MNEMONIC_VMOVAPS:
    case ZYDIS_MNEMONIC_VMOVAPD:
    case ZYDIS_MNEMONIC_VMOVDQA:
    case ZYDIS_MNEMONIC_VMOVNTPS:
    case ZYDIS_MNEMONIC_VMOVNTPD:
    case ZYDIS_MNEMONIC_VMOVNTDQ:
    case ZYDIS_MNEMONIC_VMOVNTDQA:
        return true;
    default:
        return !x86_is_vex(l);
    }
}

static uint16_t vec_mem(const struct x86_lift *l, unsigned n)
{
    bool aligned = l->op[n].size >= 128 && wants_alignment(l);
    return (uint16_t)(x86_mem(IR_V128) | (aligned ? IR_MEM_ALIGNED : 0));
}

/* The address of memory operand n; 32-byte operands that must be aligned are checked here, the halves know 16 only. */
static ir_ref vec_addr(struct x86_lift *l, unsigned n)
{
    ir_ref addr = x86_addr(l, n);
    if (l->op[n].size == 256 && wants_alignment(l)) {
        ir_ref low = ir_bini(l->b, IR_AND, addr, 31);
        ir_trap_if(l->b, ir_icmp(l->b, IR_NE, low, ir_const(l->b, IR_I64, 0)), IR_TRAP_PRIVILEGED, l->pc);
    }
    return addr;
}

/* ---- operands ---- */

ir_ref x86_vread_half(struct x86_lift *l, unsigned n, unsigned half)
{
    if (x86_is_mem(l, n))
        return ir_ld(l->b, IR_V128, vec_mem(l, n), x86_addr(l, n), 16 * half);
    return ir_get(l->b, row_of(l, n, half));
}

struct x86_v x86_vread(struct x86_lift *l, unsigned n)
{
    struct x86_v v = {{IR_NO_REF, IR_NO_REF}};
    if (x86_is_mem(l, n)) {
        ir_ref addr = vec_addr(l, n);
        for (unsigned h = 0; h < x86_halves(l); h++)
            v.h[h] = ir_ld(l->b, IR_V128, vec_mem(l, n), addr, 16 * h);
        return v;
    }
    for (unsigned h = 0; h < x86_halves(l); h++)
        v.h[h] = x86_vread_half(l, n, h);
    return v;
}

static void clear_upper(struct x86_lift *l, unsigned n)
{
    if (x86_is_vex(l))
        ir_put(l->b, row_of(l, n, 1), x86_vzero(l));
}

void x86_vwrite(struct x86_lift *l, unsigned n, struct x86_v v)
{
    unsigned halves = x86_halves(l);
    if (x86_is_mem(l, n)) {
        ir_ref addr = vec_addr(l, n);
        for (unsigned h = 0; h < halves; h++)
            ir_st(l->b, vec_mem(l, n), addr, 16 * h, v.h[h]);
        return;
    }
    ir_put(l->b, row_of(l, n, 0), v.h[0]);
    if (halves == 2)
        ir_put(l->b, row_of(l, n, 1), v.h[1]);
    else
        clear_upper(l, n);
}

void x86_vwrite128(struct x86_lift *l, unsigned n, ir_ref v)
{
    if (x86_is_mem(l, n)) {
        ir_st(l->b, vec_mem(l, n), x86_addr(l, n), 0, v);
        return;
    }
    ir_put(l->b, row_of(l, n, 0), v);
    clear_upper(l, n);
}

ir_ref x86_sread(struct x86_lift *l, unsigned n, enum ir_type type)
{
    if (x86_is_mem(l, n))
        return ir_ld(l->b, type, x86_mem(type), x86_addr(l, n), 0);
    return x86_vget(l, type, x86_vread_half(l, n, 0), 0);
}

void x86_swrite(struct x86_lift *l, ir_ref v)
{
    x86_vwrite128(l, 0, x86_vset(l, x86_vread_half(l, x86_src(l), 0), v, 0));
}

void x86_swrite_zero(struct x86_lift *l, unsigned n, ir_ref v)
{
    if (x86_is_mem(l, n))
        x86_store(l, x86_addr(l, n), 0, v);
    else
        x86_vwrite128(l, n, x86_vset(l, x86_vzero(l), v, 0));
}

/* ---- single operations ---- */

ir_ref x86_v1(struct x86_lift *l, enum ir_op op, enum ir_type elem, ir_ref a)
{
    return ir_emit(l->b, op, IR_V128, (uint16_t)elem, a, IR_NO_REF, IR_NO_REF, 0);
}

ir_ref x86_v2(struct x86_lift *l, enum ir_op op, enum ir_type elem, ir_ref a, ir_ref b)
{
    return ir_emit(l->b, op, IR_V128, (uint16_t)elem, a, b, IR_NO_REF, 0);
}

ir_ref x86_vshuf(struct x86_lift *l, enum ir_type elem, ir_ref a, ir_ref b, uint64_t imm)
{
    return ir_emit(l->b, IR_VSHUF, IR_V128, (uint16_t)elem, a, b, IR_NO_REF, imm);
}

ir_ref x86_vget(struct x86_lift *l, enum ir_type elem, ir_ref v, unsigned index)
{
    return ir_emit(l->b, IR_VGETE, elem, (uint16_t)elem, v, IR_NO_REF, IR_NO_REF, index);
}

ir_ref x86_vset(struct x86_lift *l, ir_ref v, ir_ref scalar, unsigned index)
{
    return ir_emit(l->b, IR_VSETE, IR_V128, (uint16_t)ir_type_of(l->b, scalar), v, scalar, IR_NO_REF, index);
}

ir_ref x86_vshift(struct x86_lift *l, enum ir_op op, enum ir_type elem, ir_ref v, unsigned count)
{
    return x86_v2(l, op, elem, v, ir_const(l->b, IR_I8, count));
}

ir_ref x86_vzero(struct x86_lift *l) { return ir_const128(l->b, IR_V128, 0, 0); }

ir_ref x86_vones(struct x86_lift *l) { return ir_const128(l->b, IR_V128, ~UINT64_C(0), ~UINT64_C(0)); }

ir_ref x86_vsplat_const(struct x86_lift *l, enum ir_type elem, uint64_t v)
{
    for (unsigned bits = ir_type_bits(elem); bits < 64; bits *= 2)
        v = (v & ((UINT64_C(1) << bits) - 1)) | v << bits;
    return ir_const128(l->b, IR_V128, v, v);
}

ir_ref x86_vselect(struct x86_lift *l, ir_ref mask, ir_ref a, ir_ref b)
{
    ir_ref from_a = x86_v2(l, IR_VANDN, IR_I64, mask, a);
    return x86_v2(l, IR_VOR, IR_I64, from_a, x86_v2(l, IR_VAND, IR_I64, mask, b));
}

ir_ref x86_vcall(struct x86_lift *l, enum x86_fn fn, ir_ref a, ir_ref b, ir_ref c, unsigned imm)
{
    return x86_vcall_fn(l, &x86_fns[fn], a, b, c, imm);
}

ir_ref x86_vcall_fn(struct x86_lift *l, const struct ir_vec_fn *fn, ir_ref a, ir_ref b, ir_ref c, unsigned imm)
{
    return ir_emit(l->b, IR_VFN, IR_V128, (uint16_t)imm, a, b == IR_NO_REF ? a : b, c == IR_NO_REF ? a : c,
                   (uint64_t)(uintptr_t)fn);
}

/* ---- floating point ---- */

uint16_t x86_fp_aux(const struct x86_lift *l, enum ir_type elem)
{
    unsigned aux = IR_RDYN | ir_fp_nan(IR_NAN_X86) | ir_fp_elem_bits(elem);
    aux |= l->req->mode & X86_MODE_DAZ ? IR_FP_DAZ : 0;
    aux |= l->req->mode & X86_MODE_SSE_TRAPS ? IR_FP_TRAPS : 0;
    return (uint16_t)(aux | (l->req->mode & X86_MODE_FTZ ? IR_FP_FTZ : 0));
}

uint16_t x86_fp_to_int_aux(const struct x86_lift *l, bool truncate, enum ir_type elem)
{
    unsigned aux = x86_fp_aux(l, elem) & ~(unsigned)(IR_FP_RM | IR_FP_FTZ);
    return (uint16_t)(aux | (truncate ? IR_RTZ : IR_RDYN));
}

uint16_t x86_fcond(const struct x86_lift *l, unsigned cond, enum ir_type elem)
{
    unsigned aux = cond | IR_FCOND_X86 | ir_fp_elem_bits(elem);
    aux |= l->req->mode & X86_MODE_SSE_TRAPS ? IR_FCOND_TRAPS : 0;
    return (uint16_t)(aux | (l->req->mode & X86_MODE_DAZ ? IR_FCOND_DAZ : 0));
}

/* ---- exceptions that are taken ---- */

static uint64_t nothing(struct cpu *cpu, uint64_t a, uint64_t b, uint64_t c, uint64_t d) { return 0; }
static const struct ir_helper barrier = {"x86_fp_barrier", nothing, 0, IR_VOID,
                                         IR_FX_RSTATE | IR_FX_RMEM | IR_FX_WMEM | IR_FX_FAULT | IR_FX_FPOBS |
                                             IR_FX_FPFLAG};

void x86_fp_may_trap(struct x86_lift *l)
{
    switch (l->i->meta.isa_ext) {
    case ZYDIS_ISA_EXT_SSE:
    case ZYDIS_ISA_EXT_SSE2:
    case ZYDIS_ISA_EXT_SSE3:
    case ZYDIS_ISA_EXT_SSE4:
    case ZYDIS_ISA_EXT_AVX:
    case ZYDIS_ISA_EXT_AVX2:
    case ZYDIS_ISA_EXT_FMA:
    case ZYDIS_ISA_EXT_F16C:
        ir_call(l->b, &barrier, IR_NO_REF, IR_NO_REF, IR_NO_REF, IR_NO_REF);
        break;
    default:
        break;
    }
}
