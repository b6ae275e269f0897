// SPDX-License-Identifier: Apache-2.0
// The memory that instructions see, at the same place in the child and in the process itself.
#ifndef TANDEM_TESTS_FUZZ_X86_MEMORY_H
#define TANDEM_TESTS_FUZZ_X86_MEMORY_H

#include "tests/fuzz/x86/fuzz.h"

namespace x86fuzz
{

struct instance_code {
    bool is64;
    unsigned length;
    uint8_t bytes[kMaxCode];
};

// Maps data and code where fuzz.h says. Once.
void map_memory();
// Data: zeros, and the window of s; and back.
void set_data(const state &s);
void get_data(state *s);

} // namespace x86fuzz

#endif
