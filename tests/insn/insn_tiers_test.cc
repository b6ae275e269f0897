// SPDX-License-Identifier: Apache-2.0
// Every instruction row in generated code: tier 1, and tier 2 with each block as a region of its own. Both run through tier 1's
// glue, and tier 2's exits are the ones the runtime uses, so the register contract between the tiers is tested, too.
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cstring>
#include <memory>

#include "llvm-opt/lopt.h"
#include "tcg/tcg.h"
#include "tests/insn/insn_runner.h"

namespace
{

constexpr size_t kCode = 1 << 20, kStack = 1 << 20, kGlue = 8192;

// Room for code (both views in one mapping: this is a test) and a stack for it.
class Machine
{
  public:
    explicit Machine(const struct ir_state *state)
    {
        code_ = map(kCode, PROT_READ | PROT_WRITE | PROT_EXEC);
        stack_ = map(kStack, PROT_READ | PROT_WRITE);
        EXPECT_EQ(tcg_emit_glue(code_, code_, kGlue, state, &glue), STATUS_OK);
    }
    ~Machine()
    {
        munmap(code_, kCode);
        munmap(stack_, kStack);
    }
    uint8_t *room() const { return code_ + kGlue; }
    static size_t room_size() { return kCode - kGlue; }

    // Enters host code and says where it left.
    void run(struct cpu *cpu, const uint8_t *host, struct ir_exit *exit) const
    {
        auto *top = reinterpret_cast<uint64_t *>(stack_ + kStack - 64);
        top[0] = 0;
        top[1] = ~uint64_t(0);
        // rsp % 16 == 8 at block entry, and the level's return address above it
        cpu->jit_sp_base = cpu->jit_sp = reinterpret_cast<uint8_t *>(top) + 8;
        *reinterpret_cast<uint64_t *>(static_cast<uint8_t *>(cpu->jit_sp) + 8) = ~uint64_t(0);
        cpu->jit_sp_limit = stack_ + CPU_JIT_STACK_HEADROOM;
        for (auto &entry : cpu->ibtc)
            entry.pc = ~gaddr_t(0);
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
    struct tcg_glue glue = {};

  private:
    static uint8_t *map(size_t size, int prot)
    {
        void *p = mmap(nullptr, size, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        EXPECT_NE(p, MAP_FAILED);
        return static_cast<uint8_t *>(p);
    }
    uint8_t *code_, *stack_;
};

class Tier1 : public insn_executor
{
  public:
    explicit Tier1(const struct ir_state *state, uint32_t without_features = 0) : machine_(state)
    {
        machine_.glue.features &= ~without_features;
    }
    const char *name() const override { return "tier 1"; }
    bool execute(struct cpu *cpu, const struct ir_block *block, struct ir_exit *exit, std::string *message) override
    {
        struct tcg_exit exits[64];
        struct tcg_request req = {};
        struct tcg_result result;
        req.block = block;
        req.rw = machine_.room();
        req.rx = machine_.room();
        req.capacity = Machine::room_size();
        req.glue = &machine_.glue;
        req.exits = exits;
        req.max_exits = 64;
        enum status s = tcg_translate(&req, &result);
        if (s != STATUS_OK) {
            *message = status_text(s);
            return false;
        }
        machine_.run(cpu, machine_.room(), exit);
        return true;
    }

  private:
    Machine machine_;
};

class Tier2 : public insn_executor
{
  public:
    explicit Tier2(const struct ir_state *state, bool no_fma = false) : machine_(state)
    {
        struct lopt_options options = {};
        char why[256] = "";
        options.level = 1;
        options.verify = true;
        options.polls = true;
        options.no_fma = no_fma;
        EXPECT_EQ(lopt_open(&options, &lopt_, why, sizeof why), STATUS_OK) << why;
    }
    ~Tier2() override
    {
        if (lopt_)
            lopt_close(lopt_);
    }
    const char *name() const override { return "tier 2"; }
    bool execute(struct cpu *cpu, const struct ir_block *block, struct ir_exit *exit, std::string *message) override
    {
        struct ir_region_block only = {};
        only.block = block;
        struct ir_region region = {&only, 1, false};
        struct lopt_result result;
        enum status s = lopt_compile(lopt_, &region, &result);
        if (s == STATUS_OK) {
            s = place_and_run(cpu, result, exit);
            lopt_result_fini(&result);
        }
        if (s != STATUS_OK)
            *message = status_text(s);
        return s == STATUS_OK;
    }

  private:
    enum status place_and_run(struct cpu *cpu, const struct lopt_result &result, struct ir_exit *exit)
    {
        std::vector<struct tcg_exit> exits(2 * result.exit_count + 1);
        std::vector<const uint8_t *> addresses(result.exit_count + 1);
        uint8_t *at = machine_.room() + ALIGN_UP(result.text_size, 64), *end = machine_.room() + Machine::room_size();
        for (unsigned i = 0; i < result.exit_count; i++) {
            const struct lopt_exit &from = result.exits[i];
            struct tcg_exit &to = exits[2 * i], &landing = exits[2 * i + 1];
            to.pc = from.pc;
            to.trap = from.trap;
            to.kind = from.kind == LOPT_EXIT_POLL ? uint8_t(TCG_EXIT_DIRECT) : from.kind;
            to.poll = from.kind == LOPT_EXIT_POLL;
            landing.kind = TCG_EXIT_RETURN;
            landing.pc = from.return_pc;
            addresses[i] = at;
            size_t n = tcg_emit_exit(at, at, size_t(end - at), machine_.room(), &machine_.glue, &to, &landing);
            if (!n)
                return STATUS_TOO_LARGE;
            at += ALIGN_UP(n, 8);
        }
        const uint8_t *entry;
        enum status s = lopt_link(&result, machine_.room(), machine_.room(), addresses.data(), &entry);
        if (s == STATUS_OK)
            machine_.run(cpu, entry, exit);
        return s;
    }
    Machine machine_;
    struct lopt *lopt_ = nullptr;
};

// All rows, or those of one group.
void run_all(insn_executor &executor, const std::string &group = "")
{
    unsigned failures = 0;
    for (const insn_row &row : insn_rows()) {
        if (!group.empty() && group != row.group)
            continue;
        std::string difference = insn_run_row(row, executor, 64);
        EXPECT_EQ(difference, "") << executor.name() << ", " << row.group << ": " << row.text;
        failures += !difference.empty();
        ASSERT_LT(failures, 20u) << "and more";
    }
}

TEST(InsnTiers, EveryRowInTier1)
{
    Tier1 executor(guest_find_name("riscv64")->state);
    run_all(executor);
}

TEST(InsnTiers, EveryRowInTier2)
{
    Tier2 executor(guest_find_name("riscv64")->state);
    run_all(executor);
}

// As on a host that lacks fused multiply-add.
TEST(InsnTiers, FusedRowsInTier1WithoutHostFma)
{
    Tier1 executor(guest_find_name("riscv64")->state, TCG_HAS_FMA);
    run_all(executor, "fma");
}

TEST(InsnTiers, FusedRowsInTier2WithoutHostFma)
{
    Tier2 executor(guest_find_name("riscv64")->state, true);
    run_all(executor, "fma");
}

} // namespace
