/* SPDX-License-Identifier: Apache-2.0 */
/* System calls under way: sizes of their structures, calls that stand for others. */
#include "runtime/linux/base/call.h"

#include <string.h>
#include <sys/sem.h>
#include <sys/stat.h>

#include "runtime/linux/base/state.h"
#include "src/ir/state.h"

static const uint16_t struct_sizes[SYS_STRUCT_COUNT] = {
#define STRUCT(name, size) size,
#include "runtime/linux/base/structs.def"
};

size_t sys_struct_size(enum sys_struct s) { return struct_sizes[s]; }

struct sys_ctx sys_other(const struct sys_ctx *c, enum linux_call call, const uint64_t a[6])
{
    struct sys_ctx other = {.t = c->t, .table = c->table, .row = &c->table->rows[call]};
    memcpy(other.a, a, sizeof other.a);
    return other;
}

long sys_handle(struct sys_ctx *c) { return lx_narrow(c->t) && c->row->narrow ? c->row->narrow(c) : c->row->fn(c); }
