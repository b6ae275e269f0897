/* SPDX-License-Identifier: Apache-2.0 */
/* Robust futexes of a guest thread that ends. The host kernel has the list, too, for threads that die with the process;
 * a thread that ends by itself is walked here, because CLONE_CHILD_CLEARTID, which comes after the list, is done here.
 *
 * struct robust_list_head (linux/futex.h) is the same for all guests of one width: { next, futex_offset,
 * list_op_pending }, all of it longs.
 */
#include "runtime/linux/generic/robust.h"

#include <linux/futex.h>

#include "runtime/linux/base/call.h"
#include "runtime/linux/base/host_call.h"
#include "runtime/linux/base/layout.h"
#include "runtime/linux/base/state.h"
#include "runtime/linux/base/user_mem.h"
#include "runtime/mem/guest_mem.h"
#include "runtime/mem/mem_code.h"
#include "src/host/call.h"

enum { ROBUST_LIMIT = 2048 };

struct robust_head {
    uint64_t next;
    int64_t futex_offset;
    uint64_t pending;
};

/* Marks one futex as left by its dead owner and wakes a waiter. */
static void release(struct thread *t, gaddr_t word_addr, bool pi)
{
    uint32_t word;
    if ((word_addr & 3) || guest_read(t, &word, word_addr, sizeof word))
        return;
    mem_prepare_write(t->proc->mem, word_addr, sizeof word);
    if (!mem_is_writable(t->proc->mem, word_addr, sizeof word))
        return;
    uint32_t *host = mem_host(t->proc->mem, word_addr);
    while ((word & FUTEX_TID_MASK) == (uint32_t)t->tid) {
        uint32_t dead = (word & FUTEX_WAITERS) | FUTEX_OWNER_DIED;
        /* acquire-release: partner is the next owner's compare-and-swap in the guest */
        if (!__atomic_compare_exchange_n(host, &word, dead, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
            continue;
        if (!pi && (word & FUTEX_WAITERS))
            host_call(LINUX_futex, word_addr, FUTEX_WAKE, 1, 0, 0, 0);
        return;
    }
}

void robust_list_exit(struct thread *t)
{
    gaddr_t head_addr = t->lx->robust_head;
    struct robust_head head;
    t->lx->robust_head = 0;
    const struct sys_ctx plain = {.t = t};
    host_call(LINUX_set_robust_list, 0, sizeof head, 0, 0, 0, 0);
    if (lx_narrow(t))
        host_call32(HOST32_SET_ROBUST_LIST, 0, (uint32_t)abi_size(&plain, SYS_STRUCT_robust_head), 0, 0, 0);
    if (!head_addr || abi_get(&plain, SYS_STRUCT_robust_head, &head, head_addr))
        return;
    uint64_t entry = head.next;
    for (unsigned n = 0; n < ROBUST_LIMIT && (entry & ~1ull) != head_addr; n++) {
        uint64_t next;
        bool last = abi_get_word(t, &next, entry & ~1ull) != 0;
        if (entry != head.pending)
            release(t, (entry & ~1ull) + (uint64_t)head.futex_offset, entry & 1);
        if (last)
            break;
        entry = next;
    }
    if (head.pending)
        release(t, (head.pending & ~1ull) + (uint64_t)head.futex_offset, head.pending & 1);
}
