// SPDX-License-Identifier: Apache-2.0
// Every operation on integer elements, of each width, as the builder makes it of others: it gives what the
// interpreter's one expression for it gives, for elements that are edges and for random ones.
#include "src/ir/interp/interp.h"
#include "src/ir/state.h"
#include "tests/harness/random.h"
#include "tests/unit/ir/ir_test_util.h"

namespace
{
struct Case {
    ir_op op;
    ir_type elem;
};

// An element: an edge, near a power of two, a shift count, or anything.
uint64_t element(harness::Random *r, unsigned bits)
{
    const uint64_t top = UINT64_C(1) << (bits - 1);
    const uint64_t edges[] = {0, 1, top, top - 1, top + 1, ~UINT64_C(0)};
    switch (r->below(4)) {
    case 0:
        return edges[r->below(6)];
    case 1:
        return (UINT64_C(1) << r->below(bits)) - r->below(2);
    case 2:
        return static_cast<uint64_t>(static_cast<int64_t>(r->below(2 * bits + 8)) - bits - 4);
    default:
        return r->next();
    }
}

void set_elements(TestCpu &cpu, TestRowSet set, harness::Random *r, unsigned bits)
{
    for (unsigned i = 0; i < 128 / bits; i++) {
        uint64_t v = element(r, bits);
        memcpy(cpu.row(row_of(set, IR_V128)) + i * bits / 8, &v, bits / 8);
    }
}

// get, the operation, put; a count is a constant, as frontends have it.
std::vector<ir_insn> program(const Case &c, unsigned count)
{
    auto insn = [](unsigned op, unsigned type, unsigned aux, ir_ref a0, ir_ref a1, uint64_t imm) {
        return ir_insn{static_cast<uint8_t>(op),
                       static_cast<uint8_t>(type),
                       static_cast<uint16_t>(aux),
                       {a0, a1, IR_NO_REF, IR_NO_REF},
                       imm};
    };
    const bool one = !ir_op_infos[c.op].sig[3], counted = !one && ir_op_infos[c.op].sig[3] == 'C';
    return {insn(IR_GET, IR_V128, 0, IR_NO_REF, IR_NO_REF, row_of(SET_A, IR_V128)),
            counted ? insn(IR_CONST, IR_I8, 0, IR_NO_REF, IR_NO_REF, count)
                    : insn(IR_GET, IR_V128, 0, IR_NO_REF, IR_NO_REF, row_of(SET_B, IR_V128)),
            insn(c.op, IR_V128, c.elem, 0, one ? IR_NO_REF : 1, 0),
            insn(IR_PUT, IR_V128, 0, 2, IR_NO_REF, row_of(SET_R, IR_V128)),
            insn(IR_JUMP, IR_VOID, 0, IR_NO_REF, IR_NO_REF, 0x4000)};
}

std::string result(const ir_block *block, uint64_t seed, unsigned bits)
{
    TestCpu cpu;
    harness::Random r{seed};
    set_elements(cpu, SET_A, &r, bits);
    set_elements(cpu, SET_B, &r, bits);
    ir_exit exit;
    ir_interp(cpu.cpu.get(), block, &exit);
    return hex(cpu.row(row_of(SET_R, IR_V128)), 16);
}

class ExpandVec : public testing::TestWithParam<unsigned>
{
};
} // namespace

TEST_P(ExpandVec, GivesWhatTheOperationGives)
{
    for (unsigned e = IR_I8; e <= IR_I64; e++) {
        const Case c = {static_cast<ir_op>(GetParam()), static_cast<ir_type>(e)};
        const unsigned bits = ir_type_bits(c.elem);
        for (unsigned count = 0; count < (ir_op_infos[c.op].sig[3] == 'C' ? 70u : 1u); count++) {
            std::vector<ir_insn> insns = program(c, count);
            Arena a;
            ir_block block = {};
            block.count = static_cast<uint32_t>(insns.size());
            block.insns = insns.data();
            block.state = test_state();
            if (!verify(&block).empty())
                break; // not for this width
            const ir_block *better = optimize(&a, &block);
            ASSERT_EQ(verify(better), "") << print(better);
            for (uint64_t seed = 1; seed <= (count ? 8 : 150); seed++)
                ASSERT_EQ(result(better, seed, bits), result(&block, seed, bits)) << seed << print(better);
        }
    }
}

static std::vector<unsigned> element_ops()
{
    std::vector<unsigned> ops;
    for (unsigned op = 0; op < IR_OP_COUNT; op++) {
        const std::string sig = ir_op_infos[op].sig;
        if (ir_op_facts[op].aux == IR_AUX_VEC && (sig == "T:TT" || sig == "T:T" || sig == "T:TC"))
            ops.push_back(op);
    }
    return ops;
}

INSTANTIATE_TEST_SUITE_P(All, ExpandVec, testing::ValuesIn(element_ops()),
                         [](const testing::TestParamInfo<unsigned> &info) {
                             std::string s = ir_op_infos[info.param].text;
                             for (char &c : s)
                                 c = c == '.' ? '_' : c;
                             return s;
                         });
