/* SPDX-License-Identifier: Apache-2.0 */
/* Relocatable objects that LLVM makes, and what becomes of them: an image and its fix-ups. */
#ifndef TANDEM_LLVM_OPT_OBJECT_H
#define TANDEM_LLVM_OPT_OBJECT_H

#include "llvm-opt/emit/points.h"
#include "llvm-opt/emit/stubs.h"
#include "llvm-opt/lopt.h"

/* What a fix-up points at, if that is no exit. */
enum { LOPT_TO_IMAGE = -1, LOPT_TO_HOST = -2 };
/* Symbols of tandem's own functions: this, then a decimal distance from lopt_anchor. */
#define LOPT_HOST_PREFIX "host_"

struct lopt_fixup {
    uint32_t at;    /* offset in the image */
    uint8_t kind;   /* enum lopt_fixup_kind */
    int32_t exit;   /* exit number, LOPT_TO_IMAGE or LOPT_TO_HOST */
    int64_t addend; /* added to the exit's address, to the image's, or to lopt_anchor */
};

/* struct lopt_result.object. */
struct lopt_object {
    uint8_t *image; /* malloc, as the fix-ups are */
    size_t size, code_size;
    uint32_t entry; /* offset in the image, of the head's */
    /* Of regions with several entries: code of each, by its number, behind entry. */
    uint32_t entry_count, entry_stride;
    struct lopt_fixup *fixups;
    size_t count, capacity;
};

/* An address in tandem's own code, which lies as far from its other functions in every process of this build. */
uintptr_t lopt_anchor(void);
/* Reads an ELF object into result->object, the sizes and result->faults; result->exits is there. points, sites: what
 * its maps are of. */
enum status lopt_object_read(const void *elf, size_t size, const struct lopt_points *points,
                             const struct lopt_exit_table *sites, struct lopt_result *result);
/* The raw text image (before relocation), for printing. */
const uint8_t *lopt_object_image(const struct lopt_result *result, size_t *code_size);

#endif
