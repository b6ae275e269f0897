/* SPDX-License-Identifier: Apache-2.0 */
/* Limits on the guest's memory, counted when a call wants more: most programs have none. */
#include "runtime/mem/mem_limits.h"

#include "runtime/mem/mem_struct.h"

void mem_set_limits(struct guest_mem *mem, uint64_t all, uint64_t data)
{
    pthread_rwlock_wrlock(&mem->lock);
    mem->limit_all = all;
    mem->limit_data = data;
    mem->is_limited = all != ~UINT64_C(0) || data != ~UINT64_C(0);
    pthread_rwlock_unlock(&mem->lock);
}

/* What the kernel counts for RLIMIT_DATA: private, writable, and no stack. */
static bool is_data(const struct mem_area *area)
{
    return (area->prot & PROT_WRITE) && !(area->flags & (MAP_SHARED | MAP_GROWSDOWN));
}

static uint64_t overlap(const struct mem_area *area, gaddr_t start, gaddr_t end)
{
    start = start > area->start ? start : area->start;
    end = end < area->end ? end : area->end;
    return start < end ? end - start : 0;
}

bool mem_is_within_limits_locked(const struct guest_mem *mem, const struct mem_area *area, uint64_t more,
                                 gaddr_t replaced_start, gaddr_t replaced_end)
{
    uint64_t all = more, data = is_data(area) ? more : 0;
    if (!mem->is_limited)
        return true;
    for (size_t i = 0; i < mem->areas.count; i++) {
        const struct mem_area *other = &mem->areas.item[i];
        const uint64_t bytes = other->end - other->start - overlap(other, replaced_start, replaced_end);
        all += bytes;
        data += is_data(other) ? bytes : 0;
    }
    return all <= mem->limit_all && (!is_data(area) || data <= mem->limit_data);
}
