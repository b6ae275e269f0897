/* SPDX-License-Identifier: Apache-2.0 */
/* A value of any IR type, as the interpreter and C functions that generated code calls see it. */
#ifndef TANDEM_IR_VALUE_H
#define TANDEM_IR_VALUE_H

#include "src/base/types.h"

/* The lowest bytes are the value's bits; what is above its width means nothing. */
union ir_value {
    uint64_t u64[4];
    uint32_t u32[8];
    uint8_t u8[32];
    float f32;
    double f64;
    unsigned __int128 u128;
};

#endif
