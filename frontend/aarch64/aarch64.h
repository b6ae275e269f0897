/* SPDX-License-Identifier: Apache-2.0 */
/* The AArch64 guest, for frontend/guests.c. */
#ifndef TANDEM_FRONTEND_AARCH64_AARCH64_H
#define TANDEM_FRONTEND_AARCH64_AARCH64_H

#include "frontend/guest.h"

TANDEM_BEGIN_DECLS
extern const struct guest a64_guest;
TANDEM_END_DECLS

#endif
