/* SPDX-License-Identifier: Apache-2.0 */
/* What calls that wait share: times and descriptor sets of the guest. */
#ifndef TANDEM_RUNTIME_LINUX_GENERIC_WAIT_H
#define TANDEM_RUNTIME_LINUX_GENERIC_WAIT_H

#include <time.h>

#include "runtime/linux/base/call.h"

/* A time that the host may change (what is left of it): the guest's own, or a copy in the host's form. */
struct wait_time {
    enum sys_struct kind; /* timespec or timeval */
    gaddr_t guest;
    uint64_t host; /* the call's argument: 0 if there is none */
    struct timespec copy;
};
long wait_time_begin(struct sys_ctx *c, struct wait_time *w, enum sys_struct kind, gaddr_t guest);
void wait_time_end(struct sys_ctx *c, const struct wait_time *w);

/* select and pselect6 with the call's sets (arguments 0 to 3) and time (4); last: the host call's last argument. */
long wait_select(struct sys_ctx *c, enum linux_call call, enum sys_struct time_kind, uint64_t last);

#endif
