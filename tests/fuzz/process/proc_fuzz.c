/* SPDX-License-Identifier: Apache-2.0 */
/* Random processes made by fork, vfork, clone, clone3 and posix_spawn with random flags, among threads that compute,
 * take memory, send signals and make processes themselves; prints what parent and children see.
 *
 *     proc_fuzz SEED STEPS
 *
 * What is printed follows from the seed and the kernel alone, so the same program run by the host is the oracle
 * (fuzz_process.py). For that
 * - one thread makes the processes that are looked at, and waits for each before the next step;
 * - signals that threads send are handled (SIGURG), all others are the first thread's;
 * - the program's first process does nothing but wait: processes with CLONE_PARENT are its children;
 * - ids are named by whose they are. The last line counts the processes;
 * - stops are seen by waits alone: whoever stops and continues all processes from outside makes SIGCHLDs, too. */
#define _GNU_SOURCE
#pragma GCC optimize("no-stack-protector")
#include <errno.h>
#include <linux/sched.h>
#include <poll.h>
#include <spawn.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#undef CLONE_NEWTIME

#include "../chance.h"
#include "child.h"

enum { MOST_WORKERS = 3, MOST_SIGNALS = 16, PIDFD_SEND = 424, PID_OF_FD = 3, TURNS_MS = 60000 };

static struct { /* of the kernel's: the longest known */
    uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size, cgroup;
    uint64_t more[4];
} clone3_args;
static int told_tid, told_pidfd, set_tid[2], grandparent;
static unsigned made, slot_at;
static volatile int workers_end, urgent;
static volatile unsigned made_beside, failed_beside;
static struct seen {
    int signo, code, status, pid;
} seen[MOST_SIGNALS];
static volatile unsigned seen_count;

static void pause_ms(unsigned ms)
{
    struct timespec t = {0, ms * 1000000L};
    while (nanosleep(&t, &t) && errno == EINTR)
        ;
}

static void print_result(const char *name, long result)
{
    printf("%s = %s\n", name, result >= 0 ? "made" : strerrorname_np((int)-result));
}

/* ---- threads ---- */

static void on_urgent(int signo) { urgent++; }

static void *compute(void *arg)
{
    volatile double x = 1;
    while (!workers_end)
        for (int i = 0; i < 1000; i++)
            x = x * 1.0001 + i;
    return NULL;
}

static void *allocate(void *arg)
{
    while (!workers_end) {
        char *p = malloc(200000), *q = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        p[5000] = q[5000] = 1;
        pause_ms(1);
        munmap(q, 65536);
        free(p);
    }
    return NULL;
}

static void *send(void *arg)
{
    while (!workers_end) {
        RAW(SYS_tgkill, RAW(SYS_getpid, 0), (long)arg, SIGURG);
        pause_ms(1);
    }
    return NULL;
}

/* Its children send no signal, so that no other thread's wait sees them. */
static void *make_processes(void *arg)
{
    static char stack[16 << 10] __attribute__((aligned(16)));
    struct slot *s = &slots[SLOTS - 1];
    while (!workers_end) {
        const int shares = made_beside % 3 == 0;
        *s = (struct slot){.action = EXIT, .code = 7, .flags = shares ? CLONE_VM | CLONE_VFORK : 0};
        const struct raw_clone c = {SYS_clone, {(long)s->flags, shares ? (long)(stack + sizeof stack) : 0}, s};
        int status = 0;
        const long pid = raw_clone(&c), r = pid < 0 ? pid : RAW(SYS_wait4, pid, &status, __WCLONE, 0);
        if (pid < 0 || r != pid || status != 7 << 8)
            failed_beside++;
        made_beside++;
    }
    return NULL;
}

typedef void *worker(void *arg);

static worker *worker_of(uint64_t seed, unsigned i)
{
    static worker *const kinds[] = {compute, allocate, send, make_processes};
    return kinds[(seed / 4 + i) % 4];
}

