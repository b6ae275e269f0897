/* SPDX-License-Identifier: Apache-2.0 */
/* RLIMIT_CPU: no signal before the program has had that much; over fork and execve.
 * reference: none (qemu counts what it compiles)
 * not in: interp tier1 tier2 warm cached cache1m fail3 regs precise fast stats (it takes a second)
 * build: -D_GNU_SOURCE */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/guest/linux/cpu_work.h"
#include "tests/guest/linux/linux_test.h"

/* The kernel counts by its ticks: what a program has had of one is anybody's guess. */
enum { SECOND = 1000000000, BEFORE = 400000000, SLACK = 100000000 };

static volatile int64_t seen_at;

static void on_limit(int signo, siginfo_t *info, void *context)
{
    (void)signo, (void)info, (void)context;
    seen_at = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}

static struct rlimit limit_of(void)
{
    struct rlimit limit = {0, 0};
    getrlimit(RLIMIT_CPU, &limit);
    return limit;
}

/* As the kernel shows it. */
static int shows(const char *value)
{
    char line[256];
    int found = 0;
    FILE *f = fopen("/proc/self/limits", "r");
    while (f && fgets(line, sizeof line, f)) {
        if (!strncmp(line, "Max cpu time", 12))
            found = !strncmp(line + 26, value, strlen(value)) && strstr(line, "seconds");
    }
    if (f)
        fclose(f);
    return found;
}

static int run(void (*child)(char *), char *self)
{
    int status = -1;
    fflush(stdout);
    const pid_t pid = fork();
    if (pid == 0) {
        child(self);
        exit(0);
    }
    waitpid(pid, &status, 0);
    return status;
}

static void await_signal(void)
{
    while (!seen_at)
        work(1000000);
}

/* The limit is the parent's, and the second program's. */
static void inherits(char *self)
{
    work(BEFORE);
    execl(self, self, "again", NULL);
}

static void again(void)
{
    handle(SIGXCPU, on_limit, 0);
    SHOW(limit_of().rlim_cur);
    SHOW(limit_of().rlim_max);
    CHECK(shows("1 "));
    await_signal();
    CHECK(seen_at >= SECOND - SLACK);
    SHOW(limit_of().rlim_cur);
    CHECK(shows("2 "));
}

static void at_once(char *self)
{
    (void)self;
    handle(SIGXCPU, on_limit, 0);
    SHOW(setrlimit(RLIMIT_CPU, &(struct rlimit){0, 5}));
    await_signal();
    CHECK(seen_at < SECOND);
    SHOW(limit_of().rlim_cur);
    fflush(stdout);
}

static void dies(char *self)
{
    (void)self;
    setrlimit(RLIMIT_CPU, &(struct rlimit){0, 0});
    work(5 * (int64_t)SECOND);
}

static void is_told(char *self)
{
    (void)self;
    signal(SIGXCPU, SIG_DFL);
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    setrlimit(RLIMIT_CPU, &(struct rlimit){0, 7});
    work(5 * (int64_t)SECOND);
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        again();
        return 0;
    }
    SHOW(setrlimit(RLIMIT_CPU, &(struct rlimit){2, 1}) == -1 && errno == EINVAL);
    SHOW(run(at_once, NULL));
    SHOW(WTERMSIG(run(dies, NULL)) == SIGKILL);
    SHOW(WTERMSIG(run(is_told, NULL)) == SIGXCPU);
    SHOW(setrlimit(RLIMIT_CPU, &(struct rlimit){1, 60}));
    SHOW(run(inherits, argv[0]));
    return 0;
}
