/* SPDX-License-Identifier: Apache-2.0 */
/* AVX: masked loads and stores, gathers; maskmovdqu.
 *
 * I1  Elements whose mask bit is clear are not accessed: loads go to a constant zero of our own instead. Guest
 *     addresses are host addresses, so both are one load. Where the zero is, is asked at run time: code that is kept
 *     on disk holds no address of tandem's data.
 * I2  A store that faults may have stored some elements before; that is allowed (SDM volume 2, VMASKMOV). */
#include "frontend/x86/common/x86_lifters.h"
#include "frontend/x86/common/x86_operand.h"
#include "frontend/x86/sse/x86_vec.h"
#include "src/host/x86_insns.h"
#include "src/ir/build/builder.h"

static const uint64_t nothing = 0; /* I1 */

static ir_ref sign_of(struct x86_lift *l, enum ir_type elem, ir_ref mask, unsigned n)
{
    return ir_icmp(l->b, IR_SLT, x86_vget(l, elem, mask, n), ir_const(l->b, elem, 0));
}

static uint64_t address_of_nothing(struct cpu *cpu, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    return (uintptr_t)&nothing;
}
static const struct ir_helper nothing_at = {"x86_nothing", address_of_nothing, 0, IR_I64, 0};

/* The address of 8 bytes of zero. */
static ir_ref zero_at(struct x86_lift *l)
{
    return ir_call(l->b, &nothing_at, IR_NO_REF, IR_NO_REF, IR_NO_REF, IR_NO_REF);
}

static ir_ref load_if(struct x86_lift *l, enum ir_type elem, ir_ref wanted, ir_ref addr, ir_ref zero)
{
    return x86_load(l, elem, ir_select(l->b, wanted, addr, zero), 0);
}

static uint64_t store_masked(struct cpu *cpu, uint64_t addr, uint64_t mask, uint64_t value, uint64_t bytes)
{
    uint8_t *p = (uint8_t *)(uintptr_t)addr;
    for (unsigned i = 0; i < 8; i++) {
        unsigned sign =
            i / (unsigned)bytes * (unsigned)bytes + (unsigned)bytes - 1; /* the byte with the element's sign */
        if (mask >> (8 * sign + 7) & 1)
            *(volatile uint8_t *)(p + i) = (uint8_t)(value >> 8 * i);
    }
    return 0;
}
static const struct ir_helper masked_store = {"x86_store_masked", store_masked, 4, IR_VOID, IR_FX_WMEM | IR_FX_FAULT};

static void store(struct x86_lift *l, ir_ref addr, ir_ref mask, ir_ref v, unsigned bytes)
{
    for (unsigned n = 0; n < 2; n++)
        ir_call(l->b, &masked_store, n ? ir_bini(l->b, IR_ADD, addr, 8) : addr, x86_vget(l, IR_I64, mask, n),
                x86_vget(l, IR_I64, v, n), ir_const(l->b, IR_I64, bytes));
}

/* By the host's instruction: which faults masked bytes cause is up to the CPU (SDM volume 2, MASKMOVDQU). registers:
 * value and mask, 4 bits each */
static uint64_t store_bytes(struct cpu *cpu, uint64_t addr, uint64_t registers, uint64_t c, uint64_t d)
{
    const struct x86_vec *xmm = &x86_state_of(cpu)->xmm0;
    host_x86_maskmovdqu(addr, xmm + (registers & 15), xmm + (registers >> 4 & 15));
    return 0;
}
static const struct ir_helper maskmovdqu = {"x86_maskmovdqu", store_bytes, 2, IR_VOID,
                                            IR_FX_RSTATE | IR_FX_RMEM | IR_FX_WMEM | IR_FX_FAULT};

void x86_lift_maskmovdqu(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    unsigned registers = l->op[0].reg.value - ZYDIS_REGISTER_XMM0 + 16 * (l->op[1].reg.value - ZYDIS_REGISTER_XMM0);
    ir_ref addr = ir_get(l->b, X86_ROW_rdi);
    if (l->i->address_width == 32)
        addr = x86_zext(l, IR_I64, x86_zext(l, IR_I32, addr));
    ZydisRegister segment = l->i->attributes & ZYDIS_ATTRIB_HAS_SEGMENT_FS   ? ZYDIS_REGISTER_FS
                            : l->i->attributes & ZYDIS_ATTRIB_HAS_SEGMENT_GS ? ZYDIS_REGISTER_GS
                                                                             : ZYDIS_REGISTER_DS;
    ir_call(l->b, &maskmovdqu, x86_segmented(l, segment, addr), ir_const(l->b, IR_I64, registers), IR_NO_REF,
            IR_NO_REF);
}

