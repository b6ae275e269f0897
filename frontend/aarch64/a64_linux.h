/* SPDX-License-Identifier: Apache-2.0 */
/* Linux on aarch64. */
#ifndef TANDEM_FRONTEND_AARCH64_A64_LINUX_H
#define TANDEM_FRONTEND_AARCH64_A64_LINUX_H

#include "frontend/guest_linux.h"

extern const struct guest_linux a64_linux;

#endif
