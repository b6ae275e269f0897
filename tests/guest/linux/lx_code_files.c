/* SPDX-License-Identifier: Apache-2.0 */
/* Code that changes without an access to its mapping: through the file behind a private mapping, by each call that
 * writes files, and through /proc/self/mem and process_vm_writev. Each way writes a function that returns its number
 * over one that has run.
 * reference: none (qemu does not see these changes)
 * emulated: none (tandem takes the addresses of its own memory)
 *
 * not in: cached cache1m fail3 precise regs (what differs is not in the translators)
 * build: -D_GNU_SOURCE */
#include <fcntl.h>
#include <setjmp.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/guest/linux/linux_test.h"

enum { PAGE = 4096, CHANGES = 24, CALLS = 40, CODE = 8 };

typedef int (*function)(void);

static char path[64];
static int writer, source, pipes[2], memory;
static char *code, *alias;

static void emit(unsigned char *to, unsigned number)
{
#if defined(__riscv)
    const uint32_t insn[2] = {0x513u | number << 20, 0x8067}; /* li a0, number; ret */
#elif defined(__aarch64__)
    const uint32_t insn[2] = {0x52800000u | number << 5, 0xd65f03c0}; /* mov w0, number; ret */
#else
    const uint32_t insn[2] = {0xb8u | number << 8, 0xc300}; /* mov eax, number; ret */
#endif
    memcpy(to, insn, CODE);
}

static int run(void)
{
    int sum = 0;
#if defined(__riscv)
    __asm__ volatile("fence.i" ::: "memory");
#elif defined(__aarch64__)
    __builtin___clear_cache(code, code + CODE);
#endif
    for (int i = 0; i < CALLS; i++)
        sum += ((function)(void *)code)();
    return sum;
}

/* Each way writes CODE bytes over the first of the file, or of the page at code. */
static int by_pwrite(const unsigned char *from) { return pwrite(writer, from, CODE, 0) == CODE; }
static int by_write(const unsigned char *from)
{
    return lseek(writer, 0, SEEK_SET) == 0 && write(writer, from, CODE) == CODE;
}
static int by_pwritev(const unsigned char *from)
{
    const struct iovec part[2] = {{(void *)from, 3}, {(void *)(from + 3), CODE - 3}};
    return pwritev(writer, part, 2, 0) == CODE;
}
static int by_sendfile(const unsigned char *from)
{
    off_t start = 0;
    return pwrite(source, from, CODE, 0) == CODE && lseek(writer, 0, SEEK_SET) == 0 &&
           sendfile(writer, source, &start, CODE) == CODE;
}
static int by_splice(const unsigned char *from)
{
    off64_t start = 0;
    return write(pipes[1], from, CODE) == CODE && splice(pipes[0], NULL, writer, &start, CODE, 0) == CODE;
}
static int by_copy(const unsigned char *from)
{
    off64_t in = 0, out = 0;
    return pwrite(source, from, CODE, 0) == CODE && copy_file_range(source, &in, writer, &out, CODE, 0) == CODE;
}
static int by_alias(const unsigned char *from)
{
    memcpy(alias, from, CODE);
    return 1;
}
static int by_new_descriptor(const unsigned char *from)
{
    const int fd = open(path, O_WRONLY);
    const int done = pwrite(fd, from, CODE, 0) == CODE;
    return close(fd) == 0 && done;
}
static int by_child(const unsigned char *from)
{
    int status = 1;
    const pid_t pid = fork();
    if (pid == 0)
        _exit(!by_pwrite(from));
    return waitpid(pid, &status, 0) == pid && status == 0;
}
static int by_truncating_open(const unsigned char *from)
{
    const int fd = open(path, O_RDWR | O_TRUNC);
    const int done = ftruncate(fd, PAGE) == 0 && pwrite(fd, from, CODE, 0) == CODE;
    return close(fd) == 0 && done;
}
static int by_memory_file(const unsigned char *from)
{
    if (pwrite64(memory, from, CODE, (off64_t)(uintptr_t)code) == CODE)
        return 1;
    mprotect(code, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC); /* some kernels want the right to write */
    return pwrite64(memory, from, CODE, (off64_t)(uintptr_t)code) == CODE;
}
static int by_memory_file_in_order(const unsigned char *from)
{
    struct iovec part[2] = {{(void *)from, 5}, {(void *)(from + 5), CODE - 5}};
    return lseek64(memory, (off64_t)(uintptr_t)code, SEEK_SET) > 0 && writev(memory, part, 2) == CODE;
}
static int by_process(const unsigned char *from)
{
    const struct iovec in = {(void *)from, CODE}, out = {code, CODE};
    mprotect(code, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC);
    return process_vm_writev(getpid(), &in, 1, &out, 1, 0) == CODE;
}

