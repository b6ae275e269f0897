// SPDX-License-Identifier: Apache-2.0
// What the machine that runs the tests can do. Two variables make it look less able, so that what tests do elsewhere
// can be tried here: TANDEM_TEST_NO_COMPAT32=1 (its kernel runs no 32-bit code) and TANDEM_TEST_NO_FSGSBASE=1 (programs
// may not use rdfsbase and its kin). tests/scripts/host.py reads the same ones.
#ifndef TANDEM_TESTS_HARNESS_HOST_H
#define TANDEM_TESTS_HARNESS_HOST_H

#include <cstdlib>
#include <sys/auxv.h>

namespace harness
{

inline bool is_asked_for(const char *variable) { return getenv(variable) != nullptr; }

// May programs use rdfsbase, wrfsbase and their kin?
inline bool has_fsgsbase()
{
    constexpr unsigned long HWCAP2_FSGSBASE_BIT = 2;
    return getauxval(AT_HWCAP2) & HWCAP2_FSGSBASE_BIT && !is_asked_for("TANDEM_TEST_NO_FSGSBASE");
}

// May 32-bit code be tried at all? Whether it runs is for the caller to find out.
inline bool may_run_compat32() { return !is_asked_for("TANDEM_TEST_NO_COMPAT32"); }

} // namespace harness

#endif
