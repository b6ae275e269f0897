/* SPDX-License-Identifier: Apache-2.0 */
/* Loads a guest program: executable, dynamic linker, vDSO, stack with arguments and auxiliary vector.
 *
 * Ownership: struct loader_image is filled by loader_load and lives as long as the process (loader_image_fini in
 * tests). Const after loading; any thread may read it. */
#ifndef TANDEM_RUNTIME_LOADER_LOADER_H
#define TANDEM_RUNTIME_LOADER_LOADER_H

#include "frontend/guest_linux.h"
#include "runtime/mem/guest_mem.h"

/* What a file is, before anything is made of it. */
enum loader_kind {
    LOADER_GUEST,  /* an ELF program of a guest that is built in */
    LOADER_HOST,   /* an ELF program of the host's own machine */
    LOADER_SCRIPT, /* begins with #! */
    LOADER_OTHER,
};

struct loader_request {
    const char *path;        /* as the guest shall see it (AT_EXECFN) */
    int fd;                  /* open file, or -1: path is opened. Not closed */
    const char *const *argv; /* NULL-terminated */
    const char *const *envp;
    const char *sysroot; /* looked through first for the dynamic linker; may be NULL */
    uint64_t stack_size; /* bytes */
    uint64_t rand_seed;  /* of AT_RANDOM; 0: from the kernel */
};

struct loader_image {
    gaddr_t entry;                       /* where the process starts: of the dynamic linker, or of the program */
    gaddr_t sp;                          /* stack pointer at the start, 16-byte aligned */
    gaddr_t program_entry;               /* AT_ENTRY */
    gaddr_t load_bias;                   /* run-time address - ELF address, of the program */
    gaddr_t interp_base;                 /* AT_BASE; 0: no dynamic linker */
    gaddr_t phdr;                        /* AT_PHDR */
    gaddr_t vdso;                        /* AT_SYSINFO_EHDR */
    gaddr_t vdso_code[GUEST_VDSO_COUNT]; /* guest addresses of guest->abi->vdso; 0: not there */
    gaddr_t brk;                         /* initial break */
    gaddr_t start_code, end_code, start_data, end_data; /* for /proc/self/stat and prctl */
    gaddr_t stack_start, stack_end;                     /* the whole mapping, without its guard page */
    gaddr_t arg_start, arg_end, env_start, env_end;     /* strings, for /proc/self/cmdline and environ */
    gaddr_t auxv, auxv_end;                             /* for /proc/self/auxv */
    char *exe_path;                                     /* absolute, symbolic links resolved: /proc/self/exe */
    char *interp_path;                                  /* host path of the dynamic linker, or NULL */
};

TANDEM_BEGIN_DECLS
/* What is the file? path is opened if fd is -1. LOADER_GUEST: *guest is its guest. On anything else message (if not
 * NULL) says in words for the user why this cannot be loaded, without the file's name. Status: NOT_FOUND, SYSTEM
 * (errno), BAD_FORMAT, WRONG_MACHINE, OK. */
enum status loader_identify(const char *path, int fd, enum loader_kind *kind, const struct guest **guest, char *message,
                            size_t size);
/* Loads a program of guest proc->guest into proc->mem. On failure message says why; what was mapped stays mapped: the
 * process is expected to end. */
enum status loader_load(struct process *proc, const struct loader_request *req, struct loader_image *image,
                        char *message, size_t size);
void loader_image_fini(struct loader_image *image);
/* The exit code a shell would give: 127 not found, 126 found but cannot be run. */
int loader_exit_code(enum status status);
TANDEM_END_DECLS

#endif
