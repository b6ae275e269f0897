/* SPDX-License-Identifier: Apache-2.0 */
/* What the Linux layer keeps of a process and of a thread, and the numbers that it uses itself.
 *
 * System-call handlers return a result or -errno; beside the errno values they may return what the kernel uses inside:
 * LX_RESTARTSYS (a signal interrupted the call: made again if the handler has SA_RESTART or there is none, else EINTR),
 * LX_RESTARTNOINTR (always made again), LX_NO_RESULT (the result register is not to be written). */
#ifndef TANDEM_RUNTIME_LINUX_BASE_STATE_H
#define TANDEM_RUNTIME_LINUX_BASE_STATE_H

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#include "frontend/guest_linux.h"
#include "runtime/linux/base/process.h"
#include "runtime/linux/base/trace.h"
#include "src/host/flags.h"

enum { LX_RESTARTSYS = -512, LX_RESTARTNOINTR = -513, LX_NO_RESULT = -600 };

enum {
    LX_NSIG = 64,
    LX_SIGSET_SIZE = 8,
    LX_MINSIGSTKSZ = 2048,
    LX_SS_AUTODISARM = (int)(1u << 31),
    LX_HOST_STACK = 128 << 10, /* host signal stack of a thread */
    LX_JIT_STACK = 16 << 20,   /* generated code's stack */
    LX_PATH_MAX = 4096,
};

/* A 32-bit guest: layouts.def says which structures differ. */
static inline bool lx_narrow(const struct thread *t) { return guest_is32(t->proc->guest); }
static inline void lx_set_result(struct thread *t, long result)
{
    const struct guest *guest = t->proc->guest;
    guest_set(t->cpu, guest, guest->abi->call.result, guest_is32(guest) ? (uint32_t)result : (uint64_t)result);
}
/* Are the guest's structures the host's? Else they are those of another 64-bit ABI (convert.h), or of a 32-bit one. */
static inline bool lx_host_abi(const struct thread *t)
{
    return t->proc->guest->abi->structs == (HOST_GENERIC_ABI ? GUEST_STRUCTS_GENERIC : GUEST_STRUCTS_X86_64);
}

/* O_* of the guest as the host's, and the reverse. */
static inline uint64_t lx_open_flags(const struct thread *t, uint64_t flags)
{
    return host_open_flags(t->proc->guest->abi->arm_open_flags ? host_arm_open_flags(flags) : flags);
}
static inline uint64_t lx_open_flags_to_guest(const struct thread *t, uint64_t flags)
{
    const uint64_t generic = host_open_flags_to_generic(flags);
    return t->proc->guest->abi->arm_open_flags ? host_arm_open_flags(generic) : generic;
}

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

/* A synchronous signal that waits for any thread of the process (sync_signals.c). */
enum { LX_SIGINFO_WORDS = sizeof(siginfo_t) / 8, LX_SYNC_SLOTS = SIGSEGV + 1 };
struct lx_sync_slot {
    uint64_t state;                   /* atomic */
    uint64_t words[LX_SIGINFO_WORDS]; /* atomic each: a siginfo_t */
};
struct lx_sync {
    struct lx_sync_slot slot[LX_SYNC_SLOTS]; /* by signal number */
    uint32_t windows;                        /* atomic: threads in one */
    uint32_t leaving;              /* atomic: threads that are not counted any more, and could still take one */
    uint32_t passing;              /* atomic: threads that may have one on its way to or from the kernel */
    uint32_t posts, offered_posts; /* atomic: how often windows gave some away; as the last offer saw it */
};

/* Limits that are kept for the guest and not set on the host. That of CPU time: under the lock of cpu_timers. */
enum { LX_RLIMIT_AS, LX_RLIMIT_DATA, LX_RLIMIT_CPU, LX_RLIMITS };

/* What the guest has been told of its CPU time: nanoseconds, atomic each (generic/cpu_time.c). */
struct lx_cpu_time {
    pid_t pid;
    uint64_t total, user, system;
};