static void start_workers(uint64_t seed, pthread_t *ids)
{
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    for (unsigned i = 0; i < seed % (MOST_WORKERS + 1); i++)
        if (pthread_create(&ids[i], NULL, worker_of(seed, i), (void *)(long)getpid()))
            _exit(96);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
}

static int makes_beside(uint64_t seed)
{
    for (unsigned i = 0; i < seed % (MOST_WORKERS + 1); i++)
        if (worker_of(seed, i) == make_processes)
            return 1;
    return 0;
}

/* ---- waiting ---- */

static void on_signal(int signo, siginfo_t *info, void *context)
{
    const int stop = signo == SIGCHLD && (info->si_code == CLD_STOPPED || info->si_code == CLD_CONTINUED);
    if (!stop && seen_count < MOST_SIGNALS)
        seen[seen_count++] = (struct seen){signo, info->si_code, info->si_status, info->si_pid};
}

static void print_signals(long pid)
{
    for (unsigned i = 0; i < seen_count; i++)
        printf("  signal %d code %d status %d of %s\n", seen[i].signo, seen[i].code,
               seen[i].signo == SIGCHLD ? seen[i].status & 0x7f : 0, /* others' is lost in 32 bits */
               seen[i].pid == pid ? "the child" : "another");
}

static void print_end(const char *by, long r, long pid, int status)
{
    if (r < 0)
        printf("  %s = %s\n", by, strerrorname_np((int)-r));
    else
        printf("  %s = %s, status %#x\n", by, r == pid ? "it" : r ? "another" : "none", (unsigned)status & 0xff7f);
}

static long wait_id(int kind, long id, int options, siginfo_t *info)
{
    memset(info, 0, sizeof *info);
    return RAW(SYS_waitid, kind, id, info, options, 0);
}

static void print_waitid(long r, const siginfo_t *info, long pid)
{
    print_end("waitid", r < 0 ? r : info->si_pid, pid, info->si_status & 0x7f);
    printf("  code %d, signal %d\n", info->si_code, info->si_signo);
}

/* Waits by a call that waits for its end, once it has ended. alone: no other process is waited for. */
static void reap(long pid, int pidfd, int alone)
{
    static const char *const names[] = {"waitpid", "any", "usage", "poll", "turns"};
    struct pollfd p = {pidfd, POLLIN, 0};
    struct rusage usage;
    siginfo_t info;
    int status = 0;
    unsigned way = chance(7);
    way = (way == 1 && !alone) || ((way == 3 || way == 6) && pidfd < 0) ? 0 : way;
    if (way >= 5) {
        const int kind = way == 6 ? PID_OF_FD : P_PID, id = way == 6 ? pidfd : (int)pid;
        print_waitid(wait_id(kind, id, WEXITED | WNOWAIT | __WALL, &info), &info, pid);
        print_waitid(wait_id(kind, id, WEXITED | __WALL, &info), &info, pid);
        return;
    }
    if (way == 3)
        while (RAW(SYS_ppoll, &p, 1, 0, 0, 8) == -EINTR)
            ;
    long r = way == 4 ? 0 : RAW(SYS_wait4, way == 1 ? -1 : pid, &status, __WALL, way == 2 ? &usage : NULL);
    for (unsigned i = 0; way == 4 && r == 0 && i < TURNS_MS; i++) {
        r = RAW(SYS_wait4, pid, &status, __WALL | WNOHANG, NULL);
        if (!r)
            pause_ms(1);
    }
    print_end(names[way], r, pid, status);
}

static void wait_stopped(long pid)
{
    int status = 0;
    const long r = RAW(SYS_wait4, pid, &status, WUNTRACED | __WALL, 0);
    print_end("stops", r, pid, status);
    if (r == pid && WIFSTOPPED(status)) {
        kill((pid_t)pid, SIGCONT);
        const long end = RAW(SYS_wait4, pid, &status, __WALL, 0);
        print_end("ends", end, pid, status);
    }
}

