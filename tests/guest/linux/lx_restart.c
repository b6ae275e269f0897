/* SPDX-License-Identifier: Apache-2.0 */
/* Which calls that wait end with EINTR and which are made again (signal(7)): by a handler without and with SA_RESTART,
 * the same of a signal that faults raise, by one of these that is ignored, and by stop and continue. All wait at once,
 * a thread each. "part": the result is what has been transferred; "-": see README.md of runtime/linux, What is not.
 * reference: none (qemu lacks some of the calls)
 * emulated: none (qemu lacks some of the calls)
 * not in: interp warm tier2 mixed cached cache1m fail3 regs precise (it is about calls)
 * build: -D_GNU_SOURCE */
#include <pthread.h>

#include "tests/guest/linux/waiting_calls.h"

enum { ROUNDS = 3, IGNORED = -1 };

static const struct waiting_call calls[] = {
    {"read pipe", with_pipe, do_read, finish_write, NULL},
    {"read terminal", with_terminal, do_read, finish_write, "EINTR again EINTR again again again"},
    {"read socket", with_pair, do_read, finish_write, NULL},
    {"read eventfd", with_eventfd, do_read, finish_eventfd, NULL},
    {"read timerfd", with_timerfd, do_read, finish_timerfd, NULL},
    {"read signalfd", with_signalfd, do_read, finish_hangup, NULL},
    {"read inotify", with_inotify, do_read, finish_inotify, "EINTR again EINTR again again again"},
    {"readv pipe", with_pipe, do_readv, finish_write, NULL},
    {"write pipe", with_full_pipe, do_write, drain, NULL},
    {"write pipe much", with_pipe, do_write_much, drain, NULL},
    {"write socket", with_full_pair, do_write, drain, NULL},
    {"write eventfd", with_full_eventfd, do_write_eventfd, finish_full_eventfd, NULL},
    {"writev pipe", with_full_pipe, do_writev, drain, NULL},
    {"splice", with_two_pipes, do_splice, finish_write, NULL},
    {"tee", with_two_pipes, do_tee, finish_write, NULL},
    {"vmsplice", with_full_pipe, do_vmsplice, drain, NULL},
    {"open FIFO", with_fifo, do_open_fifo, finish_fifo, NULL},
    {"accept", with_listener, do_accept, finish_accept, NULL},
    {"accept4", with_listener, do_accept4, finish_accept, NULL},
    {"accept timed", with_timed_listener, do_accept, finish_accept, NULL},
    {"connect", with_full_listener, do_connect, finish_connect, NULL},
    {"connect timed", with_timed_full_listener, do_connect, finish_connect, NULL},
    {"recv", with_pair, do_recv, finish_write, NULL},
    {"recv all", with_pair, do_recv_all, finish_write, NULL},
    {"recv timed", with_timed_pair, do_recv, finish_write, NULL},
    {"recvfrom", with_pair, do_recvfrom, finish_write, NULL},
    {"recvmsg", with_pair, do_recvmsg, finish_write, NULL},
    {"recvmsg timed", with_timed_pair, do_recvmsg, finish_write, NULL},
    {"recvmmsg", with_pair, do_recvmmsg, finish_write, NULL},
    {"recvmmsg time", with_pair, do_recvmmsg_timed, finish_write, NULL},
    {"recvmmsg timed", with_timed_pair, do_recvmmsg, finish_write, NULL},
    {"send", with_full_pair, do_send, drain, NULL},
    {"send much", with_pair, do_send_much, drain, NULL},
    {"send timed", with_timed_full_pair, do_send, drain, NULL},
    {"sendto", with_full_pair, do_sendto, drain, NULL},
    {"sendmsg", with_full_pair, do_sendmsg, drain, NULL},
    {"sendmsg timed", with_timed_full_pair, do_sendmsg, drain, NULL},
    {"sendmmsg", with_full_pair, do_sendmmsg, drain, NULL},
    {"flock", with_flock, do_flock, finish_flock, NULL},
    {"F_SETLKW", with_ofd_lock, do_file_lock, finish_ofd_lock, NULL},
    {"F_OFD_SETLKW", with_ofd_lock, do_ofd_lock, finish_ofd_lock, NULL},
    {"wait4", with_child, do_wait4, finish_write, NULL},
    {"waitid", with_child, do_waitid, finish_write, NULL},
    {"FUTEX_WAIT", with_word, do_futex, finish_futex, NULL},
    {"FUTEX_WAIT time", with_word, do_futex_timed, finish_futex, NULL},
    {"FUTEX_WAIT_BITSET", with_word, do_futex_bitset, finish_futex, NULL},
    {"FUTEX_WAIT_BITSET time", with_word, do_futex_bitset_timed, finish_futex, NULL},
    {"FUTEX_LOCK_PI", with_pi_lock, do_lock_pi, finish_pi, "again again again again again again"},
    {"futex_waitv", with_waitv, do_waitv, finish_futex, "EINTR again EINTR again again again"},
    {"epoll_wait", with_epoll, do_epoll_wait, finish_write, NULL},
    {"epoll_wait time", with_epoll, do_epoll_timed, finish_write, NULL},
    {"epoll_pwait", with_epoll, do_epoll_pwait, finish_write, NULL},
    {"epoll_pwait2", with_epoll, do_epoll_pwait2, finish_write, NULL},
    {"poll", with_pipe, do_poll, finish_write, NULL},
    {"poll time", with_pipe, do_poll_timed, finish_write, NULL},
    {"ppoll", with_pipe, do_ppoll, finish_write, NULL},
    {"ppoll time", with_pipe, do_ppoll_timed, finish_write, NULL},
    {"select", with_pipe, do_select, finish_write, NULL},
    {"pselect", with_pipe, do_pselect, finish_write, NULL},
    {"nanosleep", with_nothing, do_nanosleep, NULL, NULL},
    {"clock_nanosleep", with_nothing, do_clock_nanosleep, NULL, NULL},
    {"clock_nanosleep until", with_nothing, do_sleep_until, NULL, NULL},
    {"pause", with_nothing, do_pause, NULL, NULL},
    {"sigsuspend", with_nothing, do_sigsuspend, NULL, NULL},
    {"sigwaitinfo", with_nothing, do_sigwaitinfo, finish_hangup, NULL},
    {"sigtimedwait", with_nothing, do_sigtimedwait, finish_hangup, NULL},
    {"semop", with_semaphore, do_semop, finish_semaphore, "EINTR EINTR EINTR EINTR again EINTR"},
    {"semtimedop", with_semaphore, do_semtimedop, finish_semaphore, "EINTR EINTR EINTR EINTR again EINTR"},
    {"msgrcv", with_messages, do_msgrcv, finish_msgrcv, "EINTR EINTR EINTR EINTR again again"},
    {"msgsnd", with_full_messages, do_msgsnd, finish_msgsnd, "EINTR EINTR EINTR EINTR again again"},
    {"mq_receive", with_queue, do_mq_receive, finish_receive, "EINTR again EINTR again again again"},
    {"mq_timedreceive", with_queue, do_mq_timedreceive, finish_receive, "EINTR again EINTR again again again"},
    {"mq_send", with_full_queue, do_mq_send, finish_send, "EINTR again EINTR again again again"},
    {"mq_timedsend", with_full_queue, do_mq_timedsend, finish_send, "EINTR again EINTR again again again"},
    {"io_getevents", with_aio, do_io_getevents, NULL, "EINTR EINTR EINTR EINTR again EINTR"},
};
enum { CALLS = COUNT_OF(calls) };

