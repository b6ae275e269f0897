/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/llvm-opt/plan/plan_of.h"

#include <gtest/gtest.h>

#include "src/ir/region.h"
#include "src/ir/state.h"
#include "src/ir/text/parse.h"

namespace lopt_plan_test
{

namespace
{
constexpr uint16_t at(unsigned row) { return (uint16_t)(offsetof(struct cpu, guest) + 16 * row); }
const struct ir_state_row kRows[ROW_COUNT] = {
    {"x0", at(X0), IR_I64},  {"x1", at(X1), IR_I64}, {"x2", at(X2), IR_I64}, {"x3", at(X3), IR_I64},
    {"x4", at(X4), IR_I64},  {"x5", at(X5), IR_I64}, {"x6", at(X6), IR_I64}, {"f0", at(F0), IR_F64},
    {"f1", at(F1), IR_F64},  {"f2", at(F2), IR_F64}, {"f3", at(F3), IR_F64}, {"v0", at(V0), IR_V128},
    {"v1", at(V1), IR_V128}, {"z", at(Z), IR_I1},    {"c", at(C), IR_I1},    {"t0", at(T0), IR_F80},
    {"t1", at(T1), IR_F80},
};
const uint16_t kGprs[] = {X0, X1}, kFprs[] = {F0}, kFlags[] = {Z, C};
} // namespace

const struct ir_state kState = {kRows, ROW_COUNT, kGprs, 2, kFprs, 1, 0, kFlags, 2, T0, 2, 0};

const struct ir_block *Plan::parse(const std::string &text)
{
    char message[256];
    const struct ir_block *block = nullptr;
    enum status s = ir_parse(text.c_str(), &kState, &arena_, &block, message, sizeof message);
    EXPECT_EQ(s, STATUS_OK) << message << "\n" << text;
    return block;
}

Plan::Plan(const std::vector<Block> &blocks)
{
    arena_init(&arena_);
    for (const Block &b : blocks) {
        struct ir_region_block rb = {};
        rb.block = parse(b.text);
        rb.weight = b.weight;
        rb.entry = b.entry;
        rb.target_count = (unsigned)b.targets.size();
        for (unsigned i = 0; i < rb.target_count; i++)
            rb.targets[i] = b.targets[i];
        blocks_.push_back(rb);
    }
    region_.blocks = blocks_.data();
    region_.count = (unsigned)blocks_.size();
}

Plan::Plan(std::initializer_list<Block> blocks, std::initializer_list<std::string> outside, bool precise)
    : Plan(std::vector<Block>(blocks))
{
    for (const std::string &text : outside)
        outside_.push_back(parse(text));
    region_.outside = outside_.data();
    region_.outside_count = (unsigned)outside_.size();
    region_.precise = precise;
}

const struct lopt_plan &Plan::make()
{
    status = lopt_plan_make(&plan_, &region_, &options, &arena_);
    return plan_;
}

} // namespace lopt_plan_test