/* What is left of the child in this process. */
static void print_traces(const struct slot *s, int has_pidfd, int is_reaped)
{
    printf("  victim %s, umask %#o", fcntl(VICTIM, F_GETFD) < 0 ? "closed" : "open", umask(UMASK));
    if (s->flags & CLONE_PARENT_SETTID)
        printf(", told %s", told_tid == s->pid ? "pid" : told_tid ? "another" : "none");
    if ((s->flags & CLONE_CHILD_CLEARTID) && (s->flags & CLONE_VM))
        printf(", tid %s", s->child_tid ? "set" : "clear");
    if (has_pidfd) {
        printf(", pidfd %d flags %d", told_pidfd, fcntl(told_pidfd, F_GETFD));
        if (is_reaped)
            printf(" signal %ld", RAW(PIDFD_SEND, told_pidfd, 0, NULL, 0));
        close(told_pidfd);
    }
    printf("\n");
}

static void await(const volatile int *word, int value)
{
    for (unsigned i = 0; *word != value && i < TURNS_MS; i++)
        pause_ms(1);
    if (*word != value)
        printf("  never came\n");
}

/* The parent's side of a process or thread that was made, or was not. */
static void follow(struct slot *s, long pid, int exit_signal, int alone)
{
    const int has_pidfd = pid > 0 && (s->flags & CLONE_PIDFD);
    if (pid < 0)
        return;
    made++;
    if (s->flags & CLONE_THREAD) {
        await(&s->child_tid, 0);
    } else if (s->flags & CLONE_PARENT) {
        print_end("not mine", RAW(SYS_wait4, pid, NULL, __WALL, 0), pid, 0);
        await(&s->ended, 1);
        if ((s->flags & CLONE_CHILD_CLEARTID) && (s->flags & CLONE_VM))
            await(&s->child_tid, 0); /* by its end, which nobody here waits for */
    } else if (s->action == STOPS) {
        wait_stopped(pid);
    } else {
        const int stays = s->action != EXECUTES && s->action != EXEC_AGAIN && s->action != THREAD_EXECUTES;
        if (exit_signal != SIGCHLD && stays && one_in(3))
            print_end("not so", RAW(SYS_wait4, pid, NULL, 0, 0), pid, 0);
        reap(pid, has_pidfd ? told_pidfd : -1, alone);
        print_signals(pid);
    }
    print_traces(s, has_pidfd, !(s->flags & (CLONE_THREAD | CLONE_PARENT)));
    printf("%s", s->text);
    if (s->action == FORKS || s->action == VFORKS) {
        made++;
        printf("%s", s[1].text);
    }
}

/* ---- making ---- */

static struct slot *new_slot(void)
{
    static const int signals[] = {SIGKILL, SIGTERM, SIGABRT, SIGSEGV, SIGUSR1, SIGFPE, 50, SIGTRAP};
    static const int actions[] = {EXIT,   EXIT,     EXIT,     EXIT,       EXIT_THREAD, KILLED, KILLED,
                                  FAULTS, EXECUTES, EXECUTES, EXEC_AGAIN, FORKS,       VFORKS, STOPS};
    slot_at = (slot_at + 2) % (SLOTS - 2);
    struct slot *s = &slots[slot_at];
    memset(s, 0, offsetof(struct slot, stack));
    memset(s + 1, 0, offsetof(struct slot, stack));
    s->action = CHOOSE(actions);
    s->how = (int)chance(EXEC_WAYS);
    s->code = (int)chance(100);
    s->signo = CHOOSE(signals);
    s->parent = getpid();
    s->grandparent = grandparent;
    s->parent_tid = &told_tid;
    s->tls[0] = MAGIC;
    dup2(0, VICTIM);
    told_tid = told_pidfd = 0;
    seen_count = 0;
    return s;
}

static void begin(const char *name, const struct slot *s)
{
    printf("%s, then %d/%d\n", name, s->action, s->how);
    fflush(stdout);
}

static void by_fork(struct slot *s, int alone)
{
    if (one_in(3))
        s->action = THREAD_EXECUTES;
    begin("fork", s);
    const pid_t pid = fork();
    if (pid == 0)
        child_entry(s);
    follow(s, pid, SIGCHLD, alone);
}

