/* SPDX-License-Identifier: Apache-2.0 */
/* Disassembly by Zydis, in Intel syntax. */
#include <Zydis/Zydis.h>
#include <stdio.h>

#include "frontend/x86/decode/x86_disas.h"

static unsigned disas(ZydisMachineMode mode, gaddr_t pc, const uint8_t *code, size_t avail, char *text, size_t size)
{
    ZydisDisassembledInstruction d;
    if (!avail)
        return 0;
    ZyanStatus s = ZydisDisassembleIntel(mode, pc, code, avail, &d);
    if (s == ZYDIS_STATUS_NO_MORE_DATA)
        return 0;
    if (!ZYAN_SUCCESS(s)) {
        snprintf(text, size, ".byte 0x%02x", code[0]);
        return 1;
    }
    snprintf(text, size, "%s", d.text);
    return d.info.length;
}

unsigned x86_64_disas(gaddr_t pc, const uint8_t *code, size_t avail, char *text, size_t size)
{
    return disas(ZYDIS_MACHINE_MODE_LONG_64, pc, code, avail, text, size);
}

unsigned x86_i386_disas(gaddr_t pc, const uint8_t *code, size_t avail, char *text, size_t size)
{
    return disas(ZYDIS_MACHINE_MODE_LEGACY_32, pc, code, avail, text, size);
}
