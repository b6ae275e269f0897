/* SPDX-License-Identifier: Apache-2.0 */
/* The typed interface of softfp: f32 and f64 entries to the functions of softfp_core.h. */
#include "src/ir/softfp/softfp.h"

#include "src/ir/softfp/softfp_core.h"

#define ENTRIES(n)                                                                                                     \
    uint##n##_t sf##n##_add(struct softfp *s, uint##n##_t a, uint##n##_t b)                                            \
    {                                                                                                                  \
        return (uint##n##_t)sf_add(s, &sf_format##n, a, b);                                                            \
    }                                                                                                                  \
    uint##n##_t sf##n##_sub(struct softfp *s, uint##n##_t a, uint##n##_t b)                                            \
    {                                                                                                                  \
        return (uint##n##_t)sf_sub(s, &sf_format##n, a, b);                                                            \
    }                                                                                                                  \
    uint##n##_t sf##n##_mul(struct softfp *s, uint##n##_t a, uint##n##_t b)                                            \
    {                                                                                                                  \
        return (uint##n##_t)sf_mul(s, &sf_format##n, a, b);                                                            \
    }                                                                                                                  \
    uint##n##_t sf##n##_div(struct softfp *s, uint##n##_t a, uint##n##_t b)                                            \
    {                                                                                                                  \
        return (uint##n##_t)sf_div(s, &sf_format##n, a, b);                                                            \
    }                                                                                                                  \
    uint##n##_t sf##n##_sqrt(struct softfp *s, uint##n##_t a) { return (uint##n##_t)sf_sqrt(s, &sf_format##n, a); }    \
    uint##n##_t sf##n##_fma(struct softfp *s, uint##n##_t a, uint##n##_t b, uint##n##_t c)                             \
    {                                                                                                                  \
        return (uint##n##_t)sf_fma(s, &sf_format##n, a, b, c);                                                         \
    }                                                                                                                  \
    uint##n##_t sf##n##_round(struct softfp *s, uint##n##_t a, bool exact)                                             \
    {                                                                                                                  \
        return (uint##n##_t)sf_round_int(s, &sf_format##n, a, exact);                                                  \
    }                                                                                                                  \
    uint##n##_t sf##n##_min(struct softfp *s, uint##n##_t a, uint##n##_t b)                                            \
    {                                                                                                                  \
        return (uint##n##_t)sf_min(s, &sf_format##n, a, b);                                                            \
    }                                                                                                                  \
    uint##n##_t sf##n##_max(struct softfp *s, uint##n##_t a, uint##n##_t b)                                            \
    {                                                                                                                  \
        return (uint##n##_t)sf_max(s, &sf_format##n, a, b);                                                            \
    }                                                                                                                  \
    bool sf##n##_cmp(struct softfp *s, unsigned fcond, uint##n##_t a, uint##n##_t b)                                   \
    {                                                                                                                  \
        return sf_cmp(s, &sf_format##n, fcond, a, b);                                                                  \
    }                                                                                                                  \
    uint64_t sf##n##_to_int(struct softfp *s, uint##n##_t a, unsigned bits, bool is_signed)                            \
    {                                                                                                                  \
        return sf_to_int(s, &sf_format##n, a, bits, is_signed);                                                        \
    }                                                                                                                  \
    uint##n##_t sf##n##_from_int(struct softfp *s, uint64_t value, bool is_signed)                                     \
    {                                                                                                                  \
        return (uint##n##_t)sf_from_int(s, &sf_format##n, value, is_signed);                                           \
    }                                                                                                                  \
    unsigned sf##n##_class(uint##n##_t a) { return sf_classify(&sf_format##n, a); }

ENTRIES(32)
ENTRIES(64)

uint64_t sf32_to_f64(struct softfp *s, uint32_t a) { return (uint64_t)sf_convert(s, &sf_format64, &sf_format32, a); }

uint32_t sf64_to_f32(struct softfp *s, uint64_t a) { return (uint32_t)sf_convert(s, &sf_format32, &sf_format64, a); }