static void by_vfork(struct slot *s, int alone)
{
    s->flags = CLONE_VM | CLONE_VFORK;
    if (s->action == STOPS)
        s->action = EXIT;
    begin("vfork", s);
    const pid_t pid = vfork();
    if (pid == 0)
        child_entry(s);
    follow(s, pid, SIGCHLD, alone);
}

static void add_file_actions(posix_spawn_file_actions_t *files)
{
    posix_spawn_file_actions_init(files);
    if (one_in(2))
        posix_spawn_file_actions_addclose(files, VICTIM);
    if (one_in(3))
        posix_spawn_file_actions_adddup2(files, 0, VICTIM);
    if (one_in(4))
        posix_spawn_file_actions_addopen(files, VICTIM, one_in(3) ? "/none" : "/dev/null", O_RDONLY, 0);
}

static void by_spawn(struct slot *s, int alone)
{
    static const char *const paths[] = {"/none", "/"};
    static const int flags[] = {POSIX_SPAWN_RESETIDS, POSIX_SPAWN_SETPGROUP, POSIX_SPAWN_SETSIGDEF,
                                POSIX_SPAWN_SETSIGMASK};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t some;
    char number[4];
    short set = 0;
    pid_t pid = -1;
    char *argv[] = {(char *)own_path, "executed", number, NULL}, *envp[] = {"A=1", NULL};
    number_text(number, (unsigned)(s - slots));
    for (unsigned i = 0; i < 4; i++)
        set |= (short)(one_in(2) ? flags[i] : 0);
    sigemptyset(&some);
    sigaddset(&some, one_in(2) ? SIGUSR2 : SIGTERM);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, set);
    posix_spawnattr_setsigmask(&attributes, &some);
    posix_spawnattr_setsigdefault(&attributes, &some);
    add_file_actions(&files);
    s->action = EXECUTES;
    begin("posix_spawn", s);
    printf("flags %#x", (unsigned)set);
    const char *const path = one_in(5) ? CHOOSE(paths) : own_path;
    const int has_files = !one_in(8);
    const int error = posix_spawn(&pid, path, has_files ? &files : NULL, &attributes, argv, envp);
    print_result("", -(long)error);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    follow(s, error ? -1 : pid, SIGCHLD, alone);
}

static uint64_t some_flags(int is_clone3)
{
    static const struct {
        uint64_t flag;
        unsigned one_of;
    } all[] = {{CLONE_FS, 4},
               {CLONE_FILES, 4},
               {CLONE_PARENT, 10},
               {CLONE_SYSVSEM, 5},
               {CLONE_SETTLS, 4},
               {CLONE_PARENT_SETTID, 3},
               {CLONE_CHILD_CLEARTID, 3},
               {CLONE_CHILD_SETTID, 3},
               {CLONE_UNTRACED, 6},
               {CLONE_PIDFD, 4},
               {CLONE_IO, 10},
               {CLONE_NEWNS, 20},
               {CLONE_NEWUSER, 20},
               {CLONE_NEWPID, 20},
               {CLONE_NEWUTS, 20},
               {CLONE_NEWIPC, 30},
               {CLONE_NEWCGROUP, 30},
               {CLONE_DETACHED, 40},
               {CLONE_PTRACE, 40},
               {CLONE_SIGHAND, 60},
               {CLONE_THREAD, 60}};
    uint64_t flags = one_in(2) ? 0 : one_in(2) ? CLONE_VM : one_in(4) ? CLONE_VFORK : CLONE_VM | CLONE_VFORK;
    for (unsigned i = 0; i < sizeof all / sizeof all[0]; i++)
        if (one_in(all[i].one_of))
            flags |= all[i].flag;
    if (is_clone3 && one_in(5))
        flags |= CLONE_CLEAR_SIGHAND;
    return flags;
}

