/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the errors of execve(2) that the kernel finds while the old program still runs, so that the caller gets them:
 * of the file, its headers, and its dynamic linker (fs/exec.c and fs/binfmt_elf.c of Linux). What the kernel finds
 * later kills the process, and is loader_load's.
 *
 * The host's kernel is asked about files where it can be asked without executing them. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/loader/elf_file.h"
#include "runtime/loader/loader.h"

enum { EXECVE_CHECK = 0x10000 }; /* AT_EXECVE_CHECK, Linux 6.14 */

/* Has somebody the file open for writing? The kernel gives no read lease of such a file. Who may not have a lease of it
 * cannot know. */
static bool is_written_to(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return false;
    fcntl(fd, F_SETSIG, SIGURG); /* who opens the file meanwhile waits for us: a signal that does nothing */
    const bool busy = fcntl(fd, F_SETLEASE, F_RDLCK) < 0 && errno == EAGAIN;
    close(fd);
    return busy;
}

int loader_may_exec(const char *path, int flags)
{
    static const char *const none[] = {"", NULL};
    struct stat st;
    if (syscall(SYS_execveat, AT_FDCWD, path, none, none + 1, flags | EXECVE_CHECK) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return errno;
    if (fstatat(AT_FDCWD, path, &st, flags) < 0)
        return errno;
    if (S_ISLNK(st.st_mode))
        return ELOOP;
    if (!S_ISREG(st.st_mode))
        return EACCES;
    if (faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) < 0)
        return errno;
    return is_written_to(path) ? ETXTBSY : 0;
}

/* The errno of a dynamic linker that the program names. An empty name is the current directory's, as in the kernel. */
static int linker_error(const char *path, const char *sysroot, const struct guest *want)
{
    char mapped[2 * PATH_MAX];
    struct elf_file file;
    enum loader_kind kind;
    const struct guest *guest;
    path = *path ? path : ".";
    snprintf(mapped, sizeof mapped, "%s/%s", sysroot ? sysroot : "", path);
    if (sysroot && sysroot[0] && access(mapped, F_OK) == 0)
        path = mapped;
    int error = loader_may_exec(path, 0);
    if (error)
        return error;
    if (elf_open(path, -1, &file, NULL) != STATUS_OK)
        return errno;
    elf_identify(&file, &kind, &guest, NULL); /* what kind of ELF file it is, the kernel asks too late for an errno */
    if (file.size < ELF_SIZE(Ehdr, guest_is32(want)))
        error = EIO;
    else if (guest != want || elf_read_headers(&file, NULL) != STATUS_OK)
        error = ELIBBAD;
    elf_close(&file);
    return error;
}

/* The errno of reading so many bytes at that place, which may be none. */
static int read_error(const struct elf_file *file, uint64_t offset, uint64_t size)
{
    if (offset > INT64_MAX || size > INT64_MAX - offset)
        return EINVAL;
    return offset > file->size || size > file->size - offset ? EIO : 0;
}

static int program_error(struct elf_file *file, const char *sysroot, const struct guest *guest)
{
    char path[PATH_MAX];
    if (elf_read_headers(file, NULL) != STATUS_OK)
        return ENOEXEC;
    const Elf64_Phdr *interp = elf_find_segment(file, PT_INTERP);
    if (!interp)
        return 0;
    if (interp->p_filesz < 2 || interp->p_filesz > sizeof path)
        return ENOEXEC;
    const int error = read_error(file, interp->p_offset, interp->p_filesz);
    if (error)
        return error;
    if (elf_read_interp(file, path, sizeof path, NULL) != STATUS_OK)
        return ENOEXEC;
    return linker_error(path, sysroot, guest);
}

int loader_exec_error(const char *path, const char *sysroot, enum loader_kind *kind, const struct guest **guest)
{
    struct elf_file file;
    *kind = LOADER_OTHER;
    *guest = NULL;
    if (elf_open(path, -1, &file, NULL) != STATUS_OK)
        return 0; /* executable and not readable: the host's alone */
    int error = 0;
    if (elf_identify(&file, kind, guest, NULL) == STATUS_OK)
        error = program_error(&file, sysroot, *guest);
    elf_close(&file);
    return error;
}
