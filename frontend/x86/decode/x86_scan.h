/* SPDX-License-Identifier: Apache-2.0 */
/* Decodes a block ahead of lifting it, and finds out which status flags are alive where. */
#ifndef TANDEM_FRONTEND_X86_DECODE_X86_SCAN_H
#define TANDEM_FRONTEND_X86_DECODE_X86_SCAN_H

#include "frontend/guest.h"
#include "frontend/x86/decode/x86_decode.h"

/* Decodes the block at req->pc: up to max instructions; *count of them. Fills live and stored. False: nothing can be
 * fetched. */
bool x86_scan(const struct guest_lift *req, bool is64, struct x86_decoded *insns, unsigned max, unsigned *count,
              size_t *seen);

#endif
