/* SPDX-License-Identifier: Apache-2.0 */
/* The addresses in a tier-1 block's code, as they are told to another process: by what they belong to. */
#ifndef TANDEM_RUNTIME_ENGINE_CODE_RELOC_H
#define TANDEM_RUNTIME_ENGINE_CODE_RELOC_H

#include "runtime/engine/engine.h"

struct tb;

/* What an address belongs to. */
enum code_base { CODE_IMAGE, CODE_GLUE, CODE_TB, CODE_EXIT, CODE_BASES };

struct code_reloc {
    uint16_t off;     /* of the field, from the code's start */
    uint8_t kind : 4; /* enum tcg_reloc_kind */
    uint8_t base : 4; /* enum code_base */
    uint8_t tail;     /* as in struct tcg_reloc */
    int32_t value;    /* bytes from there; of CODE_EXIT: which one */
};

/* Puts what tcg has noted into such words. tb has its code and exits. False: an address belongs to nothing that is
 * known. */
bool code_relocs_make(const struct engine *e, const struct tb *tb, const struct tcg_reloc *from, unsigned count,
                      struct code_reloc *to);
/* Is the word one that could have been made for code of so many bytes with so many exits? */
bool code_reloc_is_good(const struct engine *e, const struct code_reloc *r, size_t code, unsigned exits);
/* Writes the addresses into tb's code, which is in place, as are its exits. False: one is too far away. */
bool code_relocs_apply(const struct engine *e, const struct code_reloc *r, unsigned count, struct tb *tb);

#endif
