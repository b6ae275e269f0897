/* SPDX-License-Identifier: Apache-2.0 */
/* The host's system-call numbers: the table that a guest of the host's architecture has. */
#include "runtime/linux/base/host_numbers.h"

#include "src/host/flags.h"

/* Each number plus one. */
#define NR(number, call) [LINUX_##call] = number + 1,
static const int16_t numbers[LINUX_CALL_COUNT] = {
#include "frontend/numbers/x86_64.def"
};
static const int16_t generic_numbers[LINUX_CALL_COUNT] = {
#include "frontend/numbers/generic.def"
};
#undef NR

long host_number(enum linux_call call) { return (HOST_GENERIC_ABI ? generic_numbers : numbers)[call] - 1; }
