/* SPDX-License-Identifier: Apache-2.0 */
/* Instructions that cannot be fetched, wholly or from a page boundary on, or that are none: signal, code and address.
 * build: -D_GNU_SOURCE */
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "tests/guest/guest_test.h"

enum { PAGE = 4096, HERE = -1 };

static unsigned char *memory; /* two pages */
static sigjmp_buf back;
static const char *what;

static void on_signal(int signal, siginfo_t *info, void *context)
{
    const ucontext_t *uc = context;
    printf("%-26s signal %d code %d at %td pc %td\n", what, signal, info->si_code,
           (unsigned char *)info->si_addr - memory - PAGE,
           (unsigned char *)uc->uc_mcontext.__gregs[REG_PC] - memory - PAGE);
    siglongjmp(back, 1);
}

/* Runs the code, of which so many bytes lie before the boundary; prot: of the page behind it. */
static void try(const char *name, const unsigned short *code, size_t size, size_t before, int prot)
{
    what = name;
    mprotect(memory, 2 * PAGE, PROT_READ | PROT_WRITE | PROT_EXEC);
    memset(memory, 0, 2 * PAGE);
    memcpy(memory + PAGE - before, code, size);
    __builtin___clear_cache((char *)memory, (char *)memory + 2 * PAGE);
    if (prot != HERE)
        mprotect(memory + PAGE, PAGE, prot);
    if (!sigsetjmp(back, 1)) {
        ((void (*)(void))(memory + PAGE - before))();
        printf("%-26s returned\n", name);
    }
}

int main(void)
{
    static const unsigned short li[] = {0x0513, 0x02a0, 0x8082}; /* li a0, 42; ret */
    static const unsigned short c_li[] = {0x4529, 0x8082};       /* c.li a0, 10; ret */
    static const unsigned short longer[] = {0x007f, 0, 0, 0};    /* the beginning of 80 bits */
    struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGILL, &action, NULL);
    memory = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    try("half, no access", li, sizeof li, 2, PROT_NONE);
    try("half, not executable", li, sizeof li, 2, PROT_READ);
    try("next one, no access", li, sizeof li, 4, PROT_NONE);
    try("compressed, no access", c_li, sizeof c_li, 2, PROT_NONE);
    try("compressed, not executable", c_li, sizeof c_li, 2, PROT_READ | PROT_WRITE);
    try("executable", li, sizeof li, 2, HERE);
    try("longer, no access", longer, sizeof longer, 2, PROT_NONE);
    try("none", li + 3, 0, 4, HERE);
    return 0;
}
