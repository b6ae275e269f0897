/* SPDX-License-Identifier: Apache-2.0 */
/* The vDSO: the page of code that the kernel gives every process. Internal to runtime/loader. */
#ifndef TANDEM_RUNTIME_LOADER_VDSO_H
#define TANDEM_RUNTIME_LOADER_VDSO_H

#include "runtime/loader/elf_file.h"

TANDEM_BEGIN_DECLS
/* Maps a vDSO with the pieces of code of guest->abi->vdso; sets image->vdso, vdso_end and vdso_code. elf_flags: e_flags
 * of the program. */
enum status vdso_map(const struct loader_target *to, uint32_t elf_flags, struct loader_image *image,
                     const struct loader_message *m);
TANDEM_END_DECLS

#endif
