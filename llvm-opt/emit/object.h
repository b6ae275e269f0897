/* SPDX-License-Identifier: Apache-2.0 */
/* Relocatable objects that LLVM makes. */
#ifndef TANDEM_LLVM_OPT_OBJECT_H
#define TANDEM_LLVM_OPT_OBJECT_H

#include "llvm-opt/emit/points.h"
#include "llvm-opt/lopt.h"

/* Reads an ELF object into result->object, the sizes and result->faults. points: what its maps are of. */
enum status lopt_object_read(const void *elf, size_t size, unsigned exit_count, const struct lopt_points *points,
                             struct lopt_result *result);
/* The raw text image (before relocation), for printing. */
const uint8_t *lopt_object_image(const struct lopt_result *result, size_t *code_size);

#endif
