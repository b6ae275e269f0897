/* SPDX-License-Identifier: Apache-2.0 */
/* The host's system-call numbers: the table that a guest of the host's architecture has. */
#include "runtime/linux/base/host_numbers.h"

static const int16_t numbers[LINUX_CALL_COUNT] = {
#define NR(number, call) [LINUX_##call] = number + 1,
#if defined(__x86_64__)
#include "frontend/numbers/x86_64.def"
#else
#include "frontend/numbers/generic.def"
#endif
#undef NR
};

long host_number(enum linux_call call) { return numbers[call] - 1; }
