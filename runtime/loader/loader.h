/* SPDX-License-Identifier: Apache-2.0 */
/* Loads a guest program: executable, dynamic linker, vDSO, stack with arguments and auxiliary vector. */
#ifndef TANDEM_RUNTIME_LOADER_LOADER_H
#define TANDEM_RUNTIME_LOADER_LOADER_H

#include "runtime/loader/image.h"

TANDEM_BEGIN_DECLS
/* What is the file? path is opened if fd is -1. If *kind is LOADER_GUEST, *guest is its guest. Else message (if not
 * NULL) tells the user why this cannot be loaded; it does not name the file. Status: NOT_FOUND, SYSTEM (errno),
 * BAD_FORMAT, WRONG_MACHINE, OK. */
enum status loader_identify(const char *path, int fd, enum loader_kind *kind, const struct guest **guest, char *message,
                            size_t size);
/* May the kernel execute the file, whatever is in it? 0 or the errno that execve(2) gives: ENOENT, EACCES, ETXTBSY, ...
 * flags: AT_SYMLINK_NOFOLLOW or 0. */
int loader_may_exec(const char *path, int flags);
/* What execve(2) of a file that loader_may_exec allows answers before the old program is gone: 0 or its errno. *kind
 * and *guest as for loader_identify; of files other than LOADER_GUEST nothing more is said.
 * sysroot: as for loader_load. */
int loader_exec_error(const char *path, const char *sysroot, enum loader_kind *kind, const struct guest **guest);
/* Loads a program of guest to->guest into to->mem. On failure message says why. What was mapped stays mapped, and
 * image holds what loader_image_fini frees. */
enum status loader_load(const struct loader_target *to, const struct loader_request *req, struct loader_image *image,
                        char *message, size_t size);
/* Frees the strings of an image, which may be all zero. */
void loader_image_fini(struct loader_image *image);
/* The exit code a shell would give: 127 not found, 126 found but cannot be run. */
int loader_exit_code(enum status status);
TANDEM_END_DECLS

#endif
