/* SPDX-License-Identifier: Apache-2.0 */
/* The text that a disassembler makes. */
#ifndef TANDEM_FRONTEND_DISAS_TEXT_H
#define TANDEM_FRONTEND_DISAS_TEXT_H

#include "src/base/types.h"

/* Text under construction; len may pass size, then it is cut off. */
struct disas_text {
    char *buf;
    size_t size, len;
};

void disas_append(struct disas_text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
