/* SPDX-License-Identifier: Apache-2.0 */
/* The guest's first stack. Internal to runtime/loader. */
#ifndef TANDEM_RUNTIME_LOADER_STACK_H
#define TANDEM_RUNTIME_LOADER_STACK_H

#include "runtime/loader/elf_file.h"

TANDEM_BEGIN_DECLS
/* Maps the stack and fills it as the kernel does for execve. Reads from image what the auxiliary vector needs (phdr,
 * interp_base, program_entry, vdso); sets its sp, stack_*, arg_*, env_*, auxv*. */
enum status stack_build(const struct loader_target *to, const struct loader_request *req, const struct elf_file *file,
                        bool executable, struct loader_image *image, const struct loader_message *m);
TANDEM_END_DECLS

#endif
