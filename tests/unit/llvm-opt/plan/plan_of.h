/* SPDX-License-Identifier: Apache-2.0 */
/* Plans of regions that are written as text.
 *
 * The guest here is made up: integers x0..x6 (x0, x1 pinned), floats f0..f3 (f0 pinned), vectors v0 and v1, status
 * flags z and c, and 80-bit registers t0 and t1, which are empty unless bit 0 or 1 of the mode is set. */
#ifndef TANDEM_TESTS_LOPT_PLAN_PLAN_OF_H
#define TANDEM_TESTS_LOPT_PLAN_PLAN_OF_H

#include <string>
#include <vector>

#include "llvm-opt/plan/plan.h"
#include "src/ir/region.h"
#include "src/ir/state.h"

namespace lopt_plan_test
{

enum Row : unsigned { X0, X1, X2, X3, X4, X5, X6, F0, F1, F2, F3, V0, V1, Z, C, T0, T1, ROW_COUNT };
enum Flag : uint32_t { FLAG_Z = 1, FLAG_C = 2, FLAGS = 3 };
extern const struct ir_state kState;

struct Block {
    std::string text; /* as ir_print writes it */
    uint64_t weight = 0;
    std::vector<gaddr_t> targets = {};
    uint8_t entry = 0;
};

/* A region of these blocks, and the plan that is made of it. */
class Plan
{
  public:
    Plan(std::initializer_list<Block> blocks, std::initializer_list<std::string> outside = {}, bool precise = false);
    explicit Plan(const std::vector<Block> &blocks);
    ~Plan() { arena_fini(&arena_); }
    Plan(const Plan &) = delete;
    Plan &operator=(const Plan &) = delete;

    void share_memory() { region_.ordered = true; } /* others see it */
    /* Makes it, with options (or the default ones: at most 4 copies, polls, vector loops, FMA). */
    const struct lopt_plan &make();
    struct lopt_plan_options options = {4, true, true, true, true, 256, true};
    const struct ir_region *region() const { return &region_; }
    struct arena *arena() { return &arena_; }
    enum status status = STATUS_OK;

  private:
    const struct ir_block *parse(const std::string &text);
    struct arena arena_;
    std::vector<struct ir_region_block> blocks_;
    std::vector<const struct ir_block *> outside_;
    struct ir_region region_ = {};
    struct lopt_plan plan_ = {};
};

} // namespace lopt_plan_test

#endif
