/* SPDX-License-Identifier: Apache-2.0 */
/* The table of system calls. */
#ifndef TANDEM_RUNTIME_LINUX_TABLE_ROWS_H
#define TANDEM_RUNTIME_LINUX_TABLE_ROWS_H

#include "runtime/linux/base/call.h"

TANDEM_BEGIN_DECLS
extern const struct sys_table sys_table;
/* What a guest's number stands for; NULL if nothing. */
const struct guest_call *sys_find_call(const struct guest_linux *abi, uint64_t number);
TANDEM_END_DECLS

/* The row of it. */
static inline const struct sys_row *sys_find_row(const struct guest_linux *abi, uint64_t number)
{
    const struct guest_call *call = sys_find_call(abi, number);
    return call ? &sys_table.rows[call->name - 1] : NULL;
}

#endif
