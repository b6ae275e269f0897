/* SPDX-License-Identifier: Apache-2.0 */
/* The texts of enum status, expanded from the one list in the header. */
#include "src/base/status.h"

const char *status_text(enum status s)
{
    static const char *const texts[STATUS_COUNT] = {
#define X(name, text) [STATUS_##name] = text,
        STATUS_LIST(X)
#undef X
    };
    return s < STATUS_COUNT ? texts[s] : "unknown status";
}
