// SPDX-License-Identifier: Apache-2.0
// The made-up guest of tests that run IR, and its CPU: 16 integer registers x0..x15, 12 floating-point registers
// f0..f11, two vector registers and some narrow rows. Which rows are pinned is for each test folder to say.
#ifndef TANDEM_TESTS_HARNESS_GUEST_H
#define TANDEM_TESTS_HARNESS_GUEST_H

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>

#include "src/base/cpu.h"
#include "src/ir/ir.h"
#include "src/ir/state.h"

namespace harness
{

enum Row : unsigned { X0 = 0, F0 = 16, V0 = 28, V1, BYTE, HALF, WORD, BIT, ROW_COUNT };
constexpr unsigned kXs = 16, kFs = 12;
extern const struct ir_state_row kRows[ROW_COUNT];

constexpr gaddr_t kPc = 0x10000; // where the first block is

// Memory of the process for struct cpu, at its alignment. Zero but for what a thread starts with: no reservation, FP
// environment after reset, empty IBTC.
struct FreeCpu {
    void operator()(struct cpu *cpu) const;
};
using CpuMemory = std::unique_ptr<struct cpu, FreeCpu>;
CpuMemory new_cpu();

// The low 64 bits of a row.
inline uint64_t get_row(const struct cpu *cpu, const struct ir_state_row &row)
{
    const unsigned bits = ir_type_bits(static_cast<enum ir_type>(row.type));
    uint64_t v = 0;
    memcpy(&v, reinterpret_cast<const char *>(cpu) + row.offset, bits > 64 ? 8 : (bits + 7) / 8);
    return v;
}
inline void set_row(struct cpu *cpu, const struct ir_state_row &row, uint64_t v)
{
    const unsigned bits = ir_type_bits(static_cast<enum ir_type>(row.type));
    memcpy(reinterpret_cast<char *>(cpu) + row.offset, &v, bits > 64 ? 8 : (bits + 7) / 8);
}

// The guest's CPU with random registers.
class Cpu
{
  public:
    explicit Cpu(uint64_t seed = 1);
    // The same registers.
    Cpu(const Cpu &other) : Cpu(*other.get()) {}
    explicit Cpu(const struct cpu &other);
    Cpu &operator=(const Cpu &) = delete;
    struct cpu *operator->() const { return cpu_.get(); }
    struct cpu *get() const { return cpu_.get(); }
    uint64_t row(unsigned n) const { return get_row(get(), kRows[n]); }
    void set_row(unsigned n, uint64_t v) { harness::set_row(get(), kRows[n], v); }
    uint64_t x(unsigned n) const { return row(X0 + n); }
    void set_x(unsigned n, uint64_t v) { set_row(X0 + n, v); }
    uint64_t f(unsigned n) const { return row(F0 + n); }
    void set_f(unsigned n, uint64_t v) { set_row(F0 + n, v); }
    // Accrued FP flags, wherever they were raised. FP_DE is the host's own: guests that have it are x86, whose
    // operations say so.
    unsigned flags() const;

  private:
    CpuMemory cpu_;
};

std::string print(const struct ir_block *block);

} // namespace harness

#endif