/* What the child needs with these flags, and what would not be told apart from chance. */
static void tame(struct slot *s, uint64_t flags)
{
    if ((flags & CLONE_SIGHAND) && !(flags & CLONE_THREAD)) /* refused here (README, What is not) */
        flags &= ~(uint64_t)CLONE_VM;
    if (!(~flags &
          (CLONE_VM | CLONE_VFORK | CLONE_PIDFD | CLONE_NEWPID))) /* its parent's name for it comes late there */
        flags &= ~(uint64_t)CLONE_PARENT_SETTID;
    if (flags & CLONE_THREAD) { /* else it is the whole process that ends; and its end is waited for */
        s->action = EXIT;
        s->child_tid = 1;
        flags |= CLONE_CHILD_CLEARTID;
        flags &= ~(uint64_t)CLONE_VFORK; /* refused here, as chosen ids are */
    }
    s->flags = flags;
    if (s->action == STOPS && (flags & (CLONE_VFORK | CLONE_PARENT | CLONE_NEWPID)))
        s->action = EXIT;
    if ((flags & CLONE_NEWPID) && (s->action == KILLED || s->action == FAULTS)) /* init does not die by itself */
        s->action = EXIT;
    if ((flags & CLONE_VM) && s->action == EXEC_AGAIN)
        s->action = EXECUTES;
}

static void *tls_of(struct slot *s)
{
#ifdef __i386__
    static unsigned desc[4];
    unsigned short gs;
    __asm__("mov %%gs, %0" : "=r"(gs));
    desc[0] = gs >> 3;
    desc[1] = (unsigned)s->tls;
    desc[2] = 0xfffff;
    desc[3] = 0x51; /* 32 bits, pages, usable */
    return desc;
#else
    return s->tls;
#endif
}

static int any_exit_signal(void)
{
    static const int some[] = {SIGCHLD, SIGCHLD, SIGCHLD, 0, SIGUSR1, 40, 64};
    return CHOOSE(some);
}

static void by_clone(struct slot *s, int alone)
{
    const int exit_signal = any_exit_signal();
    tame(s, some_flags(0));
    const int stack = !(s->flags & CLONE_VM) ? one_in(2) : s->flags & CLONE_VFORK ? one_in(2) : 1;
    struct raw_clone c = {SYS_clone, {(long)(s->flags | (unsigned)exit_signal)}, s};
    c.argument[1] = stack ? (long)(s->stack + sizeof s->stack) : 0;
    c.argument[2] = (long)(s->flags & CLONE_PIDFD ? &told_pidfd : &told_tid);
    c.argument[CLONE_TLS_AT] = (long)tls_of(s);
    c.argument[CLONE_CHILD_TID_AT] = (long)&s->child_tid;
    if (s->flags & CLONE_PIDFD)
        s->parent_tid = &told_pidfd;
    begin("clone", s);
    printf("flags %#llx signal %d stack %d", (unsigned long long)s->flags, exit_signal, stack);
    fflush(stdout);
    const long pid = raw_clone(&c);
    print_result("", pid);
    follow(s, pid, exit_signal, alone);
}

/* Something wrong with the arguments. */
static uint64_t spoil(uint64_t size)
{
    static const uint64_t sizes[] = {0, 63, 5000}, signals[] = {65, 0x100, UINT64_C(1) << 32};
    static const int ids[] = {0, -5, 1 << 30};
    switch (chance(8)) {
    case 0:
        return CHOOSE(sizes);
    case 1:
        clone3_args.exit_signal = CHOOSE(signals);
        break;
    case 2:
        clone3_args.more[chance(4)] = 1;
        return sizeof clone3_args;
    case 3:
        clone3_args.stack ? (clone3_args.stack_size = 0) : (clone3_args.stack_size = 4096);
        break;
    case 4:
        clone3_args.set_tid_size = 33;
        break;
    case 5:
        clone3_args.set_tid = (uintptr_t)set_tid;
        clone3_args.set_tid_size = 1;
        set_tid[0] = CHOOSE(ids);
        break;
    case 6:
        clone3_args.flags |= UINT64_C(1) << (34 + chance(29));
        break;
    case 7:
        clone3_args.set_tid = 1;
        clone3_args.set_tid_size = one_in(2);
        break;
    }
    return size;
}

