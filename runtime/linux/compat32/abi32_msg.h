/* SPDX-License-Identifier: Apache-2.0 */
/* struct msghdr and control messages of 32-bit guests. */
#ifndef TANDEM_RUNTIME_LINUX_COMPAT32_ABI32_MSG_H
#define TANDEM_RUNTIME_LINUX_COMPAT32_ABI32_MSG_H

#include <sys/socket.h>

#include "runtime/linux/base/process.h"

/* sendmsg's and recvmsg's struct msghdr for the host: vectors and control data are in memory that abi32_msg_end
 * frees. */
struct abi32_msg {
    struct msghdr host;
    gaddr_t guest;         /* where the guest has its own */
    gaddr_t control;       /* and its control data */
    uint32_t control_room; /* bytes of it */
    void *memory;
};
long abi32_msg_begin(struct thread *t, struct abi32_msg *m, gaddr_t guest, bool receive);
/* received: the host has filled it; false: nothing is written. 0 or -EFAULT. */
long abi32_msg_end(struct thread *t, struct abi32_msg *m, bool received);

#endif
