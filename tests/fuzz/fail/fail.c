/* SPDX-License-Identifier: Apache-2.0 */
/* For LD_PRELOAD: the FAIL_AT-th call of kind FAIL_KIND that tandem itself makes fails, and FAIL_COUNT - 1 after it.
 *
 * Kinds: malloc (calloc, realloc and strdup, too), strdup (few, and those of the strings that LLVM gives), mmap,
 * thread, open, write (pwrite, ftruncate and renameat, too). Calls are tandem's own by the address that they return to:
 * libraries' calls are not counted. Once one has failed, FAIL_MARK (a file) is there. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MOST_PARTS = 32 };

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t size);

static struct {
    const char *kind, *mark;
    long at, count;
    uintptr_t begin[MOST_PARTS], end[MOST_PARTS];
    int parts;
} set;
static long calls;

/* The parts of tandem and of its plug-ins. */
static int visit(struct dl_phdr_info *info, size_t size, void *arg)
{
    const char *name = strrchr(info->dlpi_name, '/');
    (void)size, (void)arg;
    if (info->dlpi_name[0] && (!name || !strstr(name, "tandem")))
        return 0;
    for (int i = 0; i < info->dlpi_phnum && set.parts < MOST_PARTS; i++) {
        const ElfW(Phdr) *p = &info->dlpi_phdr[i];
        if (p->p_type != PT_LOAD || !(p->p_flags & PF_X))
            continue;
        set.begin[set.parts] = info->dlpi_addr + p->p_vaddr;
        set.end[set.parts] = info->dlpi_addr + p->p_vaddr + p->p_memsz;
        set.parts++;
    }
    return 0;
}

__attribute__((constructor)) static void begin(void)
{
    const char *at = getenv("FAIL_AT"), *count = getenv("FAIL_COUNT");
    set.mark = getenv("FAIL_MARK");
    set.at = at ? atol(at) : 0;
    set.count = count ? atol(count) : 1;
    dl_iterate_phdr(visit, NULL);
    set.kind = getenv("FAIL_KIND");
}

static bool fails(const char *kind, const void *from)
{
    bool own = false;
    if (!set.kind || strcmp(set.kind, kind) != 0)
        return false;
    for (int i = 0; i < set.parts; i++)
        own |= (uintptr_t)from >= set.begin[i] && (uintptr_t)from < set.end[i];
    if (!own)
        return false;
    const long n = __atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED);
    if (n < set.at || n >= set.at + set.count)
        return false;
    if (set.mark)
        close((int)syscall(SYS_openat, AT_FDCWD, set.mark, O_CREAT | O_WRONLY, 0600));
    return true;
}

/* The call's failure with that errno, or goes on. */
#define MAY_FAIL(kind, error, result)                                                                                  \
    if (fails(kind, __builtin_return_address(0))) {                                                                    \
        errno = error;                                                                                                 \
        return result;                                                                                                 \
    }

void *malloc(size_t size)
{
    MAY_FAIL("malloc", ENOMEM, NULL)
    return __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
    MAY_FAIL("malloc", ENOMEM, NULL)
    return __libc_calloc(n, size);
}

void *realloc(void *p, size_t size)
{
    MAY_FAIL("malloc", ENOMEM, NULL)
    return __libc_realloc(p, size);
}

char *strdup(const char *s)
{
    MAY_FAIL("malloc", ENOMEM, NULL)
    MAY_FAIL("strdup", ENOMEM, NULL)
    char *copy = __libc_malloc(strlen(s) + 1);
    return copy ? strcpy(copy, s) : NULL;
}

void *mmap(void *at, size_t len, int prot, int flags, int fd, off_t offset)
{
    MAY_FAIL("mmap", ENOMEM, (void *)-1)
    return (void *)syscall(SYS_mmap, at, len, prot, flags, fd, offset);
}

int pthread_create(pthread_t *id, const pthread_attr_t *attr, void *(*run)(void *), void *arg)
{
    static int (*next)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    if (fails("thread", __builtin_return_address(0)))
        return EAGAIN;
    if (!next)
        next =
            (int (*)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *))dlsym(RTLD_NEXT, "pthread_create");
    return next(id, attr, run, arg);
}

static int open_at(int dir, const char *path, int flags, va_list args)
{
    const unsigned mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(args, unsigned) : 0;
    return (int)syscall(SYS_openat, dir, path, flags, mode);
}

int open(const char *path, int flags, ...)
{
    va_list args;
    MAY_FAIL("open", EMFILE, -1)
    va_start(args, flags);
    const int fd = open_at(AT_FDCWD, path, flags, args);
    va_end(args);
    return fd;
}

int openat(int dir, const char *path, int flags, ...)
{
    va_list args;
    MAY_FAIL("open", EMFILE, -1)
    va_start(args, flags);
    const int fd = open_at(dir, path, flags, args);
    va_end(args);
    return fd;
}

ssize_t write(int fd, const void *from, size_t size)
{
    MAY_FAIL("write", ENOSPC, -1)
    return syscall(SYS_write, fd, from, size);
}

ssize_t pwrite(int fd, const void *from, size_t size, off_t offset)
{
    MAY_FAIL("write", ENOSPC, -1)
    return syscall(SYS_pwrite64, fd, from, size, offset);
}

int ftruncate(int fd, off_t size)
{
    MAY_FAIL("write", ENOSPC, -1)
    return (int)syscall(SYS_ftruncate, fd, size);
}

int renameat(int from_dir, const char *from, int to_dir, const char *to)
{
    MAY_FAIL("write", ENOSPC, -1)
    return (int)syscall(SYS_renameat, from_dir, from, to_dir, to);
}
