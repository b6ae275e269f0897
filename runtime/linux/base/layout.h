/* SPDX-License-Identifier: Apache-2.0 */
/* 32-bit guests: their structures in the host's form and back, and calls made with them. layouts.def says what differs;
 * what is said here of the guest's layout is, for 64-bit guests, the host's. Widths only: the byte order is the
 * host's. */
#ifndef TANDEM_RUNTIME_LINUX_BASE_LAYOUT_H
#define TANDEM_RUNTIME_LINUX_BASE_LAYOUT_H

#include <sys/socket.h>
#include <sys/uio.h>

#include "runtime/linux/base/sys.h"

/* ---- layout.c: any guest ---- */
/* Bytes of a structure in the guest's layout, as the call at hand has it. */
size_t abi_size(const struct sys_ctx *c, enum sys_struct kind);
/* Does the guest have another layout than the host? */
bool abi_differs(const struct sys_ctx *c, enum sys_struct kind);
/* The structure at guest address from, into host (sys_struct_size bytes): 0, -EFAULT. */
long abi_get(const struct sys_ctx *c, enum sys_struct kind, void *host, gaddr_t from);
/* The reverse; -EOVERFLOW if a value does not fit. */
long abi_put(const struct sys_ctx *c, enum sys_struct kind, gaddr_t to, const void *host);
/* The same with guest memory that has been read: guest holds abi_size bytes. */
void abi_widen(const struct sys_ctx *c, enum sys_struct kind, void *host, const void *guest);
bool abi_narrow(const struct sys_ctx *c, enum sys_struct kind, void *guest, const void *host);
/* A pointer or long of the guest. */
long abi_get_word(struct thread *t, uint64_t *v, gaddr_t from);
long abi_put_word(struct thread *t, gaddr_t to, uint64_t v);
/* The i-th element of the guest's array of struct iovec. */
long abi_get_iovec(struct thread *t, struct iovec *v, gaddr_t array, uint64_t i);
/* The guest's struct msghdr; its pointers are still the guest's, also the one to its vectors. */
long abi_get_msghdr(struct thread *t, struct msghdr *m, gaddr_t from);
/* The arguments of a call from the guest's registers. */
void abi_arguments(struct sys_ctx *c, const struct sys_entry *entry);

/* ---- abi32_pass.c: 32-bit guests only ---- */
/* The host call of the row, structures converted as the row says. */
long abi32_pass(struct sys_ctx *c);

/* ---- abi32_msg.c ---- */
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

/* ---- what the handlers of these calls do for 32-bit guests ---- */
/* sys32_net.c */
long abi32_recvmmsg(struct sys_ctx *c);
/* sys32_desc.c */
long abi32_fcntl(struct sys_ctx *c);
/* A request whose structure differs: true and its result. False: it is the host's. */
bool abi32_ioctl(struct sys_ctx *c, long *result);
/* sys32_file.c */
long abi32_getdents(struct sys_ctx *c);
/* sys32_ipc.c; msgctl and shmctl */
long abi32_ipc_control(struct sys_ctx *c, int command, gaddr_t buf);
long abi32_semctl(struct sys_ctx *c);
long abi32_msgrcv(struct sys_ctx *c);
long abi32_msgsnd(struct sys_ctx *c);

/* ---- the functions of layouts.def: false: does not fit ---- */
#define LAYOUT_FN(kind, bytes, wide_bytes)                                                                             \
    bool put_##kind(void *guest, const void *host, bool wide);                                                         \
    void get_##kind(void *host, const void *guest, bool wide);
#include "runtime/linux/base/layouts.def"

#endif
