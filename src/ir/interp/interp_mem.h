/* SPDX-License-Identifier: Apache-2.0 */
/* Reservations of LL and SC, which outlive single operations. */
#ifndef TANDEM_IR_INTERP_INTERP_MEM_H
#define TANDEM_IR_INTERP_INTERP_MEM_H

#include "src/base/types.h"

TANDEM_BEGIN_DECLS
/* In the child of a fork, while it has one thread: another thread of the parent may have been inside a store
 * conditional. */
void ir_forget_reservations(void);
TANDEM_END_DECLS

#endif
