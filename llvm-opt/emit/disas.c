/* SPDX-License-Identifier: Apache-2.0 */
/* Host code as text, by LLVM's disassembler. Any thread; the disassembler is made for each call. */
#include <inttypes.h>

#include "llvm-opt/emit/host.h"
#include "llvm-opt/emit/library.h"
#include "llvm-opt/lopt.h"

enum status lopt_disas_host(const uint8_t *code, size_t size, uint64_t base, FILE *out)
{
    const struct llvm_api *ll = lopt_llvm_api(NULL, 0);
    if (!ll)
        return STATUS_LLVM_MISSING;
    char *cpu = ll->GetHostCPUName(), *features = ll->GetHostCPUFeatures();
    const bool known = cpu && features;
    LLVMDisasmContextRef d =
        known ? ll->CreateDisasmCPUFeatures(LOPT_HOST_TRIPLE, cpu, features, NULL, 0, NULL, NULL) : NULL;
    ll->DisposeMessage(cpu);
    ll->DisposeMessage(features);
    if (!d)
        return known ? STATUS_LLVM_MISSING : STATUS_NO_MEMORY;
    union {
        const uint8_t *c;
        uint8_t *p;
    } bytes = {.c = code}; /* the disassembler only reads */
    for (size_t at = 0; at < size;) {
        char text[160];
        size_t n = ll->DisasmInstruction(d, bytes.p + at, size - at, base + at, text, sizeof text);
        if (n)
            fprintf(out, "%12" PRIx64 ": %s\n", base + at, text);
        else
            fprintf(out, "%12" PRIx64 ": \t.byte 0x%02x\n", base + at, code[at]);
        at += n ? n : 1;
    }
    ll->DisasmDispose(d);
    return STATUS_OK;
}
