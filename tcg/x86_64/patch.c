/* SPDX-License-Identifier: Apache-2.0 */
/* Changes of code that other threads may be running.
 *
 * I1  Each is one atomic store of a place that is aligned for it: the rel32 of an exit (exit_parts.c I1), the 8-byte
 *     head of a block (head.c I1).
 */
#include <string.h>

#include "tcg/tcg.h"

void tcg_patch_exit(uint8_t *base_rw, const uint8_t *base_rx, const struct tcg_exit *exit, const uint8_t *target)
{
    const uint8_t *to = target ? target : base_rx + exit->stub_off;
    int32_t rel = (int32_t)(to - (base_rx + exit->jmp_off + 4));
    __atomic_store_n((int32_t *)(void *)(base_rw + exit->jmp_off), rel, __ATOMIC_RELEASE);
}

const uint8_t *tcg_exit_goes(const uint8_t *base_rx, const struct tcg_exit *exit)
{
    const uint8_t *field = base_rx + exit->jmp_off;
    return field + 4 + __atomic_load_n((const int32_t *)(const void *)field, __ATOMIC_RELAXED);
}

bool tcg_relocate(const struct tcg_reloc *reloc, uint8_t *field, const uint8_t *rx, uint64_t addr)
{
    if (reloc->kind == TCG_RELOC_ABS64) {
        memcpy(field, &addr, sizeof addr);
        return true;
    }
    int64_t rel = (int64_t)(addr - ((uintptr_t)rx + 4 + reloc->tail));
    int32_t rel32 = (int32_t)rel;
    memcpy(field, &rel32, sizeof rel32);
    return rel == rel32;
}
