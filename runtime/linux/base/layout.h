/* SPDX-License-Identifier: Apache-2.0 */
/* Structures and arguments of the guest in the host's form and back. layouts.def says what differs for 32-bit guests;
 * what is said here of the guest's layout is, for 64-bit guests, the host's. Widths only: the byte order is the
 * host's. */
#ifndef TANDEM_RUNTIME_LINUX_BASE_LAYOUT_H
#define TANDEM_RUNTIME_LINUX_BASE_LAYOUT_H

#include <sys/socket.h>
#include <sys/uio.h>

#include "runtime/linux/base/call.h"

/* Bytes of a structure in the guest's layout, as the call at hand has it. */
size_t abi_size(const struct sys_ctx *c, enum sys_struct kind);
/* Does the guest have another layout than the host? */
bool abi_differs(const struct sys_ctx *c, enum sys_struct kind);
/* The structure at guest address from, into host (sys_struct_size bytes): 0, -EFAULT. */
long abi_get(const struct sys_ctx *c, enum sys_struct kind, void *host, gaddr_t from);
/* The reverse; -EOVERFLOW if a value does not fit. */
long abi_put(const struct sys_ctx *c, enum sys_struct kind, gaddr_t to, const void *host);
/* Writes abi_size bytes, the guest's form of the structure at host, to guest. False: a value does not fit. */
bool abi_narrow(const struct sys_ctx *c, enum sys_struct kind, void *guest, const void *host);
/* A pointer or long of the guest. */
long abi_get_word(struct thread *t, uint64_t *v, gaddr_t from);
long abi_put_word(struct thread *t, gaddr_t to, uint64_t v);
/* The i-th element of the guest's array of struct iovec. */
long abi_get_iovec(struct thread *t, struct iovec *v, gaddr_t array, uint64_t i);
/* The guest's struct msghdr; its pointers are still the guest's, also the one to its vectors. */
long abi_get_msghdr(struct thread *t, struct msghdr *m, gaddr_t from);
/* The arguments of a call from the guest's registers. */
void abi_arguments(struct sys_ctx *c, const struct guest_call *call);

#endif
