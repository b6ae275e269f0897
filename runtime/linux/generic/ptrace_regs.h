/* SPDX-License-Identifier: Apache-2.0 */
/* What a ptrace request about a tracee that stands still works on, and the requests about register sets. */
#ifndef TANDEM_RUNTIME_LINUX_GENERIC_PTRACE_REGS_H
#define TANDEM_RUNTIME_LINUX_GENERIC_PTRACE_REGS_H

#include "runtime/linux/base/call.h"
#include "runtime/linux/base/state.h"

struct ptrace_request {
    struct sys_ctx *c;
    struct lx_tracee *tracee;
    struct trace_record r;
    gaddr_t addr, data;
};

static inline bool ptrace_is_narrow(const struct ptrace_request *q) { return lx_narrow(q->c->t); }
static inline size_t ptrace_word_bytes(const struct ptrace_request *q) { return ptrace_is_narrow(q) ? 4 : 8; }

enum { PTRACE_FXSAVE_SIZE = 512 }; /* of x86: its FP set without what newer units have */

/* The first room bytes of the set that note names (NT_*) go to guest address to; given bytes come from it. 0 or -errno;
 * -EINVAL: the tracee has no such set. */
long ptrace_put_regs(struct ptrace_request *q, gaddr_t to, unsigned note, size_t room);
long ptrace_take_regs(struct ptrace_request *q, gaddr_t from, unsigned note, size_t given);

/* PTRACE_GETREGSET, PTRACE_SETREGSET */
long ptrace_get_regset(struct ptrace_request *q);
long ptrace_set_regset(struct ptrace_request *q);

#endif
