// SPDX-License-Identifier: Apache-2.0
// The made-up guest: its rows, its CPU with random registers.
#include "tests/harness/guest.h"

#include <cstdio>
#include <cstdlib>
#include <vector>

#include "src/host/fpenv.h"
#include "src/ir/softfp/softfp.h"
#include "src/ir/text/print.h"
#include "tests/harness/random.h"

namespace harness
{

namespace
{
constexpr uint16_t at(size_t offset) { return uint16_t(offsetof(struct cpu, guest) + offset); }
constexpr ir_state_row x(const char *name, unsigned n) { return {name, at(8 * n), IR_I64}; }
constexpr ir_state_row f(const char *name, unsigned n) { return {name, at(128 + 8 * n), IR_F64}; }
constexpr uint32_t kResetEnvironment = 0x1f80; // MXCSR
} // namespace

// Eight bytes for each narrow row, so that a row written too wide does not change another one unseen.
const struct ir_state_row kRows[ROW_COUNT] = {
    x("x0", 0),
    x("x1", 1),
    x("x2", 2),
    x("x3", 3),
    x("x4", 4),
    x("x5", 5),
    x("x6", 6),
    x("x7", 7),
    x("x8", 8),
    x("x9", 9),
    x("x10", 10),
    x("x11", 11),
    x("x12", 12),
    x("x13", 13),
    x("x14", 14),
    x("x15", 15),
    f("f0", 0),
    f("f1", 1),
    f("f2", 2),
    f("f3", 3),
    f("f4", 4),
    f("f5", 5),
    f("f6", 6),
    f("f7", 7),
    f("f8", 8),
    f("f9", 9),
    f("f10", 10),
    f("f11", 11),
    {"v0", at(256), IR_V128},
    {"v1", at(288), IR_V256},
    {"byte0", at(320), IR_I8},
    {"half0", at(344), IR_I16},
    {"word0", at(336), IR_I32},
    {"bit0", at(328), IR_I1},
};

// Memory of those that are not used any more: it is large, and the host takes long to give it anew.
static thread_local std::vector<struct cpu *> spare;

void FreeCpu::operator()(struct cpu *cpu) const { spare.push_back(cpu); }

static struct cpu *take_memory()
{
    if (spare.empty())
        return static_cast<struct cpu *>(aligned_alloc(CPU_ALIGN, ALIGN_UP(sizeof(struct cpu), CPU_ALIGN)));
    struct cpu *cpu = spare.back();
    spare.pop_back();
    return cpu;
}

// Bytes of a struct cpu whose IBTC has not grown.
constexpr size_t kUsed = offsetof(struct cpu, ibtc) + CPU_IBTC_SIZE * sizeof(struct cpu_ibtc_entry);

CpuMemory new_cpu()
{
    CpuMemory cpu(take_memory());
    memset(static_cast<void *>(cpu.get()), 0, kUsed);
    cpu->fp_env = kResetEnvironment;
    cpu->exit_arg = CPU_NO_RETURN;
    cpu->resv.addr = ~UINT64_C(0);
    cpu_ibtc_begin(cpu.get(), CPU_IBTC_SIZE);
    return cpu;
}

Cpu::Cpu(const struct cpu &other) : cpu_(new_cpu()) { memcpy(static_cast<void *>(cpu_.get()), &other, kUsed); }

Cpu::Cpu(uint64_t seed) : cpu_(new_cpu())
{
    Random r{seed};
    for (unsigned n = 0; n < ROW_COUNT; n++) {
        uint64_t v[4];
        for (uint64_t &part : v)
            part = n >= F0 && n < V0        ? r.interesting_f64()
                   : n >= V0 && r.one_in(3) ? r.interesting_f32() | uint64_t(r.interesting_f32()) << 32
                   : n >= V0 && r.one_in(3) ? r.interesting_f64()
                                            : r.interesting_int();
        v[0] &= n == BIT ? 1 : ~UINT64_C(0);
        const unsigned bits = ir_type_bits(static_cast<enum ir_type>(kRows[n].type));
        memcpy(reinterpret_cast<char *>(get()) + kRows[n].offset, v, (bits + 7) / 8);
    }
}

unsigned Cpu::flags() const { return (cpu_->fp_flags | host_fp_flags(cpu_->fp_env)) & ~unsigned(FP_DE); }

std::string print(const struct ir_block *block)
{
    char *text = nullptr;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    ir_print(out, block);
    fclose(out);
    std::string result(text, size);
    free(text);
    return result;
}

} // namespace harness
