/* SPDX-License-Identifier: Apache-2.0 */
/* RLIMIT_STACK is the guest's: the kernel grows the guest's stack by it (runtime/mem/mem_grow.h). It must not hit the
 * stack of tandem's own first thread, whatever the guest or its parent sets.
 *
 * How: the kernel looks at the limit when a stack grows, and never again. So one access far down, under a limit that is
 * raised for that long, makes this stack as large as it will have to be. Where the hard limit does not allow that,
 * tandem runs on a mapping instead. */
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <ucontext.h>

#include "src/cli/cli.h"

enum { OWN_STACK = 8 << 20, REACH = 4 << 20, MARGIN = 64 << 10 };

/* The strings of the environment are the last of the stack; the name of the program is the very last. */
static uintptr_t stack_top(void)
{
    const uintptr_t name = getauxval(AT_EXECFN);
    return name ? name : (uintptr_t)__builtin_frame_address(0);
}

/* True: this stack reaches REACH further down than here. */
static bool reach_down(void)
{
    struct rlimit old, more;
    const uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    if (getrlimit(RLIMIT_STACK, &old))
        return false;
    const uintptr_t need = stack_top() - here + REACH + MARGIN;
    if (old.rlim_max < need)
        return false;
    more = old;
    more.rlim_cur = old.rlim_cur < need ? need : old.rlim_cur;
    if (more.rlim_cur != old.rlim_cur && setrlimit(RLIMIT_STACK, &more))
        return false;
    *(volatile char *)(here - REACH) = 0;
    if (more.rlim_cur != old.rlim_cur)
        setrlimit(RLIMIT_STACK, &old);
    return true;
}

static struct {
    int (*body)(void *arg);
    void *arg;
    int result;
} job;

static void run_job(void) { job.result = job.body(job.arg); }

int cli_on_large_stack(int (*body)(void *arg), void *arg)
{
    static ucontext_t here, there;
    if (reach_down())
        return body(arg);
    void *stack =
        mmap(NULL, OWN_STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (stack == MAP_FAILED || getcontext(&there))
        return body(arg);
    there.uc_stack = (stack_t){.ss_sp = stack, .ss_size = OWN_STACK};
    there.uc_link = &here;
    job.body = body;
    job.arg = arg;
    makecontext(&there, run_job, 0);
    swapcontext(&here, &there);
    munmap(stack, OWN_STACK);
    return job.result;
}

bool cli_set_stack_limit(const struct options *options, uint64_t *limit)
{
    enum { ADDRESS_BITS = 46 };
    struct rlimit l = {RLIM_INFINITY, RLIM_INFINITY};
    const rlim_t want = (rlim_t)options->stack_size;
    getrlimit(RLIMIT_STACK, &l);
    if (want >> ADDRESS_BITS)
        return false;
    if (want) {
        l.rlim_cur = want < l.rlim_max ? want : l.rlim_max;
        setrlimit(RLIMIT_STACK, &l);
    }
    *limit = l.rlim_cur;
    return true;
}
