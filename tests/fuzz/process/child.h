/* SPDX-License-Identifier: Apache-2.0 */
/* What a process that proc_fuzz.c makes looks at and does. It may run in its parent's memory, beside it, on any
 * thread-local storage: no function of the C library but where it is the library's own child. What it says is in its
 * slot, which all share. */
#ifndef FUZZ_CHILD_H
#define FUZZ_CHILD_H

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "raw.h"

enum { ROOM = 1400, SLOTS = 32, MAGIC = 0x715a9, VICTIM = 40, OWN_FILE = 43, OWN_FOLDER = 44, SHARED_FILE = 45 };
enum { UMASK = 022, OTHER_UMASK = 077, KEPT_SIGNALS = 0x7fffffff };

enum action { EXIT, EXIT_THREAD, KILLED, FAULTS, EXECUTES, EXEC_AGAIN, FORKS, VFORKS, STOPS, THREAD_EXECUTES, ACTIONS };
enum exec_way { BY_NAME, BY_FOLDER, BY_DESCRIPTOR, EXEC_WAYS };

struct slot {
    int action, how, code, signo; /* what it shall do, and its status or signal */
    int parent, grandparent;      /* pids */
    uint64_t flags;
    int child_tid;
    const int *parent_tid; /* in the parent's memory */
    int pid;
    volatile int ended; /* nearly */
    unsigned used;
    char text[ROOM];
    long tls[64];
    char stack[32 << 10] __attribute__((aligned(16)));
};

static const char *own_path, *own_name;

static void put(struct slot *s, const char *text)
{
    while (*text && s->used < ROOM - 1)
        s->text[s->used++] = *text++;
}

static void put_number(struct slot *s, const char *before, long n)
{
    char digits[24], *p = digits + sizeof digits;
    unsigned long left = n < 0 ? -(unsigned long)n : (unsigned long)n;
    *--p = 0;
    do
        *--p = (char)('0' + left % 10);
    while (left /= 10);
    if (n < 0)
        *--p = '-';
    put(s, before);
    put(s, p);
}

/* Whose number it is. */
static void put_id(struct slot *s, const char *before, long id, long own)
{
    put(s, before);
    put(s, id == own              ? " own"
           : id == 0              ? " none"
           : id == s->parent      ? " parent's"
           : id == s->grandparent ? " grandparent's"
                                  : " another's");
}

static void put_signals(struct slot *s)
{
    static const int asked[] = {SIGUSR1, SIGUSR2, SIGTERM, SIGCHLD, 40};
    uint64_t mask = 0;
    RAW(SYS_rt_sigprocmask, SIG_BLOCK, 0, &mask, 8);
    put_number(s, " mask ", (long)(mask & KEPT_SIGNALS));
    put(s, " actions ");
    for (unsigned i = 0; i < sizeof asked / sizeof asked[0]; i++) {
        long action[8] = {0};
        RAW(SYS_rt_sigaction, asked[i], 0, action, 8);
        put(s, action[0] == 0 ? "d" : action[0] == 1 ? "i" : "h");
    }
}

static void look(struct slot *s)
{
    const long pid = RAW(SYS_getpid, 0), tid = RAW(SYS_gettid, 0);
    put(s, pid == 1 ? "  first" : "  child");
    put(s, s->flags & CLONE_THREAD ? "" : pid == tid ? " leads" : " does not lead");
    put_id(s, " parent", RAW(SYS_getppid, 0), pid);
    if (s->flags & CLONE_CHILD_SETTID)
        put_id(s, " tid", s->child_tid, tid);
    if ((s->flags & CLONE_VM) && (s->flags & CLONE_PARENT_SETTID))
        put_id(s, " told", *s->parent_tid, tid);
    if (s->flags & CLONE_SETTLS)
        put(s, first_of_tls() == MAGIC ? " tls" : " no tls");
    put_signals(s);
    put_number(s, " umask ", RAW(SYS_umask, OTHER_UMASK));
    put_number(s, " close ", RAW(SYS_close, VICTIM));
    s->pid = (int)pid;
}

static void end(struct slot *s, int number)
{
    s->ended = 1;
    for (;;)
        RAW(number, s->code);
}

static void number_text(char *text, unsigned n)
{
    text[0] = (char)('0' + n / 10);
    text[1] = (char)('0' + n % 10);
    text[2] = 0;
}

static struct slot *slots;

