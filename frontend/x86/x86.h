/* SPDX-License-Identifier: Apache-2.0 */
/* The x86 guests: x86-64 and i386, on one front end. */
#ifndef TANDEM_FRONTEND_X86_X86_H
#define TANDEM_FRONTEND_X86_X86_H

#include "frontend/guest.h"

TANDEM_BEGIN_DECLS
extern const struct guest x86_guest_x86_64, x86_guest_i386;
TANDEM_END_DECLS

#endif
