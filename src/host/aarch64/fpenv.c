/* SPDX-License-Identifier: Apache-2.0 */
/* host_fp_raise on AArch64: no exception is unmasked there, so all that is left is its flag. */
#include "src/host/fpenv.h"

void host_fp_raise(unsigned flags) { host_fp_set(host_fp_get() | host_fpsr_flags(flags)); }
