/* SPDX-License-Identifier: Apache-2.0 */
/* What goes into the loader and what comes out of it.
 *
 * Ownership: main has one struct loader_image, which loader_load fills. It is const after loading; any thread may read
 * it. It lives as long as the guest. */
#ifndef TANDEM_RUNTIME_LOADER_IMAGE_H
#define TANDEM_RUNTIME_LOADER_IMAGE_H

#include "frontend/guest_linux.h"
#include "runtime/mem/mem_types.h"

/* What a file is, before anything is made of it. */
enum loader_kind {
    LOADER_GUEST,  /* an ELF program of a guest that is built in */
    LOADER_HOST,   /* an ELF program of the host's own machine */
    LOADER_SCRIPT, /* begins with #! */
    LOADER_OTHER,
};

/* What is loaded into: a guest with the CPU of config, and its memory. */
struct loader_target {
    const struct guest *guest;
    const struct guest_config *config;
    struct guest_mem *mem;
};

struct loader_request {
    const char *path;        /* of the program */
    int fd;                  /* open file, or -1: path is opened. Not closed */
    const char *const *argv; /* NULL-terminated */
    const char *const *envp;
    const char *sysroot; /* looked through first for the dynamic linker; may be NULL */
    uint64_t stack_size; /* RLIMIT_STACK, bytes */
    uint64_t rand_seed;  /* of AT_RANDOM; 0: from the kernel */
    const char *name;    /* as the guest shall see it (AT_EXECFN), NULL: path. Kept in the image */
};

struct loader_image {
    gaddr_t entry;                       /* where the process starts: of the dynamic linker, or of the program */
    gaddr_t sp;                          /* stack pointer at the start, 16-byte aligned */
    gaddr_t program_entry;               /* AT_ENTRY */
    gaddr_t load_bias;                   /* run-time address - ELF address, of the program */
    gaddr_t interp_base;                 /* AT_BASE; 0: no dynamic linker */
    gaddr_t phdr;                        /* AT_PHDR */
    gaddr_t vdso, vdso_end;              /* AT_SYSINFO_EHDR */
    gaddr_t vdso_code[GUEST_VDSO_COUNT]; /* guest addresses of guest->abi->vdso->code; 0: not there */
    gaddr_t brk;                         /* initial break */
    gaddr_t start_code, end_code, start_data, end_data; /* for /proc/self/stat and prctl */
    gaddr_t stack_start, stack_end;                     /* the stack as it is mapped at first; it grows downwards */
    gaddr_t arg_start, arg_end, env_start, env_end;     /* strings, for /proc/self/cmdline and environ */
    gaddr_t auxv, auxv_end;                             /* for /proc/self/auxv */
    const char *exec_name;                              /* AT_EXECFN; the request's */
    char *exe_path;                                     /* absolute, symbolic links resolved: /proc/self/exe */
    char *interp_path;                                  /* host path of the dynamic linker, or NULL */
};

#endif
