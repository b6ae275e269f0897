/* SPDX-License-Identifier: Apache-2.0 */
/* Between an x87's control and status word and struct softfp. Private to f80*.c. */
#ifndef TANDEM_IR_F80_ENV_H
#define TANDEM_IR_F80_ENV_H

#include "src/ir/softfp/f80.h"
#include "src/ir/softfp/softfp_core.h"

/* The control word's rounding mode, and all 64 bits of precision. */
struct softfp f80_begin(struct f80 *u);
/* The same with the control word's precision. */
struct softfp f80_begin_precise(struct f80 *u);
/* Flags, and C1: rounded up */
void f80_end(struct f80 *u, const struct softfp *s);
/* fprem, fprem1, fscale: f80_rem.c */
int_u128 f80_remainder(struct f80 *u, int_u128 a, int_u128 b, bool nearest);
int_u128 f80_scale(struct f80 *u, int_u128 a, int_u128 b);

#endif
