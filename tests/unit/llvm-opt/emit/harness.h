/* SPDX-License-Identifier: Apache-2.0 */
/* Runs regions of IR in tier 2 and in the reference interpreter, and compares everything that a guest can see.
 *
 * The guest is the made-up one of tests/harness; x0..x8 and f0..f5 are pinned. */
#ifndef TANDEM_TESTS_LOPT_HARNESS_H
#define TANDEM_TESTS_LOPT_HARNESS_H

#include <cstring>
#include <string>
#include <vector>

#include "llvm-opt/lopt.h"
#include "src/host/context.h"
#include "src/ir/build/builder.h"
#include "src/ir/region.h"
#include "src/ir/softfp/softfp.h"
#include "src/ir/state.h"
#include "tests/harness/code_buffer.h"
#include "tests/harness/guest.h"
#include "tests/harness/random.h"

namespace lopt_test
{

using namespace harness;

extern const struct ir_state kState;

/* Where block i of a region is. */
inline gaddr_t block_pc(unsigned i) { return kPc + 0x100 * i; }
constexpr gaddr_t kOutside = 0x90000;

/* How a run ended. */
struct Outcome {
    int kind = -1; /* enum ir_exit_kind */
    gaddr_t pc = 0, return_pc = 0;
    int trap = 0;
    bool stack_ok = true;
};

/* Guest memory that tests may use, at a fixed place for the life of the process. */
constexpr size_t kMemory = 4096;
uint8_t *memory();

/* One region under construction; owns its blocks. */
class Region
{
  public:
    explicit Region(const struct ir_state *state = &kState);
    ~Region();
    Region(const Region &) = delete;
    Region &operator=(const Region &) = delete;
    /* Starts block i (they are at block_pc(i), in order of creation unless pc is given). */
    struct ir_builder *begin(gaddr_t pc = 0);
    /* Seals it. */
    void end(std::vector<gaddr_t> targets = {}, uint64_t weight = 0);
    /* Adds the block that this text is. */
    void text(const char *text, std::vector<gaddr_t> targets = {}, uint64_t weight = 0);
    const struct ir_region *get();
    /* Block i is an entry, too; its number is i. */
    void enter_at(unsigned i) { blocks_[i].entry = (uint8_t)i; }
    /* Block i is within calls that the region has followed, innermost first. */
    void place_within(unsigned i, std::initializer_list<gaddr_t> calls)
    {
        for (gaddr_t return_pc : calls)
            blocks_[i].within[blocks_[i].within_count++] = return_pc;
    }
    /* What was ended last is no block of the region: it is outside, and known. */
    void last_is_outside()
    {
        outside_.push_back(blocks_.back().block);
        blocks_.pop_back();
    }
    bool precise = false;

  private:
    void add(const struct ir_block *block, const std::vector<gaddr_t> &targets, uint64_t weight);
    const struct ir_state *state_;
    struct arena arena_;
    struct ir_builder builder_;
    std::vector<struct ir_region_block> blocks_;
    std::vector<const struct ir_block *> outside_;
    struct ir_region region_;
};

/* A compiled and placed region. */
class Code
{
  public:
    /* level < 0: the test's default compiler. */
    explicit Code(const struct ir_region *region, const struct lopt_options *options = nullptr);
    ~Code() { lopt_result_fini(&result_); }
    Code(const Code &) = delete;
    Code &operator=(const Code &) = delete;
    enum status status;
    /* From the entry with this number. The innermost level of the return stack is for cpu->exit_arg. */
    Outcome run(struct cpu *cpu, unsigned entry = 0) const;
    const struct lopt_result &result() const { return result_; }
    /* Of a fault in the code: lopt_recover. */
    unsigned recover(struct cpu *cpu, const ucontext_t *uc) const
    {
        return lopt_recover(result_.faults, (uint32_t)(host_context_pc(uc) - (uintptr_t)code_->rx()), cpu, uc);
    }
    std::string disassembly() const;

  private:
    struct lopt_result result_;
    std::unique_ptr<harness::CodeBuffer> code_;
};

/* Runs the region in the interpreter, from block entry on; polls are seen at the region's backward branches. */
Outcome interpret(struct cpu *cpu, const struct ir_region *region, unsigned entry = 0);

/* Compiles, runs both on copies of cpu and of memory(), and compares. Empty: equal. Else what differs. */
std::string compare(const struct ir_region *region, const struct cpu *initial,
                    const struct lopt_options *options = nullptr);

/* The same with code compiled before. resume: the code is run with polls that say yes and entered again where they
 * leave; the region must be one block. */
std::string compare_code(const struct ir_region *region, const Code &code, const struct cpu *initial,
                         bool resume = false, unsigned entry = 0);

std::string print(const struct ir_region *region);

} // namespace lopt_test

#endif