/* An id that was just free. */
static int free_id(void)
{
    const long pid = RAW(SYS_clone, 0);
    if (!pid)
        RAW(SYS_exit, 0);
    waitpid((pid_t)pid, NULL, __WALL);
    return (int)pid;
}

/* What only clone3 can be told: an id of its own, a control group. Says which. */
static const char *more_wishes(uint64_t size)
{
    static int group = -1;
    static const char *const groups[] = {"/sys/fs/cgroup/unified", "/sys/fs/cgroup"};
    for (unsigned i = 0; group < 0 && i < sizeof groups / sizeof groups[0]; i++)
        group = open(groups[i], O_PATH | O_DIRECTORY | O_CLOEXEC);
    switch (clone3_args.flags & CLONE_THREAD ? 1 + chance(7) : chance(8)) {
    case 0:
        set_tid[0] = free_id();
        clone3_args.set_tid = (uintptr_t)set_tid;
        clone3_args.set_tid_size = 1;
        return size >= 80 ? " own id" : "";
    case 1:
        if (size < 88)
            return "";
        clone3_args.flags |= CLONE_INTO_CGROUP;
        clone3_args.cgroup = one_in(4) ? 999 : (uint64_t)group;
        return " group";
    default:
        return "";
    }
}

static void by_clone3(struct slot *s, int alone)
{
    static const uint64_t sizes[] = {64, 80, 88, sizeof clone3_args};
    const int exit_signal = any_exit_signal();
    tame(s, some_flags(1));
    const int stack = !(s->flags & CLONE_VM) ? one_in(2) : s->flags & CLONE_VFORK ? one_in(2) : 1;
    memset(&clone3_args, 0, sizeof clone3_args);
    clone3_args.flags = s->flags;
    clone3_args.exit_signal = s->flags & (CLONE_PARENT | CLONE_THREAD) && !one_in(5) ? 0 : (uint64_t)exit_signal;
    clone3_args.pidfd = (uintptr_t)&told_pidfd;
    clone3_args.parent_tid = (uintptr_t)&told_tid;
    clone3_args.child_tid = (uintptr_t)&s->child_tid;
    clone3_args.tls = (uintptr_t)tls_of(s);
    clone3_args.stack = stack ? (uintptr_t)s->stack : 0;
    clone3_args.stack_size = stack ? sizeof s->stack : 0;
    uint64_t size = CHOOSE(sizes);
    const int spoilt = one_in(8);
    const char *wishes = spoilt ? "" : more_wishes(size);
    if (spoilt)
        size = spoil(size);
    begin(spoilt ? "clone3 spoilt" : "clone3", s);
    printf("flags %#llx signal %llu stack %d size %llu%s", (unsigned long long)clone3_args.flags,
           (unsigned long long)clone3_args.exit_signal, stack, (unsigned long long)size, wishes);
    fflush(stdout);
    const struct raw_clone c = {SYS_clone3, {one_in(40) ? 1 : (long)&clone3_args, (long)size}, s};
    const long pid = raw_clone(&c);
    print_result(pid > 0 && clone3_args.set_tid_size == 1 && pid == set_tid[0] ? " chosen" : "", pid);
    follow(s, pid, exit_signal, alone);
}

