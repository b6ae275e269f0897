/* SPDX-License-Identifier: Apache-2.0 */
/* System calls about processes and threads, limits and the machine. */
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "runtime/linux/base/call.h"
#include "runtime/linux/base/host_call.h"
#include "runtime/linux/base/layout.h"
#include "runtime/linux/base/state.h"
#include "runtime/linux/base/user_mem.h"
#include "runtime/linux/generic/cpu_timers.h"
#include "runtime/linux/generic/exec.h"
#include "runtime/linux/generic/pass.h"
#include "runtime/linux/generic/process.h"
#include "runtime/linux/generic/sigcall.h"
#include "runtime/linux/generic/thread.h"
#include "runtime/linux/generic/traced.h"
#include "runtime/mem/mem_calls.h"
#include "runtime/mem/mem_code.h"
#include "runtime/mem/mem_limits.h"
#include "src/base/log.h"
#include "src/host/call.h"

/* ---- life and death ---- */

long sys_exit(struct sys_ctx *c)
{
    if (!sigcall_may_change(c->t)) /* it may be the process's, and would be gone with the thread */
        return LX_RESTARTNOINTR;
    traced_end(c->t, (int)(c->a[0] & 0xff) << 8, false);
    thread_exit(c->t, (int)(c->a[0] & 0xff));
}

long sys_exit_group(struct sys_ctx *c)
{
    traced_end(c->t, (int)(c->a[0] & 0xff) << 8, true);
    linux_exit_group(c->t->proc, (int)(c->a[0] & 0xff));
}

long sys_execve(struct sys_ctx *c) { return exec_program(c->t, AT_FDCWD, c->a[0], c->a[1], c->a[2], 0); }

long sys_execveat(struct sys_ctx *c)
{
    return exec_program(c->t, (int)c->a[0], c->a[1], c->a[2], c->a[3], (int)c->a[4]);
}

long sys_set_tid_address(struct sys_ctx *c)
{
    c->t->lx->clear_tid = c->a[0];
    return c->t->tid;
}

/* Kept here for a thread that ends by itself (robust.c), and by the host kernel for one that dies, if it can read the
 * guest's list. In a vfork child the host's is taken (vfork.c I1). */
long sys_set_robust_list(struct sys_ctx *c)
{
    const size_t head = abi_size(c, SYS_STRUCT_robust_head);
    if (c->a[1] != head)
        return -EINVAL;
    long result = 0;
    if (lx_narrow(c->t) && !c->t->lx->vfork)
        host_call32(HOST32_SET_ROBUST_LIST, (uint32_t)c->a[0], (uint32_t)head, 0, 0, 0);
    else if (!c->t->lx->vfork)
        result = sys_host(c);
    if (!result)
        c->t->lx->robust_head = c->a[0];
    return result;
}

/* Of a thread of this process, what it has set; of others, what the host knows. */
long sys_get_robust_list(struct sys_ctx *c)
{
    const int tid = (int)c->a[0];
    const struct linux_thread *lx = c->t->lx;
    if (tid != 0 && tid != c->t->tid)
        return lx_narrow(c->t) ? -EPERM : sys_pass(c);
    const long err = abi_put_word(c->t, c->a[2], abi_size(c, SYS_STRUCT_robust_head));
    return err ? err : abi_put_word(c->t, c->a[1], lx->robust_head);
}

/* The host has the guest's flags, and does what they ask for (UNAME26, STICKY_TIMEOUTS; ADDR_NO_RANDOMIZE: addresses of
 * the guest follow from the host's and are the same then, too), but for READ_IMPLIES_EXEC, which is about the guest's
 * memory. ADDR_COMPAT_LAYOUT and limits of addresses are remembered. */
long sys_personality(struct sys_ctx *c)
{
    struct guest_mem *mem = c->t->proc->mem;
    const uint64_t want = (uint32_t)c->a[0], asks = 0xffffffff;
    const long before = mem_read_executes(mem) ? READ_IMPLIES_EXEC : 0;
    const uint64_t host = want == asks ? asks : want & ~(uint64_t)READ_IMPLIES_EXEC;
    const long result = host_call(LINUX_personality, host, 0, 0, 0, 0, 0);
    if (result >= 0 && want != asks)
        mem_set_read_executes(mem, want & READ_IMPLIES_EXEC);
    return result < 0 ? result : result | before;
}

long sys_getgroups(struct sys_ctx *c)
{
    if ((int)c->a[0] > 0)
        mem_prepare_write(c->t->proc->mem, c->a[1], (c->a[0] & 0xffff) * sizeof(gid_t));
    return sys_host(c);
}

/* Keys are the kernel's, and their calls the same on all 64-bit machines. What some write: argument 2, of 3 bytes. */
long sys_keyctl(struct sys_ctx *c)
{
    const uint64_t command = c->a[0];
    if (command == KEYCTL_DESCRIBE || command == KEYCTL_READ || command == KEYCTL_GET_SECURITY)
        mem_prepare_write(c->t->proc->mem, c->a[2], c->a[3]);
    if (command == KEYCTL_CAPABILITIES)
        mem_prepare_write(c->t->proc->mem, c->a[1], c->a[2]);
    return sys_host(c);
}

/* ---- limits ---- */

/* Limits on address space and data would hit tandem's own memory, that on CPU time its threads: they are not set on the
 * host. Memory and timers count what is the guest's. */
