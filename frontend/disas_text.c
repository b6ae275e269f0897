/* SPDX-License-Identifier: Apache-2.0 */
/* See disas_text.h. */
#include "frontend/disas_text.h"

#include <stdarg.h>
#include <stdio.h>

void disas_append(struct disas_text *t, const char *fmt, ...)
{
    va_list ap;
    if (t->len >= t->size)
        return;
    va_start(ap, fmt);
    const int n = vsnprintf(t->buf + t->len, t->size - t->len, fmt, ap);
    va_end(ap);
    t->len += n > 0 ? (size_t)n : 0;
}