/* Executes this program: it goes on as executed() with the same slot. */
static void execute(struct slot *s)
{
    char number[4];
    number_text(number, (unsigned)(s - slots));
    const char *const argv[] = {own_path, "executed", number, NULL}, *const envp[] = {"A=1", NULL};
    if (s->action == EXEC_AGAIN) { /* first what fails */
        put_number(s, " none ", RAW(SYS_execve, "/none", argv, envp));
        put_number(s, " folder ", RAW(SYS_execve, "/", argv, envp));
        put_number(s, " no name ", RAW(SYS_execve, 1, argv, envp));
        put_number(s, " no list ", RAW(SYS_execve, own_path, 1, envp));
        put_number(s, " empty ", RAW(SYS_execve, "", argv, envp));
        put_number(s, " flags ", RAW(SYS_execveat, AT_FDCWD, own_path, argv, envp, 0x80));
        put_number(s, " closed ", RAW(SYS_execveat, 999, "x", argv, envp, 0));
    }
    put(s, "\n");
    const long r = s->how == BY_FOLDER       ? RAW(SYS_execveat, OWN_FOLDER, own_name, argv, envp, 0)
                   : s->how == BY_DESCRIPTOR ? RAW(SYS_execveat, OWN_FILE, "", argv, envp, AT_EMPTY_PATH)
                                             : RAW(SYS_execve, own_path, argv, envp);
    put_number(s, "  execve ", r);
}

/* A process of its own makes one more, in the next slot. */
static void make_another(struct slot *s)
{
    struct slot *other = s + 1;
    int status = 0;
    const int shares = s->action == VFORKS;
    other->action = s->how == 0 ? EXIT : s->how == 1 ? KILLED : EXECUTES;
    other->how = BY_NAME;
    other->code = 5;
    other->signo = SIGKILL;
    other->parent = s->pid;
    other->grandparent = s->parent;
    other->flags = shares ? CLONE_VM | CLONE_VFORK : 0;
    const struct raw_clone c = {
        SYS_clone, {(long)other->flags | SIGCHLD, shares ? (long)(other->stack + sizeof other->stack) : 0}, other};
    const long pid = raw_clone(&c);
    const long r = pid < 0 ? pid : RAW(SYS_wait4, pid, &status, 0, 0);
    put(s, pid < 0 ? " made none" : r == pid ? " made one" : " lost one");
    put_number(s, " of status ", status & 0xff7f);
    put_number(s, " more ", RAW(SYS_wait4, -1, &status, 0, 0));
    put(s, "\n");
}

static void *execute_on_thread(void *arg)
{
    execute(arg);
    return NULL;
}

static void act(struct slot *s)
{
    pthread_t id;
    switch (s->action) {
    case KILLED:
        put(s, "\n");
        s->ended = 1;
        RAW(SYS_kill, RAW(SYS_getpid, 0), s->signo);
        break;
    case FAULTS:
        put(s, "\n");
        s->ended = 1;
        *(volatile int *)8 = 1;
        break;
    case STOPS:
        RAW(SYS_kill, RAW(SYS_getpid, 0), SIGSTOP);
        break;
    case EXECUTES:
    case EXEC_AGAIN:
        execute(s);
        break;
    case THREAD_EXECUTES: /* a child of the library's fork() */
        free(malloc(100000));
        if (pthread_create(&id, NULL, execute_on_thread, s) == 0)
            pthread_join(id, NULL);
        break;
    case FORKS:
    case VFORKS:
        make_another(s);
        break;
    }
}

void child_entry(void *plan)
{
    struct slot *s = plan;
    look(s);
    act(s);
    if (!s->ended) /* a signal may be handled */
        put(s, "\n");
    end(s, s->action == EXIT_THREAD || (s->flags & CLONE_THREAD) ? SYS_exit : SYS_exit_group);
    for (;;)
        ;
}

/* After execve. */
static void executed(struct slot *s, int argc, char **argv)
{
    put_number(s, "  executed with ", argc);
    put(s, argv[0][0] == '/' ? " by path" : " by name");
    put(s, s->pid == getpid() ? " as before" : " as another");
    put(s, getpid() == (int)RAW(SYS_gettid, 0) ? " leads" : " does not lead");
    put_id(s, " parent", getppid(), getpid());
    put_id(s, " group", getpgrp(), getpid());
    put_signals(s);
    put_number(s, " umask ", umask(UMASK));
    put_number(s, " victim ", fcntl(VICTIM, F_GETFD));
    put_number(s, " own ", fcntl(OWN_FILE, F_GETFD));
    put(s, "\n");
    end(s, SYS_exit_group);
}

#endif