/* vmaskmovps, vpmaskmovd, ...: loads and stores. arg: the element */
void x86_lift_maskmov(struct x86_lift *l, unsigned arg)
{
    enum ir_type elem = (enum ir_type)arg;
    unsigned bytes = ir_type_bits(elem) / 8;
    struct x86_v mask = x86_vread(l, 1), v;
    if (x86_is_mem(l, 0)) {
        ir_ref addr = x86_addr(l, 0);
        v = x86_vread(l, 2);
        for (unsigned h = 0; h < x86_halves(l); h++)
            store(l, h ? ir_bini(l->b, IR_ADD, addr, 16) : addr, mask.h[h], v.h[h], bytes);
        return;
    }
    ir_ref addr = x86_addr(l, 2), zero = zero_at(l);
    for (unsigned h = 0; h < x86_halves(l); h++) {
        v.h[h] = x86_vzero(l);
        for (unsigned n = 0; n < 16 / bytes; n++) {
            ir_ref at = ir_bini(l->b, IR_ADD, addr, 16 * h + n * bytes);
            v.h[h] = x86_vset(l, v.h[h], load_if(l, elem, sign_of(l, elem, mask.h[h], n), at, zero), n);
        }
    }
    x86_vwrite(l, 0, v);
}

/* ---- gathers ---- */

static ir_ref index_of(struct x86_lift *l, enum ir_type type, unsigned n)
{
    ZydisRegister reg = l->op[1].mem.index;
    bool wide = reg >= ZYDIS_REGISTER_YMM0;
    unsigned number = (unsigned)(wide ? reg - ZYDIS_REGISTER_YMM0 : reg - ZYDIS_REGISTER_XMM0);
    unsigned in_half = 128 / ir_type_bits(type), row = (n >= in_half ? X86_ROW_ymmh0 : X86_ROW_xmm0) + number;
    return x86_sext(l, IR_I64, x86_vget(l, type, ir_get(l->b, row), n % in_half));
}

static ir_ref gather_address(struct x86_lift *l, enum ir_type index_type, unsigned n)
{
    const ZydisDecodedOperandMem *m = &l->op[1].mem;
    ir_ref a = ir_bini(l->b, IR_SHL, index_of(l, index_type, n), (uint64_t)__builtin_ctz(m->scale));
    if (m->base != ZYDIS_REGISTER_NONE)
        a = ir_bin(l->b, IR_ADD, a, ir_get(l->b, x86_gpr_row(m->base)));
    if (m->disp.has_displacement)
        a = ir_bini(l->b, IR_ADD, a, (uint64_t)m->disp.value);
    if (l->i->address_width == 32)
        a = x86_zext(l, IR_I64, x86_zext(l, IR_I32, a));
    return x86_segmented(l, m->segment, a);
}

static unsigned row_of(const struct x86_lift *l, unsigned n, unsigned half)
{
    ZydisRegister reg = l->op[n].reg.value;
    unsigned number = (unsigned)(reg >= ZYDIS_REGISTER_YMM0 ? reg - ZYDIS_REGISTER_YMM0 : reg - ZYDIS_REGISTER_XMM0);
    return (half ? X86_ROW_ymmh0 : X86_ROW_xmm0) + number;
}

/* vgatherdps, vpgatherqq, ...: the mask (operand 2) is cleared, what it does not select stays. An element that faults
 * finds the elements before it done and their masks cleared (SDM volume 2, VGATHERDPS). arg: element | index << 8 */
void x86_lift_gather(struct x86_lift *l, unsigned arg)
{
    enum ir_type elem = (enum ir_type)(arg & 0xff), index = (enum ir_type)(arg >> 8);
    bool wide = l->op[0].size == 256 || l->op[1].mem.index >= ZYDIS_REGISTER_YMM0;
    unsigned in_half = 128 / ir_type_bits(elem), bits = wide ? 256 : 128;
    unsigned count = bits / ir_type_bits(elem > index ? elem : index);
    ir_ref none = ir_const(l->b, elem, 0), nothing_there = zero_at(l);
    for (unsigned n = 0; n < count; n++) {
        unsigned h = n / in_half, k = n % in_half;
        ir_ref r = x86_vread_half(l, 0, h), mask = x86_vread_half(l, 2, h), wanted = sign_of(l, elem, mask, k);
        ir_ref v = load_if(l, elem, wanted, gather_address(l, index, n), nothing_there);
        ir_put(l->b, row_of(l, 0, h), x86_vset(l, r, ir_select(l->b, wanted, v, x86_vget(l, elem, r, k)), k));
        ir_put(l->b, row_of(l, 2, h), x86_vset(l, mask, none, k));
    }
    struct x86_v zero = {{x86_vzero(l), x86_vzero(l)}};
    if (l->op[0].size == 256) {
        x86_vwrite(l, 2, zero);
        return;
    }
    ir_ref low = x86_vread_half(l, 0, 0);
    if (count < in_half) /* four-byte elements by two indices */
        low = x86_vset(l, low, ir_const(l->b, IR_I64, 0), 1);
    x86_vwrite128(l, 0, low);
    x86_vwrite128(l, 2, zero.h[0]);
}