static const struct event {
    int signo, flags; /* SIGSTOP: stop and continue */
} events[] = {{SIGUSR1, 0},          {SIGUSR1, SA_RESTART}, {SIGSEGV, 0},
              {SIGSEGV, SA_RESTART}, {SIGSEGV, IGNORED},    {SIGSTOP, 0}};
enum { EVENTS = COUNT_OF(events) };

static char said[CALLS][EVENTS][24];
static struct waiting all[CALLS];
static __thread struct waiting *me;
static int ask[2], answer[2]; /* pipes to who stops this process */

static void on_signal(int signo)
{
    (void)signo;
    me->hits++;
}

static void *wait_in_call(void *arg)
{
    me = arg;
    me->tid = (pid_t)syscall(SYS_gettid);
    me->state = WAITS;
    errno = 0;
    me->result = calls[me->n].call(me);
    me->error = errno;
    me->state = ENDED;
    return NULL;
}

static char state_of(pid_t tid)
{
    char name[64], line[512], *end;
    snprintf(name, sizeof name, "/proc/self/task/%d/stat", (int)tid);
    const int fd = open(name, O_RDONLY);
    const ssize_t n = fd < 0 ? 0 : read(fd, line, sizeof line - 1);
    close(fd);
    line[n < 0 ? 0 : n] = 0;
    end = strrchr(line, ')');
    return end && end[1] ? end[2] : '?';
}

/* Until it sleeps in its call, or that has ended. */
static void settle(const struct waiting *w)
{
    while (w->state != ENDED && !(w->state == WAITS && state_of(w->tid) == 'S'))
        sched_yield();
}

static void settle_all(void)
{
    for (int i = 0; i < CALLS; i++) {
        if (!all[i].lacks)
            settle(&all[i]);
    }
}

static void strike(struct waiting *w, const struct event *e)
{
    const int before = w->hits;
    if (w->state == ENDED || w->lacks)
        return;
    pthread_kill(w->thread, e->signo);
    while (e->flags != IGNORED && w->hits == before && w->state != ENDED)
        sched_yield();
}

