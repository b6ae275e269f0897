/* SPDX-License-Identifier: Apache-2.0 */
/* Constants that generated code refers to: a part of the glue. */
#include "tcg/x86_64/consts.h"

const uint8_t *tcg_emit_constants(struct tcg_buf *a)
{
    static const uint64_t values[TCG_K_COUNT][2] = {[TCG_K_SIGN64] = {1ull << 63, 0},
                                                    [TCG_K_ABS64] = {~0ull >> 1, 0},
                                                    [TCG_K_SIGN32] = {1u << 31, 0},
                                                    [TCG_K_ABS32] = {~0u >> 1, 0},
                                                    [TCG_K_NAN64] = {0x7ff8ull << 48, 0},
                                                    [TCG_K_NAN32] = {0x7fc00000, 0},
                                                    [TCG_K_TWO63_F64] = {0x43e0ull << 48, 0},
                                                    [TCG_K_TWO63_F32] = {0x5f000000, 0},
                                                    [TCG_K_TWO32_F64] = {0x41f0ull << 48, 0},
                                                    [TCG_K_TWO32_F32] = {0x4f800000, 0},
                                                    [TCG_K_MINUS1_F64] = {0xbff0ull << 48, 0},
                                                    [TCG_K_MINUS1_F32] = {0xbf800000, 0},
                                                    [TCG_K_NORMAL64] = {1ull << 53, 1ull << 53},
                                                    [TCG_K_NORMAL32] = {0x0100000001000000, 0x0100000001000000},
                                                    [TCG_K_CLASSES] = {0x0080004000200010, 0x02000100},
                                                    [TCG_K_CLASSES_2] = {0x0001000200040008, 0x02000100},
                                                    [TCG_K_SMALLEST32] = {0x8000000080000000, 0x8000000080000000}};
    while ((uintptr_t)tcg_buf_here(a) & 15)
        hx_u8(a, 0xcc);
    const uint8_t *at = tcg_buf_here(a);
    memcpy(a->p, values, sizeof values);
    a->p += sizeof values;
    return at;
}
