/* SPDX-License-Identifier: Apache-2.0 */
/* What execve is to run: the program behind names, descriptors and scripts. */
#ifndef TANDEM_RUNTIME_LINUX_GENERIC_EXEC_TARGET_H
#define TANDEM_RUNTIME_LINUX_GENERIC_EXEC_TARGET_H

#include "runtime/linux/base/process.h"
#include "runtime/linux/base/state.h"

enum { EXEC_LINE = 256, EXEC_SCRIPTS = 5 }; /* bytes of "#!" lines that count; scripts behind each other */

struct exec_target {
    char program[LX_PATH_MAX]; /* for the host to open: an ELF program of a guest, or what the host is to execute */
    bool by_host;              /* the host's kernel executes it, also a script; else tandem does */
    bool by_descriptor;        /* the name is only good while this process has its descriptors */
    char name[LX_PATH_MAX];    /* AT_EXECFN: as the caller named it, /dev/fd/N/... behind a descriptor */
    char lines[EXEC_SCRIPTS][EXEC_LINE];
    const char
        *prefix[2 * EXEC_SCRIPTS + 1]; /* what comes before the guest's own arguments: interpreter, argument, ...,
                                               * script. It points into this structure */
    unsigned prefix_count;
};

/* Finds what execveat(dirfd, name, ..., flags) of proc is to run. 0, or -errno as the kernel has it for files that
 * cannot be executed. A program for the host's own machine is the host's if the guest is of another machine (as under
 * qemu-user), and tandem's if the guest itself is of that machine. Files that tandem does not know are the host's,
 * whose kernel says what is wrong with them. Any thread; execve(2), fs/binfmt_script.c of Linux. */
long exec_find(const struct process *proc, int dirfd, const char *name, int flags, struct exec_target *target);

#endif
