/* SPDX-License-Identifier: Apache-2.0 */
/* Loads a guest program: the order of things, and what a user reads when one of them fails.
 *
 * Invariants
 * I1  Descriptors that are opened here are closed here. */
#include "runtime/loader/loader.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "runtime/loader/elf_file.h"
#include "runtime/loader/stack.h"
#include "runtime/loader/vdso.h"
#include "runtime/mem/guest_mem.h"
#include "runtime/mem/mem_calls.h"
#include "runtime/mem/mem_grow.h"
#include "src/base/log.h"

enum status loader_identify(const char *path, int fd, enum loader_kind *kind, const struct guest **guest, char *message,
                            size_t size)
{
    const struct loader_message m = {message, size};
    struct elf_file file;
    *kind = LOADER_OTHER;
    *guest = NULL;
    enum status status = elf_open(path, fd, &file, &m);
    if (status != STATUS_OK)
        return status;
    status = elf_identify(&file, kind, guest, &m);
    const int error = errno;
    elf_close(&file);
    errno = error;
    return status;
}

int loader_exit_code(enum status status)
{
    enum { NOT_FOUND = 127, NOT_EXECUTABLE = 126 };
    return status == STATUS_NOT_FOUND ? NOT_FOUND : NOT_EXECUTABLE;
}

void loader_image_fini(struct loader_image *image)
{
    free(image->exe_path);
    free(image->interp_path);
    memset(image, 0, sizeof *image);
}

/* What the kernel says of the program in /proc/self/exe: its absolute path without symbolic links, also when it has no
 * name any more. If it does not tell: the path as the user gave it. */