static void by_thread(struct slot *s, int alone)
{
    static const uint64_t chosen[] = {CLONE_FS, CLONE_FILES, CLONE_SYSVSEM, CLONE_SETTLS, CLONE_PARENT_SETTID};
    s->flags = CLONE_VM | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | CLONE_CHILD_CLEARTID | CLONE_CHILD_SETTID |
               CLONE_FS | CLONE_FILES;
    for (unsigned i = 0; i < sizeof chosen / sizeof chosen[0]; i++)
        s->flags ^= one_in(3) ? chosen[i] : 0;
    s->action = EXIT;
    struct raw_clone c = {SYS_clone, {(long)s->flags, (long)(s->stack + sizeof s->stack), (long)&told_tid}, s};
    c.argument[CLONE_TLS_AT] = (long)tls_of(s);
    c.argument[CLONE_CHILD_TID_AT] = (long)&s->child_tid;
    s->child_tid = 1;
    begin("thread", s);
    printf("flags %#llx", (unsigned long long)s->flags);
    const long tid = raw_clone(&c);
    print_result("", tid);
    follow(s, tid, 0, alone);
}

static void change_signals(void)
{
    static const int some[] = {SIGCHLD, SIGUSR2, SIGTERM};
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, some[1 + chance(2)]);
    pthread_sigmask(one_in(2) ? SIG_BLOCK : SIG_UNBLOCK, &one, NULL);
    signal(SIGUSR2, one_in(2) ? SIG_IGN : SIG_DFL);
}

static void step(int alone)
{
    static void (*const ways[])(struct slot *, int) = {by_fork,  by_vfork,  by_vfork,  by_spawn,  by_spawn, by_clone,
                                                       by_clone, by_clone3, by_clone3, by_clone3, by_thread};
    if (one_in(4))
        change_signals();
    CHOOSE(ways)(new_slot(), alone);
}

/* ---- the whole ---- */

static int map_slots(int fd)
{
    slots = mmap(NULL, SLOTS * sizeof *slots, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    return slots == MAP_FAILED;
}

static void prepare(void)
{
    static const int handled[] = {SIGCHLD, SIGUSR1, 40, 64};
    const struct rlimit no_core = {0, 0};
    struct sigaction a = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_RESTART};
    char folder[4096];
    for (unsigned i = 0; i < 4; i++)
        sigaction(handled[i], &a, NULL);
    a = (struct sigaction){.sa_handler = on_urgent, .sa_flags = SA_RESTART};
    sigaction(SIGURG, &a, NULL);
    setrlimit(RLIMIT_CORE, &no_core);
    umask(UMASK);
    own_name = strrchr(own_path, '/') + 1;
    snprintf(folder, sizeof folder, "%.*s", (int)(own_name - own_path), own_path);
    const int fd = memfd_create("slots", 0);
    dup3(open(own_path, O_RDONLY), OWN_FILE, O_CLOEXEC);
    dup2(open(folder, O_PATH | O_DIRECTORY), OWN_FOLDER);
    if (ftruncate(fd, SLOTS * sizeof *slots) || dup2(fd, SHARED_FILE) < 0 || map_slots(fd))
        _exit(96);
}

static int run(uint64_t seed, int steps)
{
    pthread_t ids[MOST_WORKERS];
    start_workers(seed, ids);
    for (int i = 1; i <= steps; i++) {
        printf("%d ", i);
        step(!makes_beside(seed));
        fflush(stdout);
    }
    workers_end = 1;
    for (unsigned i = 0; i < seed % (MOST_WORKERS + 1); i++)
        pthread_join(ids[i], NULL);
    printf("failed beside: %u\n", failed_beside);
    printf("made %u\n", made + made_beside);
    return 0;
}

int main(int argc, char **argv)
{
    int status = 0;
    own_path = argv[0];
    if (argc == 3 && !strcmp(argv[1], "executed")) {
        if (map_slots(SHARED_FILE))
            return 95;
        executed(&slots[atoi(argv[2])], argc, argv);
    }
    chance_state = strtoull(argv[1], NULL, 0) * UINT64_C(0x9e3779b97f4a7c15) + 1;
    prepare();
    grandparent = getpid();
    const pid_t worker = fork();
    if (worker == 0)
        exit(run(strtoull(argv[1], NULL, 0), atoi(argv[2])));
    for (int one;;) {
        const pid_t pid = waitpid(-1, &one, __WALL);
        if (pid < 0 && errno == ECHILD)
            break;
        status = pid == worker ? one : status;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 94;
}
