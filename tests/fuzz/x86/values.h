// SPDX-License-Identifier: Apache-2.0
// Values that are likely to show mistakes.
#ifndef TANDEM_TESTS_FUZZ_X86_VALUES_H
#define TANDEM_TESTS_FUZZ_X86_VALUES_H

#include "tests/fuzz/x86/fuzz.h"

namespace x86fuzz
{

// fixed: the same for all inputs of an instance. What chooses the translation mode comes from it, because code is
// translated for one mode.
uint32_t random_mxcsr(rng *r, rng *fixed);
void fill_vectors(rng *r, state *s);
// The FPU: empty unless the instruction uses it; half of the time as MMX leaves it, if the instruction is of MMX.
void fill_fpu(rng *r, rng *fixed, const insn &first, state *s);
void fill_window(rng *r, state *s);
// Sense for what is at address to, if the instruction loads state from there: control words and headers that are mostly
// valid.
void fill_area(rng *r, const insn &n, uint64_t to, state *s);
// Small numbers for the index vector of a gather.
void fill_indices(rng *r, uint8_t *ymm, const insn &n);
// What the XSAVE area has on this host and not in the guest's CPU (AVX-512, protection keys), as bits of XCR0. AMD's
// CPUs place it lower than Intel's, where the window sees it.
uint64_t components_of_host_only();
// Does the instruction save or load components that edx:eax names?
bool is_xsave(const insn &n);
// Does a VEX instruction fault at unaligned addresses?
bool needs_alignment(const insn &n);

} // namespace x86fuzz

#endif
