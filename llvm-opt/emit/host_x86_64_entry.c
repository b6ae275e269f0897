/* SPDX-License-Identifier: Apache-2.0 */
/* The code that enters a region at one of its entries, made of what LLVM has at the function's begin.
 *
 * The function goes on by an indirect jump to the block of an entry (region.c). What it does before, its prologue,
 * makes the frame and moves parameters; behind it every block of an entry finds the same. So each entry is a copy of
 * the prologue and a jump to its block, and the indirect jump is never taken.
 */
#include <Zydis/Zydis.h>
#include <string.h>

#include "llvm-opt/emit/entry.h"

enum { JUMP_BYTES = 5 };

uint32_t lopt_prologue_size(const uint8_t *code, size_t size)
{
    ZydisDecoder decoder;
    ZydisDecodedInstruction in;
    ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
    ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    for (size_t at = 0; at < size; at += in.length) {
        if (!ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, code + at, size - at, &in, operands)))
            return LOPT_NO_PROLOGUE;
        if (in.mnemonic == ZYDIS_MNEMONIC_JMP && operands[0].type == ZYDIS_OPERAND_TYPE_REGISTER)
            return (uint32_t)at;
        if (in.meta.branch_type != ZYDIS_BRANCH_TYPE_NONE || in.meta.category == ZYDIS_CATEGORY_RET)
            return LOPT_NO_PROLOGUE;
    }
    return LOPT_NO_PROLOGUE;
}

uint32_t lopt_entry_size(uint32_t prologue) { return prologue + JUMP_BYTES; }

void lopt_entry_write(uint8_t *image, uint32_t prologue, uint32_t size, uint32_t at, uint32_t block)
{
    uint8_t *jump = image + at + size;
    int32_t distance = (int32_t)block - (int32_t)(at + size + JUMP_BYTES);
    memcpy(image + at, image + prologue, size);
    *jump = 0xe9;
    memcpy(jump + 1, &distance, sizeof distance);
}

bool lopt_return_in_place(uint8_t *distance)
{
    static const uint8_t ret[JUMP_BYTES] = {0xc3, 0xcc, 0xcc, 0xcc, 0xcc};
    if (distance[-1] != 0xe9) /* the second byte of a conditional jump */
        return false;
    memcpy(distance - 1, ret, sizeof ret);
    return true;
}
