/* SPDX-License-Identifier: Apache-2.0 */
/* RLIMIT_AS and RLIMIT_DATA of the guest. On the host they would hit tandem's own memory; so they are counted here,
 * over what the guest has mapped. */
#ifndef TANDEM_RUNTIME_MEM_MEM_LIMITS_H
#define TANDEM_RUNTIME_MEM_MEM_LIMITS_H

#include "runtime/mem/mem_types.h"

struct mem_area;

TANDEM_BEGIN_DECLS
/* The soft limits in bytes; ~0: none. What is mapped already stays. Any thread. */
void mem_set_limits(struct guest_mem *mem, uint64_t all, uint64_t data);
/* May the guest have more bytes like those of area? replaced: the range whose own bytes come free by it, or empty.
 * mem.lock held. */
bool mem_is_within_limits_locked(const struct guest_mem *mem, const struct mem_area *area, uint64_t more,
                                 gaddr_t replaced_start, gaddr_t replaced_end);
TANDEM_END_DECLS

#endif
