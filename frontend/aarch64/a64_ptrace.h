/* SPDX-License-Identifier: Apache-2.0 */
/* The registers as ptrace shows them. */
#ifndef TANDEM_FRONTEND_AARCH64_A64_PTRACE_H
#define TANDEM_FRONTEND_AARCH64_A64_PTRACE_H

#include "frontend/guest_linux.h"

extern const struct guest_ptrace a64_ptrace;

#endif
