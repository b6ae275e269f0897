// SPDX-License-Identifier: Apache-2.0
// Executors of tests: tier 1, and tier 2 with each block as a region of its own. Both run through tier 1's glue, and
// tier 2's exits are the ones the runtime uses, so the register contract between the tiers is tested, too.
#ifndef TANDEM_TESTS_INSN_TIERS_H
#define TANDEM_TESTS_INSN_TIERS_H

#include <deque>
#include <map>
#include <memory>
#include <vector>

#include "llvm-opt/lopt.h"
#include "src/ir/interp/interp.h"
#include "src/ir/state.h"
#include "tcg/tcg.h"
#include "tests/insn/insn_runner.h"

// Room for code (both views in one mapping: this is a test) and a stack for it. Code of several blocks lies side by
// side until reset.
class insn_machine
{
  public:
    explicit insn_machine(const struct ir_state *state);
    ~insn_machine();
    insn_machine(const insn_machine &) = delete;
    insn_machine &operator=(const insn_machine &) = delete;
    uint8_t *room() const { return next_; }
    size_t room_size() const { return size_t(end_ - next_); }
    void take(size_t bytes) { next_ += (bytes + 63) / 64 * 64; }
    struct tcg_exit *exits(size_t count);
    void reset();
    // Is this an address of the code?
    bool holds(const void *host) const { return host >= code_ && host < end_; }
    // Enters host code and says where it left.
    void run(struct cpu *cpu, const uint8_t *host, struct ir_exit *exit) const;
    struct tcg_glue glue = {};

  private:
    uint8_t *code_, *end_, *next_, *stack_;
    std::deque<std::vector<struct tcg_exit>> exits_;
};

// A tier that makes host code.
class insn_tier : public insn_executor
{
  public:
    explicit insn_tier(const struct ir_state *state) : machine_(state) {}
    // The host code of a block; NULL and a reason if there is none. Valid until reset.
    virtual const uint8_t *load(const struct ir_block *block, std::string *message) = 0;
    void run(struct cpu *cpu, const uint8_t *host, struct ir_exit *exit) const { machine_.run(cpu, host, exit); }
    void reset() { machine_.reset(); }
    const insn_machine &machine() const { return machine_; }
    bool execute(struct cpu *cpu, const struct ir_block *block, struct ir_exit *exit, std::string *message) override;

  protected:
    insn_machine machine_;
};

class insn_tier1 : public insn_tier
{
  public:
    using insn_tier::insn_tier;
    const char *name() const override { return "tier 1"; }
    const uint8_t *load(const struct ir_block *block, std::string *message) override;
    // The guest instruction of a host address in the code that load gave at host, of a block at pc.
    struct tcg_pc_map map_at(const uint8_t *host, const void *at) const;
    // As on a host without these (enum tcg_feature).
    void lose_features(uint32_t features) { machine_.glue.features &= ~features; }
    unsigned random_seed = 0; // not 0: registers are chosen at random

  private:
    std::map<const uint8_t *, std::vector<struct tcg_pc_map>> maps_;
};

class insn_tier2 : public insn_tier
{
  public:
    // precise: every register in its place at each access that can fault; no_fma: as on a host without fused
    // multiply-add
    explicit insn_tier2(const struct ir_state *state, bool precise = false, bool no_fma = false);
    ~insn_tier2() override;
    const char *name() const override { return "tier 2"; }
    const uint8_t *load(const struct ir_block *block, std::string *message) override;
    // The code that load gave at host faulted: lopt_recover. context: the fault's ucontext_t, at: its host address.
    unsigned recover(const uint8_t *host, const void *at, struct cpu *cpu, const void *context) const;

  private:
    const uint8_t *place(const struct lopt_result &result, std::string *message);
    bool precise_;
    struct text {
        const uint8_t *begin;
        std::vector<uint64_t> faults; // a struct lopt_faults, or nothing
    };
    std::map<const uint8_t *, text> texts_; // by entry
    struct lopt *lopt_ = nullptr;
};

#endif
