/* SPDX-License-Identifier: Apache-2.0 */
/* Forgetting translated code whose pages change: under mem.lock first, then in the engine without it. */
#ifndef TANDEM_RUNTIME_MEM_MEM_FORGET_H
#define TANDEM_RUNTIME_MEM_MEM_FORGET_H

#include "runtime/mem/mem_types.h"

/* A range whose translations have to go once mem.lock is free. */
struct mem_drop {
    gaddr_t start, end; /* empty: nothing to do */
};

/* Why translations of a page go. */
enum mem_forget {
    MEM_FORGET_WRITTEN, /* its bytes change: what we protect becomes writable */
    MEM_FORGET_RIGHTS,  /* its rights change: the caller sets the host's */
    MEM_FORGET_MAPPING, /* it is unmapped or replaced: its history goes, too */
};

/* Clears the flags of the code pages of [start, end) and gives them new generations. drop grows by those that had code.
 * Called under mem.lock (write). */
void mem_forget_code_locked(struct guest_mem *mem, gaddr_t start, gaddr_t end, enum mem_forget why,
                            struct mem_drop *drop);
/* Calls the invalidate hook if there is anything to drop. Called without mem.lock. */
void mem_drop_code(struct guest_mem *mem, const struct mem_drop *drop);

#endif
