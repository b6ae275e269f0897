/* SPDX-License-Identifier: Apache-2.0 */
/* Guest code as text, by the guest's front end. */
#include "runtime/observe/disas.h"

#include <inttypes.h>

void disas_guest(const struct guest *guest, FILE *out, gaddr_t pc, const uint8_t *code, size_t bytes, unsigned count)
{
    size_t at = 0;
    for (unsigned i = 0; i < count && at < bytes; i++) {
        char text[128];
        unsigned n = guest->disas(pc + at, code + at, bytes - at, text, sizeof text);
        if (!n)
            break;
        fprintf(out, "%#14" PRIx64 ":  %s\n", pc + at, text);
        at += n;
    }
}
