/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of sys_table.def as a table.
 *
 * I1  Every name of calls.def has a row, and only one: a row that is missing fails the assertion, a second one is an
 *     initializer that overrides another, which does not compile. So does a second row of a guest's number. */
#include "runtime/linux/table/rows.h"

#include <assert.h>

#include "runtime/linux/base/call.h"
#include "runtime/linux/compat32/abi32_pass.h"
#include "runtime/linux/table/strace.h"

/* Handlers: every name in the handler columns. */
#define SYS(name, handler, ...)                long sys_##handler(struct sys_ctx *c);
#define SYS_AS(name, other, handler, ...)      long sys_##handler(struct sys_ctx *c);
#define SYS_NARROW(name, handler, narrow, ...) long sys_##handler(struct sys_ctx *c), sys_##narrow(struct sys_ctx *c);
#include "runtime/linux/table/sys_table.def"

enum row_count {
#define SYS(name, ...)        COUNT_##name,
#define SYS_AS(name, ...)     COUNT_##name,
#define SYS_NARROW(name, ...) COUNT_##name,
#include "runtime/linux/table/sys_table.def"
    ROW_COUNT
};
static_assert((int)ROW_COUNT == (int)LINUX_CALL_COUNT, "I1");

/* the short names of sys_table.def */
#define A_INT       ARG_INT
#define A_UINT      ARG_UINT
#define A_LONG      ARG_LONG
#define A_HIGH      ARG_HIGH
#define A_HEX       ARG_HEX
#define A_OCT       ARG_OCT
#define A_FD        ARG_FD
#define A_AT        ARG_AT
#define A_PTR       ARG_PTR
#define A_STR       ARG_STR
#define A_PATH      ARG_PATH
#define A_LOOKUP    ARG_LOOKUP
#define A_IN(n)     (ARG_IN | (n) << 8)
#define A_OUT(n)    (ARG_OUT | (n) << 8)
#define A_FL(table) (ARG_FLAGS | STRACE_##table << 8)
#define A_EN(table) (ARG_ENUM | STRACE_##table << 8)
#define A_SI(s)     (ARG_S_IN | SYS_STRUCT_##s << 8)
#define A_SO(s)     (ARG_S_OUT | SYS_STRUCT_##s << 8)
#define A_SIO(s)    (ARG_S_INOUT | SYS_STRUCT_##s << 8)
#define A_IOVI(n)   (ARG_IOV_IN | (n) << 8)
#define A_IOVO(n)   (ARG_IOV_OUT | (n) << 8)
#define A_MSGI      ARG_MSG_IN
#define A_MSGO      ARG_MSG_OUT
#define A_ADDRI(n)  (ARG_ADDR_IN | (n) << 8)
#define A_ADDRO(n)  (ARG_ADDR_OUT | (n) << 8)
#define A_SIGNO     ARG_SIGNO
#define A_SET       ARG_SIGSET
#define A_STRV      ARG_STRV
#define A_          ARG_END

#define ARGS_(a, b, c, d, e, f, ...)                                                                                   \
    {                                                                                                                  \
        A_##a, A_##b, A_##c, A_##d, A_##e, A_##f                                                                       \
    }
#define ARGS(...) ARGS_(__VA_ARGS__, , , , , , )

static const struct sys_row rows[LINUX_CALL_COUNT] = {
#define SYS(name, handler, ...) [LINUX_##name] = {#name, sys_##handler, NULL, LINUX_##name, ARGS(__VA_ARGS__)},
#define SYS_AS(name, other, handler, ...)                                                                              \
    [LINUX_##name] = {#name, sys_##handler, NULL, LINUX_##other, ARGS(__VA_ARGS__)},
#define SYS_NARROW(name, handler, narrow, ...)                                                                         \
    [LINUX_##name] = {#name, sys_##handler, sys_##narrow, LINUX_##name, ARGS(__VA_ARGS__)},
#include "runtime/linux/table/sys_table.def"
};

const struct sys_table sys_table = {.rows = rows, .pass32 = abi32_pass};

const struct guest_call *sys_find_call(const struct guest_linux *abi, uint64_t number)
{
    return number < abi->call.count && abi->call.numbers[number].name ? &abi->call.numbers[number] : NULL;
}