static char *resolve_path(const char *path, int fd)
{
    char link[64], name[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    const ssize_t n = readlink(link, name, sizeof name - 1);
    if (n > 0) {
        name[n] = 0;
        return strdup(name);
    }
    char *resolved = realpath(path, NULL);
    return resolved ? resolved : strdup(path);
}

/* Opens the file and checks that it is a program of that guest. */
static enum status open_guest(const char *path, int fd, const struct guest *want, struct elf_file *file,
                              const struct loader_message *m)
{
    enum loader_kind kind;
    const struct guest *guest;
    enum status status = elf_open(path, fd, file, m);
    if (status != STATUS_OK)
        return status;
    status = elf_identify(file, &kind, &guest, m);
    if (status == STATUS_OK && guest != want)
        status = loader_fail(m, STATUS_WRONG_MACHINE, "built for %s, not for %s", guest->name, want->name);
    if (status == STATUS_OK)
        status = elf_read_segments(file, m);
    if (status != STATUS_OK)
        elf_close(file);
    return status;
}

/* Opens the dynamic linker: under the sysroot, else where the program says. The caller frees *host_path. */
static enum status open_interp(const struct loader_request *req, const char *path, const struct guest *guest,
                               struct elf_file *file, char **host_path, const struct loader_message *m)
{
    char text[256] = "";
    const struct loader_message inner = {text, sizeof text};
    enum status status = STATUS_NOT_FOUND;
    *host_path = NULL;
    if (req->sysroot && req->sysroot[0]) {
        if (asprintf(host_path, "%s/%s", req->sysroot, path[0] == '/' ? path + 1 : path) < 0)
            out_of_memory("the dynamic linker's name");
        status = open_guest(*host_path, -1, guest, file, &inner);
    }
    if (status == STATUS_NOT_FOUND) {
        free(*host_path);
        *host_path = strdup(path);
        if (!*host_path)
            out_of_memory("the dynamic linker's name");
        status = open_guest(path, -1, guest, file, &inner);
    }
    if (status == STATUS_NOT_FOUND)
        return loader_fail(m, status, "dynamic linker %s not found%s%s: name the guest's root directory with -L", path,
                           req->sysroot ? " here or under " : "", req->sysroot ? req->sysroot : "");
    if (status != STATUS_OK)
        return loader_fail(m, status, "dynamic linker %s: %s", *host_path, text);
    return STATUS_OK;
}

/* Loads the dynamic linker if the program names one. Sets image->entry in either case. */
static enum status load_interp(const struct loader_target *to, const struct loader_request *req,
                               const struct elf_file *program, struct loader_image *image,
                               const struct loader_message *m)
{
    char path[PATH_MAX];
    struct elf_file file;
    struct elf_mapped mapped;
    image->entry = image->program_entry;
    enum status status = elf_read_interp(program, path, sizeof path, m);
    if (status != STATUS_OK)
        return status == STATUS_NOT_FOUND ? STATUS_OK : status;
    status = open_interp(req, path, to->guest, &file, &image->interp_path, m);
    if (status != STATUS_OK)
        return status;
    status = elf_map(to->mem, &file, 0, &mapped, m);
    elf_close(&file);
    if (status != STATUS_OK)
        return status;
    image->entry = mapped.entry;
    image->interp_base = mapped.bias;
    return STATUS_OK;
}

static enum status load_program(const struct loader_target *to, const struct loader_request *req,
                                const struct elf_file *file, struct loader_image *image, const struct loader_message *m)
{
    struct elf_mapped mapped;
    enum status status = elf_map(to->mem, file, to->guest->abi->pie_base, &mapped, m);
    if (status != STATUS_OK)
        return status;
    image->program_entry = mapped.entry;
    image->load_bias = mapped.bias;
    image->phdr = mapped.phdr;
    image->start_code = mapped.start_code;
    image->end_code = mapped.end_code;
    image->start_data = mapped.start_data;
    image->end_data = mapped.end_data;
    image->brk = (mapped.end + MEM_PAGE_SIZE - 1) & ~(gaddr_t)(MEM_PAGE_SIZE - 1);
    mem_set_brk(to->mem, image->brk);
    image->exe_path = resolve_path(req->path, file->fd);
    return load_interp(to, req, file, image, m);
}

/* Sets the limit of a guest with fewer address bits than the host. Its stack lies at the end, mappings below. */
static enum status set_limit(const struct loader_target *to, const struct loader_request *req,
                             const struct loader_message *m)
{
    /* Least room for the stack, as in the kernel: setrlimit may make it larger. Without a limit it has what is left. */
    enum { STACK_GAP = 128 << 20, UNLIMITED = 1 << 30 };
    const gaddr_t end = to->guest->address_end;
    gaddr_t in_the_way;
    if (!end)
        return STATUS_OK;
    uint64_t gap = req->stack_size > STACK_GAP ? req->stack_size + MEM_GROW_GAP : STACK_GAP;
    if (req->stack_size == RLIM_INFINITY)
        gap = UNLIMITED;
    else if (gap > end / 6 * 5)
        gap = end / 6 * 5;
    if (mem_set_limit(to->mem, end, (end - gap) & ~(gaddr_t)(MEM_PAGE_SIZE - 1), &in_the_way) == STATUS_OK)
        return STATUS_OK;
    return loader_fail(m, STATUS_NO_MEMORY,
                       "needs the addresses below 0x%llx for itself, but tandem has something at 0x%llx",
                       (unsigned long long)end, (unsigned long long)in_the_way);
}

enum status loader_load(const struct loader_target *to, const struct loader_request *req, struct loader_image *image,
                        char *message, size_t size)
{
    const struct loader_message m = {message, size};
    struct elf_file file;
    memset(image, 0, sizeof *image);
    image->exec_name = req->name ? req->name : req->path;
    enum status status = open_guest(req->path, req->fd, to->guest, &file, &m);
    if (status != STATUS_OK)
        return status;
    const Elf64_Phdr *stack = elf_find_last_segment(&file, PT_GNU_STACK); /* of several, as in the kernel */
    if (!stack && to->guest->abi->old_programs_execute_data)
        mem_set_read_executes(to->mem, true);
    status = set_limit(to, req, &m);
    if (status == STATUS_OK)
        status = load_program(to, req, &file, image, &m);
    if (status == STATUS_OK)
        status = vdso_map(to, file.header.e_flags, image, &m);
    if (status == STATUS_OK)
        status = stack_build(to, req, &file, stack && (stack->p_flags & PF_X), image, &m);
    elf_close(&file);
    return status;
}
