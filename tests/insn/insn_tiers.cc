// SPDX-License-Identifier: Apache-2.0
#include "tests/insn/insn_tiers.h"
#include "src/ir/interp/interp.h"
#include "src/ir/region.h"
#include "src/ir/state.h"

#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace
{

constexpr size_t kCode = 1 << 20, kStack = 1 << 20, kGlue = 8192;
constexpr unsigned kTier1Exits = 64, kMapEntries = 64;

[[noreturn]] void give_up(const char *what)
{
    fprintf(stderr, "%s\n", what);
    abort();
}

uint8_t *map(size_t size, int prot)
{
    void *p = mmap(nullptr, size, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        give_up("no memory for code");
    return static_cast<uint8_t *>(p);
}

} // namespace

insn_machine::insn_machine(const struct ir_state *state)
    : code_(map(kCode, PROT_READ | PROT_WRITE | PROT_EXEC)), end_(code_ + kCode), next_(code_ + kGlue),
      stack_(map(kStack, PROT_READ | PROT_WRITE))
{
    if (tcg_emit_glue(code_, code_, kGlue, state, &glue) != STATUS_OK)
        give_up("the glue has no room");
}

insn_machine::~insn_machine()
{
    munmap(code_, kCode);
    munmap(stack_, kStack);
}

struct tcg_exit *insn_machine::exits(size_t count)
{
    exits_.emplace_back(count + 1);
    return exits_.back().data();
}

void insn_machine::reset()
{
    next_ = code_ + kGlue;
    exits_.clear();
}

void insn_machine::run(struct cpu *cpu, const uint8_t *host, struct ir_exit *exit) const
{
    auto *top = reinterpret_cast<uint64_t *>(stack_ + kStack - 64);
    top[0] = 0;
    top[1] = ~uint64_t(0);
    // rsp % 16 == 8 at block entry, and the level's return address above it
    cpu->jit_sp_base = cpu->jit_sp = reinterpret_cast<uint8_t *>(top) + 8;
    *reinterpret_cast<uint64_t *>(static_cast<uint8_t *>(cpu->jit_sp) + 8) = ~uint64_t(0);
    cpu->jit_sp_limit = stack_ + CPU_JIT_STACK_HEADROOM;
    memset(cpu->ibtc, 0, CPU_IBTC_SIZE * sizeof *cpu->ibtc);
    cpu_ibtc_begin(cpu, CPU_IBTC_SIZE);
    tcg_enter(&glue, cpu, host);
    exit->reason = CPU_EXIT_LOOKUP;
    exit->pc = cpu->pc;
    if (cpu->exit_reason == CPU_EXIT_LINK) {
        exit->pc = reinterpret_cast<const struct tcg_exit *>(cpu->exit_arg)->pc;
    } else if (cpu->exit_reason == CPU_EXIT_TRAP) {
        exit->reason = CPU_EXIT_TRAP;
        exit->trap = static_cast<enum ir_trap>(cpu->exit_arg);
    }
}

bool insn_tier::execute(struct cpu *cpu, const struct ir_block *block, struct ir_exit *exit, std::string *message)
{
    reset();
    const uint8_t *host = load(block, message);
    if (host)
        run(cpu, host, exit);
    return host != nullptr;
}

const uint8_t *insn_tier1::load(const struct ir_block *block, std::string *message)
{
    struct tcg_request req = {};
    struct tcg_result result;
    req.block = block;
    req.rw = machine_.room();
    req.rx = req.rw;
    req.capacity = machine_.room_size();
    req.glue = &machine_.glue;
    req.exits = machine_.exits(kTier1Exits);
    req.max_exits = kTier1Exits;
    std::vector<struct tcg_pc_map> &map = maps_[req.rx];
    map.resize(kMapEntries);
    req.map = map.data();
    req.max_map = kMapEntries;
    std::vector<struct tcg_reloc> relocs(kMapEntries);
    req.relocs = relocs.data();
    req.max_relocs = kMapEntries;
    req.random_seed = random_seed;
    enum status s = tcg_translate(&req, &result);
    if (s != STATUS_OK) {
        *message = status_text(s);
        return nullptr;
    }
    const uint8_t *host = machine_.room();
    machine_.take(result.size);
    map.resize(result.map_count);
    return host;
}

struct tcg_pc_map insn_tier1::map_at(const uint8_t *host, const void *at) const
{
    auto offset = uint32_t(static_cast<const uint8_t *>(at) - host);
    struct tcg_pc_map found = {};
    for (const struct tcg_pc_map &m : maps_.at(host)) {
        if (m.host_off <= offset)
            found = m;
    }
    return found;
}

insn_tier2::insn_tier2(const struct ir_state *state, bool precise, bool no_fma) : insn_tier(state), precise_(precise)
{
    struct lopt_options options = {};
    char why[256] = "";
    options.level = 1;
    options.verify = true;
    options.polls = true;
    options.no_fma = no_fma;
    if (lopt_open(&options, &lopt_, why, sizeof why) != STATUS_OK)
        give_up(why);
}

insn_tier2::~insn_tier2()
{
    if (lopt_)
        lopt_close(lopt_);
}

/* Saves the result and loads it again: what runs is what another process would run. */
static enum status reload(struct lopt_result *result)
{
    std::vector<uint8_t> saved(lopt_save(result, nullptr, 0));
    lopt_save(result, saved.data(), saved.size());
    lopt_result_fini(result);
    return lopt_load(saved.data(), saved.size(), result);
}

const uint8_t *insn_tier2::load(const struct ir_block *block, std::string *message)
{
    struct ir_region_block only = {};
    only.block = block;
    struct ir_region region = {};
    region.blocks = &only;
    region.count = 1;
    region.precise = precise_;
    region.ordered = true;
    struct lopt_result result;
    enum status s = lopt_compile(lopt_, &region, &result);
    if (s == STATUS_OK)
        s = reload(&result);
    if (s != STATUS_OK) {
        *message = status_text(s);
        return nullptr;
    }
    const uint8_t *host = place(result, message);
    lopt_result_fini(&result);
    return host;
}

unsigned insn_tier2::recover(const uint8_t *host, const void *at, struct cpu *cpu, const void *context) const
{
    const struct text &text = texts_.at(host);
    if (text.faults.empty())
        return 0;
    auto offset = uint32_t(static_cast<const uint8_t *>(at) - text.begin);
    return lopt_recover(reinterpret_cast<const struct lopt_faults *>(text.faults.data()), offset, cpu, context);
}

const uint8_t *insn_tier2::place(const struct lopt_result &result, std::string *message)
{
    struct tcg_exit *exits = machine_.exits(2 * result.exit_count);
    std::vector<const uint8_t *> addresses(result.exit_count + 1);
    uint8_t *text = machine_.room(), *end = text + machine_.room_size();
    uint8_t *at = text + ALIGN_UP(result.text_size, 64);
    for (unsigned i = 0; i < result.exit_count; i++) {
        const struct lopt_exit &from = result.exits[i];
        struct tcg_exit &to = exits[2 * i], &landing = exits[2 * i + 1];
        to.pc = from.pc;
        to.trap = from.trap;
        to.kind = from.kind;
        landing.kind = IR_EXIT_LANDING;
        landing.pc = from.return_pc;
        addresses[i] = at;
        size_t n = tcg_emit_exit(at, at, size_t(end - at), text, &machine_.glue, &to, &landing,
                                 from.kind == IR_EXIT_LEVEL ? addresses[from.inner] : nullptr);
        if (!n) {
            *message = "no room for the exits";
            return nullptr;
        }
        at += ALIGN_UP(n, 8);
    }
    enum status s = lopt_link(&result, text, text, addresses.data());
    if (s != STATUS_OK) {
        *message = status_text(s);
        return nullptr;
    }
    machine_.take(size_t(at - text));
    const uint8_t *entry = lopt_entry(&result, text, 0);
    struct text &kept = texts_[entry];
    kept.begin = text;
    kept.faults.assign(result.faults ? (result.faults->size + 7) / 8 : 0, 0);
    if (result.faults)
        memcpy(kept.faults.data(), result.faults, result.faults->size);
    return entry;
}
