// SPDX-License-Identifier: Apache-2.0
// Writes an instance of a form: fixed parts from the form, the rest canonical or random.
#ifndef TANDEM_TESTS_FUZZ_X86_ENCODE_H
#define TANDEM_TESTS_FUZZ_X86_ENCODE_H

#include "tests/fuzz/x86/fuzz.h"

namespace x86fuzz
{

class encoder
{
  public:
    encoder(uint8_t *code, const form &f, bool is64) : code_(code), form_(f), is64_(is64) {}
    // Operands as plain as possible. Returns the length up to the modrm byte's tail; behind it are zeros.
    void canonical();
    // Everything random that the form leaves open; kMaxCode bytes are written, the tail is random.
    void random(rng *r);

  private:
    void put(unsigned byte) { code_[length_++] = uint8_t(byte); }
    void opcode(unsigned rex, unsigned vvvv);
    uint8_t *code_;
    const form &form_;
    bool is64_;
    unsigned length_ = 0;
};

} // namespace x86fuzz

#endif
