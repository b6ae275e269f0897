/* SPDX-License-Identifier: Apache-2.0 */
/* /proc/self/maps and smaps of the guest: proc(5). */
#ifndef TANDEM_RUNTIME_LINUX_BASE_PROC_MAPS_H
#define TANDEM_RUNTIME_LINUX_BASE_PROC_MAPS_H

#include <stdio.h>

#include "runtime/mem/mem_list.h"

/* Writes the guest's mappings to out; in is the host's smaps. Any thread. */
void proc_maps(struct guest_mem *mem, FILE *out);
void proc_smaps(struct guest_mem *mem, FILE *in, FILE *out);
/* A line of maps for a page that may only be executed and has no memory, and its details if there is a host's smaps. */
void proc_maps_page(gaddr_t start, gaddr_t end, const char *name, FILE *smaps, FILE *out);
/* The sums of smaps. */
void proc_smaps_rollup(struct guest_mem *mem, FILE *out);

#endif
