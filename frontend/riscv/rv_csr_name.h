/* SPDX-License-Identifier: Apache-2.0 */
/* Names of CSRs, for the disassembler. */
#ifndef TANDEM_FRONTEND_RISCV_RV_CSR_NAME_H
#define TANDEM_FRONTEND_RISCV_RV_CSR_NAME_H

#include "src/base/types.h"

TANDEM_BEGIN_DECLS
/* Name of a CSR, NULL if user mode has none of that number. Any thread. */
const char *rv_csr_name(unsigned number);
TANDEM_END_DECLS

#endif
