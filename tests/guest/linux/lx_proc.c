/* SPDX-License-Identifier: Apache-2.0 */
/* What the program finds out about itself and the machine: /proc/self, auxv, uname, hwprobe, limits.
 * arguments: one "two words"
 * reference: none (qemu 7.2 has no riscv_hwprobe, and its maps differ)
 * emulated: none (qemu has a /proc/self of its own)
 * build: -D_GNU_SOURCE */
#include <dirent.h>
#include <elf.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "tests/guest/linux/linux_test.h"

static char text[65536];
static int data_variable = 1;

static size_t slurp(const char *name)
{
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    size_t n = 0;
    ssize_t r;
    require(fd >= 0, name);
    while ((r = read(fd, text + n, sizeof text - 1 - n)) > 0)
        n += (size_t)r;
    text[n] = 0;
    close(fd);
    return n;
}

/* The rights of the mapping that holds address, from maps. */
static const char *rights(void *address)
{
    static char perms[8];
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        unsigned long a, b;
        if (sscanf(line, "%lx-%lx %7s", &a, &b, perms) == 3 && (unsigned long)address >= a &&
            (unsigned long)address < b)
            return perms;
    }
    return "none";
}

static const char *map_rights(const char *file, void *address)
{
    slurp(file);
    return rights(address);
}

static void test_maps(void)
{
    int local;
    char own[64];
    void *p = mmap(NULL, 4096, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    snprintf(own, sizeof own, "/proc/%d/maps", (int)getpid());
    printf("code %s", map_rights("/proc/self/maps", (void *)(uintptr_t)test_maps));
    printf(" data %s", map_rights("/proc/thread-self/maps", &data_variable));
    printf(" stack %s", map_rights(own, &local));
    printf(" shared %s", map_rights("/proc/self/maps", p));
    printf(" null %s\n", map_rights("/proc/self/maps", NULL));
    slurp("/proc/self/maps");
    printf("names: stack %d heap %d\n", strstr(text, "[stack]") != NULL, malloc(100) && strstr(text, "[heap]") != NULL);
    printf("names this program: %d, tandem's own memory: %d\n", strstr(text, "lx_proc") != NULL,
           strstr(text, "libc.so") != NULL);
}

static void test_names(int argc, char **argv)
{
    size_t n = slurp("/proc/self/cmdline");
    size_t want = 0;
    int same = 1;
    for (int i = 0; i < argc; i++) {
        same &= !strcmp(text + want, argv[i]);
        want += strlen(argv[i]) + 1;
    }
    printf("cmdline: %d %d\n", n == want, same);
    char exe[4096] = "", exe2[4096] = "", real[4096];
    SHOW(readlink("/proc/self/exe", exe, sizeof exe) > 0);
    char own[64];
    snprintf(own, sizeof own, "/proc/%d/exe", (int)getpid());
    SHOW(readlink(own, exe2, sizeof exe2) > 0);
    printf("exe: %d %d %d\n", !strcmp(exe, exe2), realpath(argv[0], real) && !strcmp(real, exe),
           strstr(exe, "lx_proc") != NULL);
    struct stat a, b;
    stat("/proc/self/exe", &a);
    stat(argv[0], &b);
    printf("stat of exe: %d\n", a.st_ino == b.st_ino);
    int fd = open("/proc/self/exe", O_RDONLY);
    Elf64_Ehdr h;
    SHOW(read(fd, &h, sizeof h));
    printf("machine %d\n", h.e_machine);
    slurp("/proc/self/comm");
    printf("comm %s", text);
    slurp("/proc/self/stat");
    char *paren = strrchr(text, ')');
    unsigned long value = 0;
    char *save, *tok = strtok_r(paren + 1, " ", &save);
    for (int field = 3; field < 28; field++)
        tok = strtok_r(NULL, " ", &save);
    value = strtoul(tok, NULL, 10);
    printf("start of stack: %d\n", value >= (unsigned long)&save && value - (unsigned long)&save < 1 << 20);
}

static void test_auxv(void)
{
    size_t n = slurp("/proc/self/auxv");
    const Elf64_auxv_t *v = (void *)text;
    int same = 1;
    size_t i;
    for (i = 0; i < n / sizeof *v && v[i].a_type != AT_NULL; i++)
        same &= getauxval(v[i].a_type) == v[i].a_un.a_val;
    printf("auxv: %d %d\n", same, n == (i + 1) * sizeof *v);
    printf("page %lu hwcap %lx secure %lu random %d\n", getauxval(AT_PAGESZ), getauxval(AT_HWCAP) & 0x112d,
           getauxval(AT_SECURE), getauxval(AT_RANDOM) != 0);
}

static void test_machine(void)
{
    struct utsname u;
    SHOW(uname(&u));
    printf("%s %s release %d\n", u.sysname, u.machine, atoi(u.release) >= 4);
    struct {
        int64_t key;
        uint64_t value;
    } pairs[] = {{3, 0}, {4, 0}, {99999, 5}};
    SHOW(syscall(258, pairs, 3L, 0L, NULL, 0L));
    printf("hwprobe: base %llx ext %d unknown %lld %llu\n", (unsigned long long)pairs[0].value,
           (pairs[1].value & 3) == 3, (long long)pairs[2].key, (unsigned long long)pairs[2].value);
    SHOW(syscall(259, 0, 4096, 0));
    SHOW(syscall(259, 0, 4096, 2));
    struct sysinfo si;
    SHOW(sysinfo(&si));
    printf("memory: %d\n", si.totalram > 0);
    cpu_set_t set;
    SHOW(sched_getaffinity(0, sizeof set, &set));
    printf("cpus: %d\n", CPU_COUNT(&set) == sysconf(_SC_NPROCESSORS_ONLN));
    unsigned cpu;
    SHOW(getcpu(&cpu, NULL));
    SHOW(syscall(SYS_getpid) == getpid() && syscall(SYS_gettid) == getpid());
    char random[16] = "";
    SHOW(syscall(SYS_getrandom, random, sizeof random, 0));
    SHOW(syscall(SYS_personality, 0xffffffff));
    SHOW(syscall(SYS_ptrace, 0, 0, 0, 0));
    SHOW(syscall(SYS_seccomp, 99, 0, 0));
    SHOW(syscall(SYS_membarrier, 0, 0, 0) >= 0);
}

int main(int argc, char **argv)
{
    test_maps();
    test_names(argc, argv);
    test_auxv();
    test_machine();
    return 0;
}
