// SPDX-License-Identifier: Apache-2.0
// The facts in the tables of src/ir, held against what the interpreter does: a trait in the wrong row is a failure.
#include <set>

#include "src/ir/exits.h"
#include "src/ir/interp/interp.h"
#include "src/ir/value.h"
#include "tests/unit/ir/ir_test_util.h"

namespace
{
constexpr uint64_t kValues[] = {0,
                                1,
                                2,
                                0x7f,
                                0x80,
                                0xff,
                                0x7fff,
                                0x8000,
                                0x7fffffff,
                                0x80000000,
                                ~UINT64_C(0),
                                UINT64_C(1) << 63,
                                0x0123456789abcdef};

ir_value value(uint64_t v)
{
    ir_value r = {};
    r.u64[0] = v;
    return r;
}

// The low 64 bits of an operation on operands of one type.
uint64_t eval(unsigned op, ir_type type, unsigned aux, ir_type from, const std::vector<uint64_t> &operands)
{
    TestCpu cpu;
    const ir_insn insn = {
        static_cast<uint8_t>(op), static_cast<uint8_t>(type), static_cast<uint16_t>(aux), {0, 1, 2, IR_NO_REF}, 0};
    const ir_type types[] = {from, from, from, IR_VOID};
    ir_value args[3] = {}, result = {};
    for (size_t i = 0; i < operands.size(); i++)
        args[i] = value(operands[i]);
    ir_eval(cpu.cpu.get(), &insn, types, args, &result);
    unsigned bits = ir_type_bits(ir_insn_result_type(&insn));
    return bits < 64 ? result.u64[0] & ((UINT64_C(1) << bits) - 1) : result.u64[0];
}

TEST(Facts, CommutingOperationsCommute)
{
    for (unsigned op = 0; op < IR_OP_COUNT; op++) {
        if (!(ir_op_facts[op].traits & IR_COMMUTES))
            continue;
        for (ir_type type : {IR_I8, IR_I16, IR_I32, IR_I64})
            for (uint64_t a : kValues)
                for (uint64_t b : kValues)
                    EXPECT_EQ(eval(op, type, 0, type, {a, b}), eval(op, type, 0, type, {b, a})) << ir_op_infos[op].text;
    }
}

TEST(Facts, QuietOperationsGiveNoSignalingNan)
{
    const uint64_t signaling[] = {0x7f800001, 0x7ff0000000000001}, quiet_bit[] = {0x400000, 0x8000000000000};
    for (unsigned op = 0; op < IR_OP_COUNT; op++) {
        if (!(ir_op_facts[op].traits & IR_QUIET))
            continue;
        for (ir_nan_rule rule : {IR_NAN_ANY, IR_NAN_X86, IR_NAN_ARM})
            for (unsigned wide = 0; wide < 2; wide++) {
                ir_type to = wide ? IR_F64 : IR_F32, from = op != IR_FCVT_FF ? to : wide ? IR_F32 : IR_F64;
                uint64_t nan = signaling[from == IR_F64];
                uint64_t got = eval(op, to, IR_RNE | ir_fp_nan(rule), from, {nan, nan, nan});
                bool minmax_x86 = rule == IR_NAN_X86 && (op == IR_FMIN || op == IR_FMAX);
                EXPECT_TRUE(minmax_x86 || got & quiet_bit[wide]) << ir_op_infos[op].text << " rule " << rule;
            }
    }
}

TEST(Facts, CanonicalOperationsGiveTheCanonicalNanOrNone)
{
    EXPECT_EQ(eval(IR_FCANON, IR_F64, 0, IR_F64, {0xfff0000000000123}), 0x7ff8000000000000u);
    for (unsigned op : {IR_FCVT_SF, IR_FCVT_UF})
        for (uint64_t v : kValues) {
            EXPECT_TRUE(ir_op_facts[op].traits & IR_CANONICAL);
            EXPECT_LT(eval(op, IR_F64, IR_RNE, IR_I64, {v}) & INT64_MAX, 0x7ff0000000000000u);
        }
}

TEST(Facts, ConditionsSwapAndInvert)
{
    for (unsigned cond = 0; cond < IR_COND_COUNT; cond++)
        for (uint64_t a : kValues)
            for (uint64_t b : kValues) {
                uint64_t holds = eval(IR_ICMP, IR_I64, cond, IR_I64, {a, b});
                EXPECT_EQ(holds, eval(IR_ICMP, IR_I64, ir_cond_swapped(cond), IR_I64, {b, a})) << cond;
                EXPECT_NE(holds, eval(IR_ICMP, IR_I64, ir_cond_inverse(cond), IR_I64, {a, b})) << cond;
            }
}

TEST(Facts, ExitsAndTrapsHaveNamesOfTheirOwn)
{
    std::set<std::string> exits, traps;
    for (const struct ir_exit_facts &e : ir_exit_facts)
        EXPECT_TRUE(exits.insert(e.text).second) << e.text;
    for (const char *name : ir_trap_names)
        EXPECT_TRUE(traps.insert(name).second) << name;
    EXPECT_STREQ(ir_exit_facts[IR_EXIT_RET_MATCHED].text, "ret.matched");
    EXPECT_STREQ(ir_exit_facts[IR_EXIT_POLL].text, "poll");
}

TEST(Text, ImmediatesOfEachKindSurvive)
{
    for (const char *text : {"dead.flags 0x5\n", "%0 = get v128 $a.v128\n%1 = vfn v128 %0 %0 %0 @mix {n=3}\n",
                             "%0 = get v128 $a.v128\n%1 = vshuf v128 %0 %0 #12816 {i32}\n",
                             "%0 = get v128 $a.v128\n%1 = vgete i32 %0 #3 {i32}\n", "call.hint 0x1004\n",
                             "%0 = get i64 $x0\n%1 = ld i32 %0 -8 {i16 signed}\n"}) {
        Arena a;
        EXPECT_EQ(print_body(parse(&a, text)), text);
    }
}

TEST(Verify, ACallNeedsAFunction)
{
    Arena a;
    const ir_block *block = parse(&a, "call @h {rstate}\njump 0x10\n");
    ir_insn insns[2] = {block->insns[0], block->insns[1]};
    EXPECT_EQ(verify(block), "");
    insns[0] = {IR_VFN, IR_V128, 0, {IR_NO_REF, IR_NO_REF, IR_NO_REF, IR_NO_REF}, 0};
    ir_block broken = *block;
    broken.insns = insns;
    EXPECT_NE(verify(&broken), "");
}
} // namespace
