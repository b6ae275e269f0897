/* SPDX-License-Identifier: Apache-2.0 */
/* What the host code looks like, where a regression would only be slow. */
#include <gtest/gtest.h>

#include <algorithm>

#include "src/ir/region.h"
#include "src/ir/state.h"
#include "tests/unit/llvm-opt/emit/harness.h"

using namespace lopt_test;

namespace
{

unsigned count(const std::string &text, const std::string &what)
{
    unsigned n = 0;
    for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1))
        n++;
    return n;
}

std::string disassembly(Region &r, bool ordered)
{
    struct ir_region region = *r.get();
    region.ordered = ordered;
    return Code(&region).disassembly();
}

unsigned lines(const std::string &text) { return (unsigned)std::count(text.begin(), text.end(), '\n'); }

/* Ends the block, a loop over the 8-byte elements from p, which is x0, to x1; gives the region's code. */
std::string end_stepping_loop(Region &r, struct ir_builder *b, ir_ref p)
{
    ir_ref next = ir_bini(b, IR_ADD, p, 8);
    ir_put(b, X0, next);
    ir_exit_if(b, ir_icmp(b, IR_NE, next, ir_get(b, X0 + 1)), block_pc(0));
    ir_jump(b, IR_HINT_NONE, kOutside);
    r.end({}, 1000);
    return Code(r.get()).disassembly();
}

} // namespace

TEST(LoptShape, PinnedRegistersNeedNoGlue)
{
    Region r;
    struct ir_builder *b = r.begin();
    ir_put(b, X0 + 2, ir_bin(b, IR_ADD, ir_get(b, X0 + 2), ir_get(b, X0 + 3)));
    ir_jump(b, IR_HINT_NONE, kOutside);
    r.end();
    std::string code = Code(r.get()).disassembly();
    EXPECT_EQ(lines(code), 2u) << code; /* add, jmp */
}

TEST(LoptShape, LoadsUseAddressModesAndFold)
{
    Region r;
    struct ir_builder *b = r.begin();
    ir_ref a = ir_bin(b, IR_ADD, ir_get(b, X0), ir_bini(b, IR_SHL, ir_get(b, X0 + 1), 3));
    ir_put(b, X0 + 2, ir_bin(b, IR_ADD, ir_get(b, X0 + 2), ir_ld(b, IR_I64, IR_I64, a, 16)));
    ir_jump(b, IR_HINT_NONE, kOutside);
    r.end();
    std::string code = Code(r.get()).disassembly();
    EXPECT_EQ(lines(code), 2u) << code; /* add 16(%rbp,%r12,8), %rbx; jmp */
}

TEST(LoptShape, DoubleLoopHasNoNanChecks)
{
    Region r;
    struct ir_builder *b = r.begin();
    ir_ref p = ir_get(b, X0);
    ir_ref sum = ir_fp(b, IR_FADD, IR_F64, IR_RDYN, ir_get(b, F0), ir_ld(b, IR_F64, IR_F64, p, 8), IR_NO_REF);
    ir_put(b, F0, ir_fp(b, IR_FCANON, IR_F64, 0, sum, IR_NO_REF, IR_NO_REF));
    std::string code = end_stepping_loop(r, b, p);
    size_t poll = code.find("(%r13)");
    ASSERT_NE(poll, std::string::npos);
    std::string loop = code.substr(0, poll);
    EXPECT_EQ(count(loop, "addsd\t8("), 1u) << code;
    EXPECT_EQ(count(loop, "cmp"), 1u) << code; /* of the pointers */
}

TEST(LoptShape, StateAndGuestMemoryDoNotAlias)
{
    Region r;
    struct ir_builder *b = r.begin();
    for (unsigned i = 0; i < 3; i++) { /* x12 is in memory: loaded once, stored once */
        ir_ref v = ir_bini(b, IR_ADD, ir_get(b, X0 + 12), 1);
        ir_put(b, X0 + 12, v);
        ir_st(b, IR_I64, ir_get(b, X0), i * 8, v);
    }
    ir_jump(b, IR_HINT_NONE, kOutside);
    r.end();
    std::string code = Code(r.get()).disassembly();
    EXPECT_EQ(count(code, "112(%r13)"), 2u) << code;
}

TEST(LoptShape, CallsInRegionCostOneCompare)
{
    Region r;
    struct ir_builder *b = r.begin();
    ir_put(b, X0 + 1, ir_const(b, IR_I64, block_pc(2)));
    ir_call_hint(b, block_pc(2));
    ir_jump(b, IR_HINT_CALL, block_pc(1));
    r.end();
    b = r.begin();
    ir_put(b, X0 + 2, ir_bini(b, IR_ADD, ir_get(b, X0 + 2), 3));
    ir_jump_reg(b, IR_HINT_RET, ir_get(b, X0 + 1));
    r.end({block_pc(2)});
    b = r.begin();
    ir_jump(b, IR_HINT_NONE, kOutside);
    r.end();
    std::string code = Code(r.get()).disassembly();
    EXPECT_LE(lines(code), 3u) << code; /* the return address is known: mov, add, jmp */
}