static void strike_all(const struct event *e)
{
    char byte = 0;
    for (int i = 0; e->signo != SIGSTOP && i < CALLS; i++)
        strike(&all[i], e);
    if (e->signo == SIGSTOP)
        require(write(ask[1], &byte, 1) == 1 && read(answer[0], &byte, 1) == 1, "stop");
}

static void begin(int i)
{
    struct waiting *w = &all[i];
    memset(w, 0, sizeof *w);
    memset(w->fd, -1, sizeof w->fd);
    w->n = i;
    w->lacks = calls[i].prepare(w);
    require(!w->lacks || calls[i].lacking, calls[i].name);
}

static void end(int i, int event)
{
    struct waiting *w = &all[i];
    char *const text = said[i][event];
    if (w->lacks)
        return;
    w->outlasted = w->state != ENDED;
    if (w->outlasted && calls[i].finish)
        calls[i].finish(w);
    while (w->outlasted && !calls[i].finish && w->state != ENDED) {
        pthread_kill(w->thread, ENDS_IT);
        settle(w);
    }
    pthread_join(w->thread, NULL);
    if (events[event].flags == IGNORED && (calls[i].call == do_write_much || calls[i].call == do_send_much)) {
        strcpy(text, "-");
        return;
    }
    const int failed = w->result == -1 && !(w->outlasted && !calls[i].finish);
    snprintf(text, sizeof said[i][event], "%s%s%s",
             w->outlasted ? "again"
             : failed     ? ""
                          : "part",
             failed && w->outlasted ? " " : "", failed ? strerrorname_np(w->error) : "");
}

static void clean(int i)
{
    struct waiting *w = &all[i];
    for (int k = 0; k < 4; k++) {
        if (w->fd[k] >= 0)
            close(w->fd[k]);
    }
    if (calls[i].prepare == with_semaphore)
        semctl((int)w->number, 0, IPC_RMID);
    else if (calls[i].prepare == with_messages || calls[i].prepare == with_full_messages)
        msgctl((int)w->number, IPC_RMID, NULL);
    else if (calls[i].prepare == with_aio && !w->lacks)
        syscall(SYS_io_destroy, w->number);
}

static void act(int event)
{
    const struct event *e = &events[event];
    struct sigaction a = {.sa_handler = on_signal, .sa_flags = e->flags};
    if (e->flags == IGNORED)
        a = (struct sigaction){.sa_handler = SIG_IGN};
    if (e->signo != SIGSTOP)
        sigaction(e->signo, &a, NULL);
    pthread_attr_t attr;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, 128 << 10);
    for (int i = 0; i < CALLS; i++)
        begin(i);
    for (int i = 0; i < CALLS; i++) {
        if (!all[i].lacks)
            require(pthread_create(&all[i].thread, &attr, wait_in_call, &all[i]) == 0, "pthread_create");
    }
    for (int round = 0; round < ROUNDS; round++) {
        settle_all();
        strike_all(e);
    }
    settle_all();
    for (int i = 0; i < CALLS; i++)
        end(i, event);
    for (int i = 0; i < CALLS; i++)
        clean(i);
}

static int all_events(void)
{
    char directory[64];
    sigset_t s;
    sigemptyset(&s);
    sigaddset(&s, SIGHUP);
    sigprocmask(SIG_BLOCK, &s, NULL);
    sigaction(ENDS_IT, &(struct sigaction){.sa_handler = on_signal}, NULL);
    enter_new_directory(directory);
    for (int e = 0; e < EVENTS; e++)
        act(e);
    for (int i = 0; i < CALLS; i++) {
        printf("%s:", calls[i].name);
        for (int e = 0; e < EVENTS && !all[i].lacks; e++)
            printf(" %s", said[i][e]);
        printf(all[i].lacks ? " %s\n" : "\n", calls[i].lacking);
    }
    fflush(stdout);
    return chdir("/") || execlp("rm", "rm", "-r", directory, NULL);
}

/* Stops and continues the process that does it all, as often as it asks. */
int main(void)
{
    char byte;
    int status;
    require(pipe(ask) == 0 && pipe(answer) == 0, "pipe");
    const pid_t pid = fork();
    if (pid == 0) {
        close(ask[0]);
        _exit(all_events());
    }
    close(ask[1]);
    while (read(ask[0], &byte, 1) == 1) {
        kill(pid, SIGSTOP);
        require(waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status), "stopped");
        kill(pid, SIGCONT);
        require(write(answer[1], &byte, 1) == 1, "answer");
    }
    require(waitpid(pid, &status, 0) == pid && status == 0, "the process that waits");
    return 0;
}
