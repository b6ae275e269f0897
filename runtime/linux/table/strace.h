/* SPDX-License-Identifier: Apache-2.0 */
/* -strace: a line for each system call. All log under LOG_STRACE; the caller tests log_on. */
#ifndef TANDEM_RUNTIME_LINUX_TABLE_STRACE_H
#define TANDEM_RUNTIME_LINUX_TABLE_STRACE_H

#include "runtime/linux/base/call.h"

enum strace_flags {
#define FLAGS(name, list) STRACE_##name,
#include "runtime/linux/table/strace_flags.def"
#undef FLAGS
    STRACE_FLAGS_COUNT
};

/* What is known before the call, in full if it may not come back. */
struct strace_line {
    char text[2048];
    size_t len;
};
TANDEM_BEGIN_DECLS
void strace_begin(struct strace_line *line, const struct sys_ctx *c);
void strace_end(struct strace_line *line, const struct sys_ctx *c, long result);
TANDEM_END_DECLS

#endif