/* Two loads of one place: one instruction does where nobody can see the order (x86 guests), else both stay, in
 * order. */
TEST(LoptShape, AcquiringLoadsStayInOrderedRegionsOnly)
{
    for (bool ordered : {false, true}) {
        Region r;
        struct ir_builder *b = r.begin();
        uint16_t aux = IR_I64 | 1 << IR_MEM_ORDER_SHIFT;
        ir_ref first = ir_ld(b, IR_I64, aux, ir_get(b, X0), 8),
               vector = ir_ld(b, IR_V128, IR_V128 | 1 << IR_MEM_ORDER_SHIFT, ir_get(b, X0), 3);
        ir_put(b, X0 + 1, first);
        ir_put(b, X0 + 2, ir_ld(b, IR_I64, aux, ir_get(b, X0), 8));
        ir_put(b, V0, vector);
        ir_jump(b, IR_HINT_NONE, kOutside);
        r.end();
        std::string code = disassembly(r, ordered);
        EXPECT_EQ(count(code, "8(%rbp)"), ordered ? 2u : 1u) << code;
        EXPECT_EQ(count(code, "3(%rbp)"), 1u) << code;
        EXPECT_EQ(count(code, "call"), 0u) << code;
    }
}

/* Nobody else sees the memory: an atomic addition is a plain one. */
TEST(LoptShape, AtomicsAreLockedInOrderedRegionsOnly)
{
    for (bool ordered : {false, true}) {
        Region r;
        struct ir_builder *b = r.begin();
        ir_put(b, X0 + 1, ir_amo(b, IR_AMO_ADD, IR_I64 | 3 << IR_MEM_ORDER_SHIFT, ir_get(b, X0), ir_get(b, X0 + 2)));
        ir_put(b, X0 + 3,
               ir_cas(b, IR_I64 | 3 << IR_MEM_ORDER_SHIFT, ir_get(b, X0), ir_get(b, X0 + 4), ir_get(b, X0 + 5)));
        ir_jump(b, IR_HINT_NONE, kOutside);
        r.end();
        std::string code = disassembly(r, ordered);
        EXPECT_EQ(count(code, "lock"), ordered ? 2u : 0u) << code;
    }
}

/* x86's scalar addition: the lower element of v0 changes, the upper stays. In the loop that is one addition, no
 * blend. */
TEST(LoptShape, ScalarsInVectorRegistersAreNotBlended)
{
    Region r;
    struct ir_builder *b = r.begin();
    ir_ref v = ir_get(b, V0), p = ir_get(b, X0);
    ir_ref low = ir_emit(b, IR_VGETE, IR_F64, IR_F64, v, IR_NO_REF, IR_NO_REF, 0);
    low = ir_fp(b, IR_FADD, IR_F64, IR_RDYN | 1 << IR_FP_NAN_SHIFT, low, ir_ld(b, IR_F64, IR_F64, p, 8), IR_NO_REF);
    ir_put(b, V0, ir_emit(b, IR_VSETE, IR_V128, IR_F64, v, low, IR_NO_REF, 0));
    std::string code = end_stepping_loop(r, b, p);
    EXPECT_EQ(count(code, "addsd"), 1u) << code;
    EXPECT_EQ(count(code, "blend") + count(code, "unpck") + count(code, "pinsr"), 0u) << code;
}

/* A flag that the loop's head writes is stored behind the loop, not at the poll within it. */
TEST(LoptShape, FlagsThatAreOverwrittenAreNotStoredAtPolls)
{
    static const uint16_t flags[] = {BIT};
    struct ir_state state = kState;
    for (bool known : {false, true}) {
        state.flags = flags, state.flag_count = known;
        Region r(&state);
        struct ir_builder *b = r.begin();
        ir_ref n = ir_bini(b, IR_SUB, ir_get(b, X0), 1);
        ir_put(b, X0, n);
        ir_put(b, BIT, ir_icmp(b, IR_ULT, n, ir_get(b, X0 + 2)));
        ir_exit_if(b, ir_icmp(b, IR_NE, n, ir_get(b, X0 + 1)), block_pc(0));
        ir_jump(b, IR_HINT_NONE, kOutside);
        r.end({}, 1000);
        std::string code = Code(r.get()).disassembly();
        EXPECT_EQ(count(code, "set"), known ? 1u : 2u) << code;
    }
}
