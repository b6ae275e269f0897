/* SPDX-License-Identifier: Apache-2.0 */
/* Scalar types that every part shares. */
#ifndef TANDEM_BASE_TYPES_H
#define TANDEM_BASE_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An address in the guest's address space. Never a pointer: runtime/guest_mem turns one into the other. */
typedef uint64_t gaddr_t;

#define ARRAY_LEN(a)     (sizeof(a) / sizeof((a)[0]))
#define ALIGN_UP(x, a)   (((x) + (a)-1) & ~((uintptr_t)(a)-1))
#define ALIGN_DOWN(x, a) ((x) & ~((uintptr_t)(a)-1))

#define TANDEM_ALIGNED(n) __attribute__((aligned(n)))

#ifdef __cplusplus
#define _Noreturn [[noreturn]]
#define TANDEM_BEGIN_DECLS extern "C" {
#define TANDEM_END_DECLS   }
#else
#define TANDEM_BEGIN_DECLS
#define TANDEM_END_DECLS
#endif

#endif
