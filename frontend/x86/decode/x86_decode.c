/* SPDX-License-Identifier: Apache-2.0 */
/* Decoding of one instruction by Zydis. */
#include "frontend/x86/decode/x86_decode.h"

/* Zydis 4.0 takes a SIB byte without base for one with base r13d, and drops the displacement, if addresses have 32 bits
 * in 64-bit code and the base's extension bit is set. */
static void mend_base(struct x86_decoded *d)
{
    const ZydisDecodedInstruction *i = &d->i;
    enum { NO_BASE = 5 };
    if (i->address_width != 32 || !(i->attributes & ZYDIS_ATTRIB_HAS_SIB) || i->raw.modrm.mod ||
        i->raw.sib.base != NO_BASE)
        return;
    for (unsigned n = 0; n < i->operand_count_visible; n++) {
        ZydisDecodedOperandMem *m = &d->op[n].mem;
        if (d->op[n].type != ZYDIS_OPERAND_TYPE_MEMORY || m->base != ZYDIS_REGISTER_R13D)
            continue;
        m->base = ZYDIS_REGISTER_NONE;
        m->disp.has_displacement = true;
        m->disp.value = i->raw.disp.value;
    }
}

bool x86_decode(bool is64, const uint8_t *code, size_t avail, struct x86_decoded *d)
{
    ZydisDecoder decoder;
    ZydisDecoderContext context;
    ZydisDecoderInit(&decoder, is64 ? ZYDIS_MACHINE_MODE_LONG_64 : ZYDIS_MACHINE_MODE_LEGACY_32,
                     is64 ? ZYDIS_STACK_WIDTH_64 : ZYDIS_STACK_WIDTH_32);
    ZyanStatus s = ZydisDecoderDecodeInstruction(&decoder, &context, code, avail, &d->i);
    d->legal = ZYAN_SUCCESS(s);
    d->too_long = s == ZYDIS_STATUS_INSTRUCTION_TOO_LONG;
    if (d->legal)
        d->legal =
            ZYAN_SUCCESS(ZydisDecoderDecodeOperands(&decoder, &context, &d->i, d->op, d->i.operand_count_visible));
    if (d->legal)
        mend_base(d);
    return s != ZYDIS_STATUS_NO_MORE_DATA;
}

bool x86_repeats_itself(const struct x86_decoded *d)
{
    switch (d->i.mnemonic) {
    case ZYDIS_MNEMONIC_LODSB:
    case ZYDIS_MNEMONIC_LODSW:
    case ZYDIS_MNEMONIC_LODSD:
    case ZYDIS_MNEMONIC_LODSQ:
    case ZYDIS_MNEMONIC_SCASB:
    case ZYDIS_MNEMONIC_SCASW:
    case ZYDIS_MNEMONIC_SCASD:
    case ZYDIS_MNEMONIC_SCASQ:
    case ZYDIS_MNEMONIC_CMPSB:
    case ZYDIS_MNEMONIC_CMPSW:
    case ZYDIS_MNEMONIC_CMPSD:
    case ZYDIS_MNEMONIC_CMPSQ:
        return x86_is_repeated(&d->i);
    default:
        return false;
    }
}

bool x86_ends_block(const struct x86_decoded *d)
{
    if (!d->legal)
        return true;
    switch (d->i.meta.category) {
    case ZYDIS_CATEGORY_CALL:
    case ZYDIS_CATEGORY_COND_BR:
    case ZYDIS_CATEGORY_INTERRUPT:
    case ZYDIS_CATEGORY_RET:
    case ZYDIS_CATEGORY_SYSCALL:
    case ZYDIS_CATEGORY_UNCOND_BR:
    case ZYDIS_CATEGORY_SYSRET:
        return true;
    case ZYDIS_CATEGORY_STRINGOP: /* x86_lift_string.c I2 */
        return x86_repeats_itself(d);
    default:
        return d->i.mnemonic == ZYDIS_MNEMONIC_HLT || d->i.mnemonic == ZYDIS_MNEMONIC_UD0 ||
               d->i.mnemonic == ZYDIS_MNEMONIC_UD1 || d->i.mnemonic == ZYDIS_MNEMONIC_UD2;
    }
}

bool x86_has_direct_target(const struct x86_decoded *d)
{
    return d->i.operand_count_visible && d->op[0].type == ZYDIS_OPERAND_TYPE_IMMEDIATE && d->op[0].imm.is_relative;
}

gaddr_t x86_direct_target(const struct x86_decoded *d, gaddr_t next, bool is64)
{
    gaddr_t target = next + d->op[0].imm.value.u;
    return is64 ? target : (uint32_t)target;
}

bool x86_is_branch(const struct x86_decoded *d)
{
    return d->legal && d->i.meta.category == ZYDIS_CATEGORY_COND_BR && d->i.mnemonic != ZYDIS_MNEMONIC_XBEGIN &&
           x86_has_direct_target(d);
}

bool x86_jumps_anywhere(const struct x86_decoded *d)
{
    return d->legal && (d->i.meta.category == ZYDIS_CATEGORY_CALL || d->i.meta.category == ZYDIS_CATEGORY_UNCOND_BR) &&
           !x86_has_direct_target(d);
}
