/* SPDX-License-Identifier: Apache-2.0 */
/* Segment descriptors of threads and of the process: set_thread_area, get_thread_area, modify_ldt, and what loading
 * selectors does. What the host itself says is right.
 * reference: none for i386 (qemu 7.2 numbers entries as a 32-bit kernel, does not check them)
 * build: -D_GNU_SOURCE */
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/guest/linux/linux_test.h"

struct desc {
    uint32_t entry, base, limit, flags;
};
enum { DATA = 1 | 16 | 64, EMPTY = 8 | 32 };

static uint32_t words[4] = {0x11111111, 0x22222222, 0x33333333, 0x44444444};
static uint32_t others[4] = {0x55555555, 0x66666666, 0x77777777, 0x88888888};
static sigjmp_buf again;
static volatile int trap;

static void on_fault(int sig, siginfo_t *info, void *context)
{
    (void)sig, (void)context;
    trap = info->si_code == SI_KERNEL && !info->si_addr;
    siglongjmp(again, 1);
}

static uint32_t fs_word(int i)
{
    uint32_t v;
    __asm__ volatile("movl %%fs:(,%1,4), %0" : "=r"(v) : "r"(i));
    return v;
}

static int load_fs(unsigned selector)
{
    if (sigsetjmp(again, 1))
        return trap ? -2 : -3;
    __asm__ volatile("mov %0, %%fs" : : "r"(selector));
    return 0;
}

static int load_es(unsigned selector)
{
    if (sigsetjmp(again, 1))
        return trap ? -2 : -3;
    __asm__ volatile("push %%es\n\tmov %0, %%es\n\tpop %%es" : : "r"(selector));
    return 0;
}

static void show(const struct desc *d)
{
    printf("%u base %d limit %x flags %x\n", d->entry, d->base == (uintptr_t)words, d->limit, d->flags & 127);
}

static void thread_area(void)
{
    struct desc d = {~0u, (uintptr_t)words, 0xfffff, DATA}, got = {0, 0, 0, 0};
    SHOW(syscall(SYS_set_thread_area, &d));
    got.entry = d.entry;
    SHOW(syscall(SYS_get_thread_area, &got));
    show(&got);
    unsigned selector = d.entry * 8 + 3, fs;
    SHOW(load_fs(selector));
    printf("%x %x\n", fs_word(0), fs_word(3));
    __asm__ volatile("mov %%fs, %0" : "=r"(fs));
    SHOW((fs & 0xffff) == selector);
    __asm__ volatile("movl $0x99999999, %%fs:4" : : : "memory");
    printf("%x\n", words[1]);
    d.base = (uintptr_t)others; /* takes effect at once: fs has the selector */
    SHOW(syscall(SYS_set_thread_area, &d));
    printf("%x\n", fs_word(2));
    __asm__ volatile("push %%fs\n\txor %%eax, %%eax\n\tmov %%eax, %%fs\n\tpop %%fs" : : : "eax", "memory");
    printf("%x\n", fs_word(1));
    d.entry = ~0u;
    SHOW(syscall(SYS_set_thread_area, &d));
    got.entry = d.entry;
    d.entry = ~0u;
    SHOW(syscall(SYS_set_thread_area, &d)); /* all taken */
    d = (struct desc){got.entry, 0, 0, EMPTY};
    SHOW(syscall(SYS_set_thread_area, &d));
    SHOW(load_fs(got.entry * 8 + 3));
    SHOW(syscall(SYS_get_thread_area, &got));
    printf("%x %x %x\n", got.base, got.limit, got.flags);
    d = (struct desc){3, 0, 0, DATA};
    SHOW(syscall(SYS_set_thread_area, &d));
    SHOW(syscall(SYS_get_thread_area, &d));
    d = (struct desc){got.entry, 0, 0xfffff, DATA & ~1};
    SHOW(syscall(SYS_set_thread_area, &d));
    SHOW(load_fs(0xffff));
    SHOW(load_fs(0x2b));
    SHOW(load_fs(0));
    SHOW(load_es(0x2b));
    SHOW(load_es(0));
    SHOW(load_es(0x1234));
    unsigned cs, ss, ds;
    __asm__ volatile("mov %%cs, %0\n\tmov %%ss, %1\n\tmov %%ds, %2" : "=r"(cs), "=r"(ss), "=r"(ds));
    printf("%x %x %x\n", cs & 0xffff, ss & 0xffff, ds & 0xffff);
}

static void ldt(void)
{
    uint64_t table[16] = {0};
    struct desc d = {5, (uintptr_t)words, 0xfffff, DATA};
    SHOW(syscall(SYS_modify_ldt, 0, table, sizeof table));
    SHOW(load_fs(5 * 8 + 7));
    SHOW(syscall(SYS_modify_ldt, 0x11, &d, sizeof d));
    SHOW(load_fs(5 * 8 + 7));
    printf("%x %x\n", fs_word(0), fs_word(3));
    long n = syscall(SYS_modify_ldt, 0, table, sizeof table);
    uint64_t base = table[5] >> 16 & 0xffffff, high = table[5] >> 56;
    printf("%ld %d %llx\n", n, (base | high << 24) == (uintptr_t)words,
           (unsigned long long)table[5] & 0x00fff0000000ffffull);
    SHOW(syscall(SYS_modify_ldt, 0x11, &d, 8));
    d.entry = 8192;
    SHOW(syscall(SYS_modify_ldt, 0x11, &d, sizeof d));
    SHOW(syscall(SYS_modify_ldt, 7, &d, sizeof d));
    SHOW(load_fs(0));
    d = (struct desc){5, 0, 0, EMPTY};
    SHOW(syscall(SYS_modify_ldt, 0x11, &d, sizeof d));
    SHOW(load_fs(5 * 8 + 7));
}

int main(void)
{
    handle(SIGSEGV, on_fault, SA_NODEFER);
    thread_area();
    ldt();
    return 0;
}