static void test(const char *name, int (*way)(const unsigned char *), unsigned changes)
{
    unsigned char bytes[CODE];
    unsigned seen = 0;
    for (unsigned i = 1; i <= changes; i++) {
        emit(bytes, i);
        if (!way(bytes)) {
            printf("%s: %s\n", name, strerrorname_np(errno));
            return;
        }
        seen += run() == (int)i * CALLS;
    }
    printf("%s: %u of %u seen\n", name, seen, changes);
}

/* A new file with a function in it, which is mapped by a descriptor that cannot write, and has run. */
static void make(void)
{
    unsigned char bytes[CODE];
    int fd = (int)syscall(SYS_memfd_create, "code", 0);
    emit(bytes, 7);
    require(fd >= 0 && ftruncate(fd, PAGE) == 0 && pwrite(fd, bytes, CODE, 0) == CODE, "memfd");
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    const int reader = open(path, O_RDONLY);
    require(reader >= 0, "reader");
    dup2(reader, fd); /* path goes on to name the file, and nobody can write to it */
    close(reader);
    code = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
    require(code != MAP_FAILED && run() == 7 * CALLS, "code");
}

static const struct {
    const char *name;
    int (*way)(const unsigned char *);
} ways[] = {{"pwrite", by_pwrite}, {"write", by_write},          {"pwritev", by_pwritev}, {"sendfile", by_sendfile},
            {"splice", by_splice}, {"copy_file_range", by_copy}, {"a child", by_child}};

static sigjmp_buf back;
static siginfo_t fault;

static void on_fault(int signo, siginfo_t *info, void *context)
{
    (void)signo;
    (void)context;
    fault = *info;
    siglongjmp(back, 1);
}

static void test_truncated(void)
{
    unsigned char bytes[CODE];
    handle(SIGBUS, on_fault, 0);
    SHOW(truncate(path, 0));
    if (sigsetjmp(back, 1) == 0)
        printf("ran: %d\n", run());
    else
        printf("bus error: code %d, at the code: %d\n", fault.si_code, fault.si_addr == code);
    SHOW(truncate(path, PAGE));
    emit(bytes, 9);
    CHECK(by_new_descriptor(bytes) && run() == 9 * CALLS);
}

int main(void)
{
    source = (int)syscall(SYS_memfd_create, "source", 0);
    memory = open("/proc/self/mem", O_RDWR);
    require(pipe(pipes) == 0 && source >= 0 && memory >= 0, "descriptors");
    for (unsigned i = 0; i < COUNT_OF(ways); i++) {
        make();
        writer = open(path, O_RDWR);
        test(ways[i].name, ways[i].way, ways[i].way == by_child ? 3 : CHANGES);
        close(writer);
    }
    make();
    test("a new descriptor", by_new_descriptor, CHANGES);
    make();
    test("open with O_TRUNC", by_truncating_open, CHANGES);
    make();
    writer = open(path, O_RDWR);
    alias = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, writer, 0);
    close(writer);
    test("a shared mapping", by_alias, CHANGES);
    make();
    test_truncated();
    make();
    test("/proc/self/mem", by_memory_file, CHANGES);
    make();
    test("/proc/self/mem, in order", by_memory_file_in_order, CHANGES);
    code = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    test("/proc/self/mem, no file", by_memory_file, CHANGES);
    test("process_vm_writev", by_process, CHANGES);
    return 0;
}
