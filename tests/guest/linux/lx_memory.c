/* SPDX-License-Identifier: Apache-2.0 */
/* Memory calls: mapping, moving, protecting, files in memory, the break, shared memory between processes.
 * reference: none (qemu 7.2 lacks MAP_FIXED_NOREPLACE and process_vm_readv)
 * emulated: none (qemu 7.2 lacks process_vm_readv and takes any advice)
 * build: -D_GNU_SOURCE */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/guest/linux/linux_test.h"

#ifndef SYS_newfstatat /* 32-bit machines */
#define SYS_newfstatat SYS_fstatat64
#endif

enum { PAGE = 4096 };

static void test_map(void)
{
    char *p = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(p != MAP_FAILED && ((uintptr_t)p & (PAGE - 1)) == 0);
    memset(p, 1, 4 * PAGE);
    SHOW(munmap(p + PAGE, PAGE));
    CHECK(mmap(p + PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == p + PAGE);
    printf("hole: %d %d %d\n", p[0], p[PAGE], p[2 * PAGE]);
    SHOW(mmap(p, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == MAP_FAILED ? -1 : 0);
    SHOW(mprotect(p, 4 * PAGE, PROT_READ));
    SHOW(mprotect(p + 1, PAGE, PROT_READ));
    SHOW(munmap(p + 1, PAGE));
    SHOW(mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0);
    SHOW(mmap(NULL, PAGE, PROT_READ, MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0);
    SHOW(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, -1, 0) == MAP_FAILED ? -1 : 0);
    SHOW(munmap(p, 4 * PAGE));
    SHOW(mprotect(p, PAGE, PROT_READ));
    SHOW(munmap(p, 4 * PAGE));
}

static void test_remap(void)
{
    char *p = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (int i = 0; i < 2 * PAGE; i++)
        p[i] = (char)i;
    char *q = mremap(p, 2 * PAGE, 64 * PAGE, MREMAP_MAYMOVE);
    CHECK(q != MAP_FAILED);
    int same = 1;
    for (int i = 0; i < 2 * PAGE; i++)
        same &= q[i] == (char)i;
    q[63 * PAGE] = 9;
    printf("moved: %d %d\n", same, q[2 * PAGE]);
    CHECK(mremap(q, 64 * PAGE, PAGE, 0) == q);
    char *at = mmap(NULL, 4 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(mremap(q, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, at + PAGE) == at + PAGE);
    printf("fixed: %d\n", at[PAGE + 5]);
    SHOW(mremap(q, PAGE, PAGE, MREMAP_MAYMOVE) == MAP_FAILED ? -1 : 0);
    char *big = mmap(NULL, 300 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *end = mmap(big + 299 * PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    CHECK(end == big + 299 * PAGE);
    SHOW(mremap(big, 299 * PAGE, 300 * PAGE, 0) == MAP_FAILED ? -1 : 0);
    munmap(big, 300 * PAGE);
}

static void test_files(void)
{
    int fd = memfd_create("file", 0);
    require(ftruncate(fd, 3 * PAGE) == 0, "ftruncate");
    char *shared = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    char *private = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, PAGE);
    strcpy(shared + PAGE, "written through the shared mapping");
    printf("private sees: %s\n", private);
    private[0] = 'X';
    char buf[64] = "";
    SHOW(pread(fd, buf, 34, PAGE));
    printf("file has: %s\n", buf);
    SHOW(pwrite(fd, "by pwrite", 9, 2 * PAGE));
    printf("shared sees: %s\n", shared + 2 * PAGE);
    SHOW(msync(shared, 3 * PAGE, MS_SYNC));
    SHOW(msync(shared + 1, PAGE, MS_SYNC));
    unsigned char vec[3] = {0};
    SHOW(mincore(shared, 3 * PAGE, vec));
    printf("resident: %d\n", vec[1] & 1);
    SHOW(madvise(private, PAGE, MADV_DONTNEED));
    printf("private again: %s\n", private);
    SHOW(madvise(private, PAGE, 12345));
    SHOW(mlock(shared, PAGE));
    SHOW(munlock(shared, PAGE));
    close(fd);
    struct iovec local = {buf, 9}, remote = {shared + 2 * PAGE, 9};
    memset(buf, 0, sizeof buf);
    SHOW(process_vm_readv(getpid(), &local, 1, &remote, 1, 0));
    printf("%s\n", buf);
}

static void test_anonymous(void)
{
    char *p = mmap(NULL, 16 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(p, 7, 16 * PAGE);
    SHOW(madvise(p, 8 * PAGE, MADV_DONTNEED));
    printf("dropped: %d kept: %d\n", p[PAGE], p[8 * PAGE]);
    char *low = sbrk(0);
    CHECK(sbrk(3 * PAGE) == low);
    memset(low, 3, 3 * PAGE);
    CHECK(sbrk(-3 * PAGE) == low + 3 * PAGE);
    CHECK(sbrk(PAGE) == low);
    printf("break is zero again: %d\n", low[0]);
    SHOW(brk((void *)8));
}

static void test_shared(void)
{
    volatile int *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int id = shmget(IPC_PRIVATE, 2 * PAGE, IPC_CREAT | 0600);
    volatile int *q = shmat(id, NULL, 0);
    CHECK(q != (void *)-1);
    pid_t pid = fork();
    if (!pid) {
        *p = 11;
        *q = 22;
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    printf("shared: %d %d\n", *p, *q);
    struct shmid_ds ds;
    SHOW(shmctl(id, IPC_STAT, &ds));
    printf("segment: %zu attached %d\n", ds.shm_segsz, (int)ds.shm_nattch);
    SHOW(shmdt((void *)q));
    SHOW(shmdt((void *)q));
    SHOW(shmctl(id, IPC_RMID, NULL));
}

static void test_bad_pointers(void)
{
    char *volatile bad = (char *)16;
    char *ro = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *edge = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(edge + PAGE, PAGE);
    int fds[2];
    require(pipe(fds) == 0, "pipe");
    SHOW(write(fds[1], bad, 4));
    SHOW(write(fds[1], edge + PAGE - 2, 2));
    SHOW(read(fds[0], bad, 2));
    SHOW(read(fds[0], ro, 1));
    SHOW(open(bad, O_RDONLY));
    memset(edge, 'a', PAGE);
    SHOW(open(edge + PAGE - 3, O_RDONLY));
    SHOW(syscall(SYS_clock_gettime, 0, bad));
    SHOW(syscall(SYS_clock_gettime, 0, ro));
    SHOW(syscall(SYS_rt_sigaction, SIGUSR1, bad, NULL, 8));
    SHOW(syscall(SYS_rt_sigprocmask, SIG_BLOCK, bad, NULL, 8));
    SHOW(syscall(SYS_newfstatat, AT_FDCWD, "/", bad, 0));
    SHOW(syscall(SYS_uname, bad));
    SHOW(syscall(SYS_nanosleep, bad, NULL));
    SHOW(syscall(SYS_rt_sigaction, SIGUSR1, NULL, ro, 8));
    SHOW(syscall(SYS_getcwd, ro, PAGE));
    SHOW(syscall(SYS_readlinkat, AT_FDCWD, "/proc/self/exe", ro, 100));
    SHOW(syscall(SYS_epoll_pwait, 0, edge, 0, 0, NULL, 8));
    SHOW(syscall(500));
    SHOW(syscall(SYS_write, 1, (void *)(uintptr_t)0xfffffffffffff000, 5));
    SHOW(syscall(SYS_uname, (void *)(uintptr_t)0xfffffffffffff000));
}

int main(void)
{
    test_map();
    test_remap();
    test_files();
    test_anonymous();
    test_shared();
    test_bad_pointers();
    return 0;
}