struct linux_process {
    const struct loader_image *image;
    const char *host_exe;         /* tandem's own path, for execve */
    struct stat host_file;        /* tandem's own file */
    bool told_kernel;             /* the kernel knows the guest's arguments, environment and addresses: /proc/PID */
    const char *sysroot;          /* -L as an absolute path; NULL: none, or not there */
    pthread_mutex_t actions_lock; /* actions; taken with all host signals blocked */
    struct lx_action actions[LX_NSIG + 1];
    uint64_t ignored; /* atomic: signals whose action is LX_SIG_IGN */
    struct lx_sync sync;
    struct lx_cpu_time cpu_time;
    struct cpu_timers *cpu_timers; /* generic/cpu_timers.h; NULL: the host's are the guest's */
    bool catch_fatal;              /* host handlers for signals whose default is death: something is written at exit */
    int leader_code;               /* exit code of the main thread, when it has ended before others */
    bool precise;                  /* engine_set_precise was called */
    bool traced;                   /* a thread of it is or was: signals come by, whatever their action */
    pid_t parent, parent_tid;      /* the thread that has made it, if it is one of this tandem's; else 0 */
    bool traces;                   /* atomic: it has, or had, tracees */
    struct lx_tracee tracees[LX_TRACEES];
    bool limit_set[LX_RLIMITS];
    struct rlimit64 limit[LX_RLIMITS];
};

/* What to do about a system call that a signal interrupted; decided in signal_deliver. */
enum lx_restart { LX_RESTART_NONE, LX_RESTART_SYS, LX_RESTART_NOINTR, LX_RESTART_NOHAND /* unless a handler runs */ };

struct linux_thread {
    uint64_t mask;       /* atomic: the guest's signal mask; only its thread changes it, by signal_set_mask */
    uint64_t saved_mask; /* mask to come back after sigsuspend, ppoll, ... (has_saved) */
    bool has_saved;
    uint8_t restart; /* enum lx_restart */
    uint64_t queued; /* atomic: signals in slot[]; with one in it that is not sync, the host blocks all but sync ones */
    siginfo_t slot[LX_NSIG + 1];
    uint64_t window;        /* atomic: sync signals that are blocked on the host now */
    uint32_t windows_begun; /* atomic */
    uint64_t stale;         /* atomic: of these, those in waiting that have been ignored since */
    bool to_route;          /* sync_route has something to look at; written by the own thread and its handlers */
    uint64_t to_offer;      /* with to_route: sync signals that nobody has been offered */
    uint64_t offering;      /* sync signals that the own thread is offering */
    struct {
        int signo; /* 0: none */
        int code;
        gaddr_t addr;
        unsigned fault; /* enum guest_fault */
        bool again;     /* the instruction would fault again: pc is at it, and nothing has changed */
    } sync;             /* signal_raise_sync's */
    bool traced;        /* SIGTRAP comes behind the instruction that is next (struct guest_linux, steps) */
    gaddr_t alt_sp;     /* the guest's alternate signal stack */
    uint64_t alt_size;
    uint32_t alt_flags; /* as given to sigaltstack; that is what frames say */
    gaddr_t clear_tid;  /* CLONE_CHILD_CLEARTID, set_tid_address */
    gaddr_t robust_head;
    struct fork_shared *vfork; /* vfork child: what it shares with its parent; else NULL */
    bool is_main;              /* runs on the host's main thread */
    struct lx_exec *exec;      /* execve under way; else NULL */
    void *host_stack;
    struct lx_ticks {
        int timer; /* the kernel's number */
        bool on;
        struct itimerspec left; /* while they are held */
    } ticks;                    /* ticks.h */
    struct lx_trace trace;
    struct lx_trace_begin trace_begin;
    sigjmp_buf end; /* where thread_start ends the host thread */
};

#endif