static int rlimit_slot(struct process *proc, uint64_t resource)
{
    switch (resource) {
    case RLIMIT_AS:
        return LX_RLIMIT_AS;
    case RLIMIT_DATA:
        return LX_RLIMIT_DATA;
    case RLIMIT_CPU:
        return cpu_timers_limited(proc) ? LX_RLIMIT_CPU : -1;
    default:
        return -1;
    }
}

static void keep_limit(struct process *proc, int slot, const struct rlimit64 *set)
{
    struct linux_process *lx = proc->lx;
    if (slot == LX_RLIMIT_CPU) {
        cpu_timers_limit(proc, set);
        return;
    }
    lx->limit[slot] = *set;
    lx->limit_set[slot] = true;
    if (process_home(proc) == proc) /* else its parent's memory would have the child's limits */
        mem_set_limits(proc->mem, lx->limit_set[LX_RLIMIT_AS] ? lx->limit[LX_RLIMIT_AS].rlim_cur : RLIM_INFINITY,
                       lx->limit_set[LX_RLIMIT_DATA] ? lx->limit[LX_RLIMIT_DATA].rlim_cur : RLIM_INFINITY);
}

static long limit(struct thread *t, int pid, uint64_t resource, const struct rlimit64 *set, struct rlimit64 *get)
{
    const struct linux_process *lx = t->proc->lx;
    const int slot = pid == 0 || pid == getpid() ? rlimit_slot(t->proc, resource) : -1;
    if (set && set->rlim_cur > set->rlim_max)
        return -EINVAL;
    long result =
        host_call(LINUX_prlimit64, (uint64_t)pid, resource, slot < 0 ? (uintptr_t)set : 0, (uintptr_t)get, 0, 0);
    if (result < 0)
        return result;
    if (slot >= 0 && lx->limit_set[slot])
        *get = (struct rlimit64){__atomic_load_n(&lx->limit[slot].rlim_cur, __ATOMIC_RELAXED),
                                 __atomic_load_n(&lx->limit[slot].rlim_max, __ATOMIC_RELAXED)};
    if (slot < 0 || !set)
        return 0;
    if (set->rlim_max > get->rlim_max && geteuid() != 0)
        return -EPERM;
    keep_limit(t->proc, slot, set);
    return 0;
}

/* With limits in the guest's structure; addresses may be 0. */
static long limit_at(struct sys_ctx *c, int pid, uint64_t resource, enum sys_struct kind, gaddr_t set, gaddr_t get)
{
    struct rlimit64 old, new;
    if (set && abi_get(c, kind, &new, set))
        return -EFAULT;
    const long result = limit(c->t, pid, resource, set ? &new : NULL, &old);
    return result || !get ? result : abi_put(c, kind, get, &old);
}

long sys_getrlimit(struct sys_ctx *c) { return limit_at(c, 0, c->a[0], SYS_STRUCT_rlimit, 0, c->a[1]); }
long sys_old_getrlimit(struct sys_ctx *c) { return limit_at(c, 0, c->a[0], SYS_STRUCT_rlimit_old, 0, c->a[1]); }
long sys_setrlimit(struct sys_ctx *c) { return limit_at(c, 0, c->a[0], SYS_STRUCT_rlimit, c->a[1], 0); }
long sys_prlimit64(struct sys_ctx *c)
{
    return limit_at(c, (int)c->a[0], c->a[1], SYS_STRUCT_rlimit64, c->a[2], c->a[3]);
}

/* ---- prctl ---- */

/* Options that write through an argument: how many bytes. */
static size_t prctl_output(int option)
{
    if (option == PR_GET_NAME)
        return 16;
    return option == PR_GET_PDEATHSIG || option == PR_GET_CHILD_SUBREAPER ? sizeof(int) : 0;
}

long sys_prctl(struct sys_ctx *c)
{
    int option = (int)c->a[0];
    switch (option) {
    case PR_SET_SECCOMP: /* filters see the guest's numbers as the host's: cannot be right */
    case PR_GET_TSC:
    case PR_SET_TSC:
    case PR_SET_SYSCALL_USER_DISPATCH:
    case PR_SET_UNALIGN:
    case PR_SET_FPEMU:
    case PR_SET_FPEXC:
        return -EINVAL;
    case PR_SET_MM: /* tandem's own layout */
        return -EPERM;
    case PR_GET_TID_ADDRESS:
        return abi_put_word(c->t, c->a[1], c->t->lx->clear_tid);
    default:
        if (prctl_output(option))
            mem_prepare_write(c->t->proc->mem, c->a[1], prctl_output(option));
        return sys_host(c);
    }
}

/* ---- the machine ---- */

long sys_uname(struct sys_ctx *c)
{
    struct utsname u;
    if (uname(&u))
        return -errno;
    const char *release = c->t->proc->options->uname_release;
    const struct guest_linux *abi = c->t->proc->guest->abi;
    const long persona = abi->uname_machine32 ? host_call(LINUX_personality, 0xffffffff, 0, 0, 0, 0, 0) : 0;
    memset(u.machine, 0, sizeof u.machine);
    strncpy(u.machine, (persona & PER_MASK) == PER_LINUX32 ? abi->uname_machine32 : abi->uname_machine,
            sizeof u.machine - 1);
    if (release) {
        memset(u.release, 0, sizeof u.release);
        strncpy(u.release, release, sizeof u.release - 1);
    }
    return guest_write(c->t, c->a[0], &u, sizeof u);
}
