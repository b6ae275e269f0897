/* SPDX-License-Identifier: Apache-2.0 */
/* The registers of riscv64 as ptrace shows them. */
#ifndef TANDEM_FRONTEND_RISCV_RV_PTRACE_H
#define TANDEM_FRONTEND_RISCV_RV_PTRACE_H

#include "frontend/guest_linux.h"

extern const struct guest_ptrace rv_ptrace;

#endif
