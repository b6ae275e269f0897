/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the Linux layer: per-process and per-thread state, guest memory access, host calls, signals.
 *
 * System-call handlers return a result or -errno; beside the errno values they may return what the kernel uses inside:
 * LX_RESTARTSYS (a signal interrupted the call: made again if the handler has SA_RESTART or there is none, else EINTR),
 * LX_RESTARTNOINTR (always made again), LX_NO_RESULT (the result register is not to be written). */
#ifndef TANDEM_RUNTIME_LINUX_BASE_LX_H
#define TANDEM_RUNTIME_LINUX_BASE_LX_H

#include <errno.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <ucontext.h>

#include "runtime/linux/linux.h"
#include "runtime/mem/guest_mem.h"

enum { LX_RESTARTSYS = -512, LX_RESTARTNOINTR = -513, LX_NO_RESULT = -600 };

enum {
    LX_NSIG = 64,
    LX_SIGSET_SIZE = 8,
    LX_MINSIGSTKSZ = 2048,
    LX_HOST_STACK = 128 << 10, /* host signal stack of a thread */
    LX_JIT_STACK = 16 << 20,   /* generated code's stack */
    LX_PATH_MAX = 4096,
};

/* Are the guest's structures the host's? Else they are those of Linux's generic 64-bit ABI (convert.h) or of a 32-bit
 * one. */
/* 32-bit guests: layouts.def says which structures differ. */
static inline bool lx_narrow(const struct thread *t) { return guest_is32(t->proc->guest); }
static inline bool lx_x86(const struct thread *t)
{
    return t->proc->guest->abi == GUEST_ABI_X86_64 || t->proc->guest->abi == GUEST_ABI_I386;
}
static inline void lx_set_result(struct thread *t, long result)
{
    const struct guest *guest = t->proc->guest;
    guest_set(t->cpu, guest, guest->row_sysret, guest_is32(guest) ? (uint32_t)result : (uint64_t)result);
}
static inline bool lx_host_abi(const struct thread *t) { return t->proc->guest->abi == GUEST_ABI_X86_64; }

/* Bit of a signal in a mask. */
static inline uint64_t lx_sigbit(int signo) { return 1ull << (signo - 1); }

/* Signals that generated code itself can cause: never blocked on the host, always handled there. */
#define LX_SYNC_MASK                                                                                                   \
    (1ull << (SIGSEGV - 1) | 1ull << (SIGBUS - 1) | 1ull << (SIGFPE - 1) | 1ull << (SIGILL - 1) | 1ull << (SIGTRAP - 1))

/* A guest's signal action, as its kernel keeps it. */
struct lx_action {
    gaddr_t handler; /* LX_SIG_DFL, LX_SIG_IGN or an address */
    uint64_t flags;
    gaddr_t restorer; /* 0: none */
    uint64_t mask;
};
enum { LX_SIG_DFL = 0, LX_SIG_IGN = 1 };

enum { LX_RLIMITS = 3 }; /* limits that are kept for the guest and not set on the host: see lx_rlimit_slot */

struct linux_process {
    const struct loader_image *image;
    const char *host_exe;         /* tandem's own path, for execve */
    const char *sysroot;          /* -L as an absolute path; NULL: none, or not there */
    pthread_mutex_t actions_lock; /* actions; taken with all host signals blocked */
    struct lx_action actions[LX_NSIG + 1];
    bool catch_fatal; /* host handlers for signals whose default is death: something is written at exit */
    int leader_code;  /* exit code of the main thread, when it has ended before others */
    bool precise;     /* engine_set_precise was called */
    bool limit_set[LX_RLIMITS];
    struct rlimit64 limit[LX_RLIMITS];
};

/* What to do about a system call that a signal interrupted; decided in signal_deliver. */
enum lx_restart { LX_RESTART_NONE, LX_RESTART_SYS, LX_RESTART_NOINTR };

struct linux_thread {
    uint64_t mask;       /* the guest's signal mask; only its thread changes it */
    uint64_t saved_mask; /* mask to come back after sigsuspend, ppoll, ... (has_saved) */
    bool has_saved;
    uint8_t restart; /* enum lx_restart */
    uint64_t queued; /* atomic: signals in slot[]; each is blocked on the host while it is here (but sync ones) */
    siginfo_t slot[LX_NSIG + 1];
    struct {
        int signo; /* 0: none */
        int code;
        gaddr_t addr;
        bool write; /* a write faulted */
    } sync;         /* signal_raise_sync's */
    gaddr_t alt_sp; /* the guest's alternate signal stack */
    uint64_t alt_size;
    uint32_t alt_flags;
    gaddr_t clear_tid; /* CLONE_CHILD_CLEARTID, set_tid_address */
    gaddr_t robust_head;
    struct fork_shared *vfork; /* vfork child: what it shares with its parent; else NULL */
    bool is_main;              /* runs on the host's main thread */
    void *host_stack;
    sigjmp_buf end; /* where thread_start ends the host thread */
};

/* ---- host_call.c ---- */
/* A host system call, straight (no glibc, errno untouched): result or -errno. */
long host_call(long nr, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f);
/* A call as the host's own 32-bit programs make it (i386's number, pointers below 4 GiB), for the little that the
 * kernel remembers or decides by the width of the caller. -ENOSYS also where the host runs no such programs. */
