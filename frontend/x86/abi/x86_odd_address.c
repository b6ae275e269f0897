/* SPDX-License-Identifier: Apache-2.0 */
/* An address that is not canonical is a stack fault (SIGBUS) if the instruction reaches it by the stack segment, else
 * general protection (SIGSEGV): Intel SDM volume 1, 3.3.7.1. What the host raises says nothing about it, since the
 * guest's registers are others there. */
#include "frontend/x86/abi/x86_odd_address.h"

#include <Zydis/Zydis.h>
#include <signal.h>

#include "frontend/x86/common/x86_state.h"

static void fill_registers(ZydisRegisterContext *r, const struct cpu *cpu, unsigned size)
{
    const struct x86_state *s = x86_state_const(cpu);
    const uint64_t values[16] = {s->rax, s->rcx, s->rdx, s->rbx, s->rsp, s->rbp, s->rsi, s->rdi,
                                 s->r8,  s->r9,  s->r10, s->r11, s->r12, s->r13, s->r14, s->r15};
    for (unsigned i = 0; i < 16; i++) {
        r->values[ZYDIS_REGISTER_RAX + i] = values[i];
        r->values[ZYDIS_REGISTER_EAX + i] = (uint32_t)values[i];
    }
    r->values[ZYDIS_REGISTER_RIP] = cpu->pc + size;
}

/* Overrides by other segments than fs and gs mean nothing to 64-bit code. */
static bool is_by_stack(const ZydisDecodedOperand *o)
{
    const ZydisRegister base = ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, o->mem.base);
    return (base == ZYDIS_REGISTER_RSP || base == ZYDIS_REGISTER_RBP) && o->mem.segment != ZYDIS_REGISTER_FS &&
           o->mem.segment != ZYDIS_REGISTER_GS;
}

int x86_odd_address(const struct cpu *cpu, const uint8_t *code, size_t size)
{
    ZydisDecoder decoder;
    ZydisDecoderContext context;
    ZydisDecodedInstruction insn;
    ZydisDecodedOperand op[ZYDIS_MAX_OPERAND_COUNT];
    ZydisRegisterContext registers;
    ZyanU64 address;
    ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    if (ZYAN_FAILED(ZydisDecoderDecodeInstruction(&decoder, &context, code, size, &insn)) ||
        ZYAN_FAILED(ZydisDecoderDecodeOperands(&decoder, &context, &insn, op, insn.operand_count)))
        return SIGSEGV;
    fill_registers(&registers, cpu, insn.length);
    for (unsigned i = 0; i < insn.operand_count; i++) {
        if (op[i].type != ZYDIS_OPERAND_TYPE_MEMORY || op[i].mem.type == ZYDIS_MEMOP_TYPE_AGEN || !is_by_stack(&op[i]))
            continue;
        if (ZYAN_FAILED(ZydisCalcAbsoluteAddressEx(&insn, &op[i], 0, &registers, &address)) ||
            !x86_is_canonical(address))
            return SIGBUS;
    }
    return SIGSEGV;
}
