/* SPDX-License-Identifier: Apache-2.0 */
/* The registers of x86 as ptrace shows them. */
#ifndef TANDEM_FRONTEND_X86_ABI_X86_PTRACE_H
#define TANDEM_FRONTEND_X86_ABI_X86_PTRACE_H

#include "frontend/guest_linux.h"

extern const struct guest_ptrace x86_ptrace_64, x86_ptrace_32;

#endif
