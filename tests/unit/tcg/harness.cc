/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/tcg/harness.h"
#include "src/ir/interp/interp.h"
#include "src/ir/simplify/seal.h"
#include "src/ir/state.h"
#include "tests/harness/fp_traps.h"

#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace tcg_test
{

namespace
{
constexpr size_t kCacheBytes = 1 << 20, kStackBytes = 1 << 20;
const uint16_t pinned_x[] = {10, 11, 12, 13, 14, 15, 2, 8, 9, 1};
const uint16_t pinned_f[] = {F0 + 3, F0 + 4, F0 + 5, F0 + 6, F0 + 7, F0 + 0, F0 + 1};
} // namespace

/* One is pinned, and one no general register. */
const uint16_t flag_rows[] = {0, 3, BYTE, HALF, 14, WORD, BIT, 5, F0 + 8, 6};
const struct ir_state kState = {kRows, ROW_COUNT, pinned_x, 10, pinned_f, 7, 0, flag_rows, 10, 0, 0, 0};

uint8_t *memory()
{
    static uint8_t *const m = (uint8_t *)mmap((void *)0x60000000, kMemory, PROT_READ | PROT_WRITE,
                                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    return m;
}

/* ---- Cpu ---- */

Cpu::Cpu(uint64_t seed) : harness::Cpu(seed), stack_((uint8_t *)aligned_alloc(64, kStackBytes))
{
    Random r{~seed};
    get()->fp_env |= r.below(3) ? 0 : r.below(4) << 13; // rounding
    reset_stack();
}

Cpu::~Cpu() { free(stack_); }

void Cpu::reset_stack()
{
    uint8_t *base = stack_ + kStackBytes - 64 + 8;
    memset(base, 0x55, 32); /* CPU_NO_RETURN */
    get()->jit_sp = get()->jit_sp_base = base;
    get()->jit_sp_limit = stack_ + CPU_JIT_STACK_HEADROOM;
}

/* ---- Block ---- */

Block::Block(gaddr_t pc)
{
    arena_init(&arena_);
    ir_builder_init(&builder_, &arena_, &kState, pc, 0);
}
Block::~Block() { arena_fini(&arena_); }

const struct ir_block *Block::seal(bool raw)
{
    if (!raw)
        return ir_builder_seal(&builder_);
    raw_ = {};
    raw_.pc = builder_.pc;
    raw_.guest_bytes = builder_.guest_bytes;
    raw_.guest_insns = builder_.guest_insns;
    raw_.count = builder_.count;
    raw_.insns = builder_.insns;
    raw_.state = &kState;
    return &raw_;
}

/* ---- Cache ---- */

Cache::Cache(uint32_t without_features) : code_(kCacheBytes)
{
    if (tcg_emit_glue(code_.rw(), code_.rx(), 4096, &kState, &glue) != STATUS_OK)
        abort();
    glue.features &= ~without_features;
    start_ = used_ = 4096;
}

uint8_t *Cache::take(size_t bytes, const uint8_t **rx)
{
    size_t at = (used_ + 15) & ~15ul;
    used_ = at + bytes;
    if (used_ > kCacheBytes)
        abort();
    *rx = code_.rx(at);
    return code_.rw(at);
}

void Cache::translate(const struct ir_block *block, Code *code, const Options &options)
{
    const uint8_t *rx;
    uint8_t *counter = options.counter ? take(16, &rx) : nullptr;
    if (counter)
        code->counter = (int32_t *)counter;
    struct tcg_request req = {};
    req.block = block;
    req.counter = code->counter; /* the writable alias; mmap places it within 2 GiB of the code */
    size_t at = (used_ + 15) & ~15ul;
    code->rw = code_.rw(at), code->rx = code_.rx(at);
    req.rw = code->rw, req.rx = code->rx;
    req.capacity = options.capacity ? options.capacity : kCacheBytes - at;
    req.glue = &glue;
    req.exits = code->exits, req.max_exits = 32;
    req.map = code->map, req.max_map = 512;
    req.relocs = code->relocs, req.max_relocs = 512;
    req.check_code = options.check_code;
    req.random_seed = options.random_seed;
    code->status = tcg_translate(&req, &code->result);
    used_ = at + code->result.size;
    for (unsigned k = 0; k < code->result.exit_count && code->status == STATUS_OK; k++)
        tcg_patch_exit(code->rw, code->rx, &code->exits[k], nullptr);
}

const struct tcg_exit *Cache::Code::exit_of(const struct cpu *cpu) const
{
    const struct tcg_exit *e = (const struct tcg_exit *)cpu->exit_arg;
    return cpu->exit_reason == CPU_EXIT_LINK && e >= exits && e < exits + result.exit_count ? e : nullptr;
}

std::string Cache::Code::hex() const
{
    std::string s;
    char byte[4];
    for (size_t k = 0; k < result.size; k++) {
        snprintf(byte, sizeof byte, "%02x ", rw[k]);
        s += byte;
    }
    return s;
}

/* ---- compare ---- */

namespace
{
std::string differ(const char *what, uint64_t want, uint64_t got)
{
    char line[400];
    snprintf(line, sizeof line, "%s: interpreter %#llx, tier 1 %#llx\n", what, (unsigned long long)want,
             (unsigned long long)got);
    return line;
}

std::string compare_exit(const struct ir_exit &want, const struct cpu *cpu, const Cache::Code &code)
{
    if (want.reason == CPU_EXIT_TRAP) {
        if (cpu->exit_reason != CPU_EXIT_TRAP || cpu->exit_arg != (uint64_t)want.trap || cpu->pc != want.pc)
            return differ("trap", want.pc, cpu->pc) + differ("exit reason", want.reason, cpu->exit_reason);
        return "";
    }
    const struct tcg_exit *e = code.exit_of(cpu);
    gaddr_t pc = e && e->kind != IR_EXIT_CALL ? e->pc : cpu->pc;
    if (cpu->exit_reason != CPU_EXIT_LINK && cpu->exit_reason != CPU_EXIT_LOOKUP)
        return differ("exit reason", want.reason, cpu->exit_reason);
    return pc == want.pc ? "" : differ("exit pc", want.pc, pc);
}
} // namespace

std::string compare(Cache *cache, const struct ir_block *block, uint64_t cpu_seed, unsigned random_seed)
{
    static Cache::Code code;
    Cache::Options options;
    options.random_seed = random_seed;
    code = Cache::Code();
    cache->reset();
    cache->translate(block, &code, options);
    if (code.status != STATUS_OK)
        return code.status == STATUS_TOO_LARGE ? "" : std::string("translate: ") + status_text(code.status);
    Cpu want(cpu_seed), got(cpu_seed);
    std::vector<uint8_t> initial(kMemory);
    Random r{cpu_seed};
    for (uint8_t &byte : initial)
        byte = (uint8_t)r.next();
    memcpy(memory(), initial.data(), kMemory);
    struct ir_exit exit = {};
    ir_interp(want.get(), block, &exit);
    std::vector<uint8_t> after(memory(), memory() + kMemory);
    memcpy(memory(), initial.data(), kMemory);
    FpTraps traps(got.get());
    if (cpu_seed & 1) // watched or not: it makes no difference
        FpTraps::begin_watch(got.get());
    cache->run(got.get(), code.rx);
    std::string diff = compare_exit(exit, got.get(), code);
    if (got->jit_sp != got->jit_sp_base &&
        !(code.exit_of(got.get()) && code.exit_of(got.get())->kind == IR_EXIT_CALL) && exit.hint != IR_HINT_CALL)
        diff += "stack pointer changed\n";
    for (unsigned row = 0; row < ROW_COUNT; row++)
        for (unsigned at = 0; at * 8 < (ir_type_bits((enum ir_type)kRows[row].type) + 7) / 8; at++) {
            uint64_t a, b; /* narrow rows have eight bytes, too */
            memcpy(&a, (char *)want.get() + kRows[row].offset + 8 * at, 8);
            memcpy(&b, (char *)got.get() + kRows[row].offset + 8 * at, 8);
            if (a != b)
                diff += differ(kRows[row].name, a, b);
        }
    for (size_t at = 0; at < kMemory; at++)
        if (after[at] != memory()[at])
            diff += differ(("memory " + std::to_string(at)).c_str(), after[at], memory()[at]);
    if (want.flags() != got.flags())
        diff += differ("flags", want.flags(), got.flags());
    if (want->resv.addr != got->resv.addr)
        diff += differ("reservation", want->resv.addr, got->resv.addr);
    return diff.empty() ? diff : diff + print(block) + code.hex() + "\n";
}

} // namespace tcg_test