long host_call32(long nr, uint32_t a, uint32_t b, uint32_t c, uint32_t d, uint32_t e);
enum { HOST32_LSEEK = 19, HOST32_LLSEEK = 140, HOST32_GETDENTS64 = 220, HOST32_SET_ROBUST_LIST = 311 };
/* The same for calls that may block on the guest's behalf: not begun, or ended, if a signal for the guest arrives; then
 * LX_RESTARTNOINTR (not begun) or what the kernel said: LX_RESTARTSYS or -EINTR. */
long host_call_intr(struct thread *t, long nr, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f);
/* In a host signal handler: if the interrupted code is about to begin a call of host_call_intr, makes it not begin. */
void host_call_interrupt(ucontext_t *uc);
/* In a fault handler: if a guest memory copy or host_call32 faulted, makes it fail. */
bool host_copy_fixup(ucontext_t *uc);
long host_sigmask(int how, const uint64_t *set, uint64_t *old);
/* Blocks all signals but the synchronous ones; *old receives the mask. */
void host_block_all(uint64_t *old);

/* ---- user_mem.c: guest memory in system calls; 0 or -EFAULT, a bad address never faults ---- */
long guest_read(struct thread *t, void *dst, gaddr_t src, size_t n);
long guest_write(struct thread *t, gaddr_t dst, const void *src, size_t n);
/* A NUL-terminated string into buf: its length, -EFAULT, or -ENAMETOOLONG if it does not fit. */
long guest_string(struct thread *t, char *buf, size_t size, gaddr_t src);
static inline long guest_read_u64(struct thread *t, uint64_t *v, gaddr_t a) { return guest_read(t, v, a, 8); }
static inline long guest_write_u32(struct thread *t, gaddr_t a, uint32_t v) { return guest_write(t, a, &v, 4); }

/* ---- path.c ---- */
/* Reads the path at guest address src and looks in the sysroot first, as -L says (absolute paths only). buf:
 * LX_PATH_MAX. *path is what to give to the host: buf, or NULL for a null pointer (utimensat). 0 or -errno. */
long path_get(struct thread *t, char *buf, const char **path, gaddr_t src);
/* path under the sysroot if it is there, else path itself. */
const char *path_map(const struct process *proc, const char *path, char *buf);

/* ---- procfs.c ---- */
/* Opens what /proc shows of this process if tandem must answer for the kernel (maps, exe, cmdline, auxv, environ,
 * stat): true and *result = fd or -errno; false: not such a path. */
bool procfs_open(struct thread *t, const char *path, int flags, long *result);
/* Is path a name of this process's /proc/.../exe? */
bool procfs_is_exe(const char *path);

/* ---- thread.c ---- */
struct lx_clone {
    uint64_t flags; /* CLONE_*, without the exit signal */
    int exit_signal;
    gaddr_t stack; /* the child's sp; 0: the parent's */
    gaddr_t parent_tid, child_tid, tls;
    struct guest_segment segment; /* instead of tls, for guests that have descriptors */
    gaddr_t pidfd;
    const pid_t *set_tid; /* not supported: must be NULL */
};
long thread_clone(struct thread *t, const struct lx_clone *c);
_Noreturn void thread_exit(struct thread *t, int code);
/* Gives a new thread (or forked process) the registers of its parent with the child's differences. */
void thread_copy_registers(struct thread *child, const struct thread *parent, const struct lx_clone *c);
struct thread *thread_alloc(struct process *proc);
void thread_set_self(struct thread *t);

/* ---- fork.c ---- */
long fork_clone(struct thread *t, const struct lx_clone *c);
/* A process that may be a vfork child ends without execve: hands what it wrote on the stack to its parent. */
void fork_vfork_report(struct thread *t);

/* ---- exec.c ---- */
long exec_program(struct thread *t, int dirfd, gaddr_t path, gaddr_t argv, gaddr_t envp, int flags);

/* ---- robust.c ---- */
/* What the kernel does with the robust futex list of a thread that ends. */
void robust_list_exit(struct thread *t);

/* ---- signal_host.c ---- */
/* Sets the host's mask to what the guest's mask and the queue ask for. A queued signal that is now blocked goes back to
 * the kernel. Host signals blocked before; unblocked after. */
void signal_apply_mask(struct thread *t);
/* Signals in the queue that the guest would take now. */
static inline uint64_t signal_deliverable(const struct linux_thread *lx)
{
    return __atomic_load_n(&lx->queued, __ATOMIC_ACQUIRE) & ~lx->mask;
}
/* The host's action for signo: handler, SIG_DFL or SIG_IGN, as the guest's action asks. actions_lock held. */
void signal_host_install(struct process *proc, int signo);
void signal_host_init(struct process *proc);
/* Around execve: synchronous signals that the guest ignores are ignored by the new program, too; after a failure back
 * again. */
void signal_host_exec(struct process *proc, bool before);
/* A host signal stack for the calling thread. */
void signal_host_stack(struct thread *t);
/* Ends the process with the signal's default action, after engine_finish. */
_Noreturn void signal_die(struct process *proc, int signo);
/* Is death (with or without a core) what the kernel does by default? */
bool signal_default_kills(int signo);

/* ---- signal.c ---- */
/* Replaces the guest's mask for the length of one call; signal_mask_restore undoes it unless a handler is to run first
 * (result -EINTR), when the frame takes the old mask along. */
void signal_mask_temporary(struct thread *t, uint64_t mask);
void signal_mask_restore(struct thread *t, long result);
void signal_set_mask(struct thread *t, uint64_t mask);
bool signal_on_altstack(const struct linux_thread *lx, gaddr_t sp);
/* ss_flags as sigaltstack reports them with stack pointer sp. */
uint32_t signal_altstack_flags(const struct linux_thread *lx, gaddr_t sp);

#endif
