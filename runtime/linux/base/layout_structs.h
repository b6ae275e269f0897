/* SPDX-License-Identifier: Apache-2.0 */
/* Structures of 32-bit guests that a list of fields cannot describe: LAYOUT_FN of layouts.def. */
#ifndef TANDEM_RUNTIME_LINUX_BASE_LAYOUT_STRUCTS_H
#define TANDEM_RUNTIME_LINUX_BASE_LAYOUT_STRUCTS_H

#include "src/base/types.h"

/* put: false if a value does not fit. */
#define LAYOUT_FN(kind, bytes, wide_bytes)                                                                             \
    bool put_##kind(void *guest, const void *host, bool wide);                                                         \
    void get_##kind(void *host, const void *guest, bool wide);
#include "runtime/linux/base/layouts.def"

#endif
