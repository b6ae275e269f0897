// SPDX-License-Identifier: Apache-2.0
// Random blocks: what the builder and the passes make of a block must do the same as the block as written. The
// generator takes operations and operand types from ops.def, so a new operation takes part at once. It prefers what
// rules look for: chains (an operand is often the value just made), constants on the right, and the operations that
// have rules; and it stores what it makes, since a wrong value that nobody sees is no failure.

#include "src/ir/interp/interp.h"
#include "src/ir/state.h"
#include "src/ir/value.h"
#include "tests/harness/random.h"
#include "tests/unit/ir/ir_test_util.h"

namespace
{
static void mix(union ir_value *r, const union ir_value *const *a, unsigned imm)
{
    for (unsigned i = 0; i < 2; i++)
        r->u64[i] = (a[0]->u64[i] ^ a[1]->u64[!i]) + 3 * a[2]->u64[i] + imm;
}
static const struct ir_vec_fn vec_fn = {"mix", mix, IR_VEC_OTHER};

class Generator
{
  public:
    Generator(unsigned seed, uint8_t *memory) : engine_{seed}, memory_(memory) {}

    // A verified block of about `size` operations that ends in a jump.
    std::vector<ir_insn> block(unsigned size)
    {
        insns_.clear();
        last_ = 0;
        for (unsigned t = 1; t < IR_TYPE_COUNT; t++)
            for (unsigned set = 0; set < 3; set++)
                add(IR_GET, t, 0, {}, row_of(static_cast<TestRowSet>(set), static_cast<ir_type>(t)));
        for (unsigned i = 0; i < size; i++)
            step();
        add(IR_JUMP, IR_VOID, 0, {}, 0x4000);
        return insns_;
    }

  private:
    uint32_t pick(uint32_t n) { return engine_.below(n); }

    ir_ref add(unsigned op, unsigned type, unsigned aux, std::vector<ir_ref> args, uint64_t imm)
    {
        ir_insn in = {static_cast<uint8_t>(op),
                      static_cast<uint8_t>(type),
                      static_cast<uint16_t>(aux),
                      {IR_NO_REF, IR_NO_REF, IR_NO_REF, IR_NO_REF},
                      imm};
        for (size_t i = 0; i < args.size(); i++)
            in.arg[i] = args[i];
        insns_.push_back(in);
        return static_cast<ir_ref>(insns_.size() - 1);
    }

    // A recent value of the type, or a constant that rules like.
    ir_ref value(unsigned type)
    {
        if (!insns_.empty() && pick(2) && ir_insn_result_type(&insns_[last_]) == type)
            return last_;
        if (pick(3) == 0 && type != IR_V256)
            return constant(type);
        for (unsigned tries = 0; tries < 400; tries++) {
            size_t back = pick(tries < 60 ? 12 : static_cast<uint32_t>(insns_.size()));
            if (back < insns_.size() && ir_insn_result_type(&insns_[insns_.size() - 1 - back]) == type)
                return static_cast<ir_ref>(insns_.size() - 1 - back);
        }
        return static_cast<ir_ref>((type - 1) * 3);
    }

    ir_ref constant(unsigned type)
    {
        static const uint64_t liked[] = {0,
                                         1,
                                         2,
                                         8,
                                         31,
                                         32,
                                         48,
                                         56,
                                         63,
                                         0xff,
                                         0xffff,
                                         0x7fffffff,
                                         0x80000000,
                                         0xffffffff,
                                         ~UINT64_C(0),
                                         UINT64_C(1) << 63,
                                         0x7ff8000000000000,
                                         0x3ff0000000000000};
        unsigned bits = ir_type_bits(static_cast<ir_type>(type));
        uint64_t v = pick(4) ? liked[pick(ARRAY_LEN(liked))] : engine_();
        if (bits < 64)
            v &= (UINT64_C(1) << bits) - 1;
        ir_ref r = add(IR_CONST, type, 0, {}, v);
        if (bits > 64)
            for (ir_ref &a : insns_.back().arg)
                a = type == IR_F80 ? 0 : static_cast<ir_ref>(pick(2) ? 0 : engine_());
        return r;
    }

    unsigned random_int() { return IR_I8 + pick(5); }

    void step()
    {
        switch (pick(12)) {
        case 0:
            memory_op();
            break;
        case 1:
        case 2:
            state_op();
            break;
        case 3:
            control_op();
            break;
        default:
            value_op();
            break;
        }
    }

    void state_op()
    {
        unsigned type = pick(2) ? static_cast<unsigned>(IR_I64) : 1 + pick(IR_TYPE_COUNT - 1);
        unsigned row = row_of(static_cast<TestRowSet>(pick(4)), static_cast<ir_type>(type));
        if (pick(2))
            add(IR_GET, type, 0, {}, row);
        else
            add(IR_PUT, type, 0, {value(type)}, row);
    }

    void memory_op()
    {
        static const unsigned types[] = {IR_I8,  IR_I16, IR_I32, IR_I64,  IR_I128,
                                         IR_F32, IR_F64, IR_F80, IR_V128, IR_V256};
        unsigned mem = types[pick(ARRAY_LEN(types))], type = mem, aux = mem;
        if (mem <= IR_I64 && pick(2))
            type = mem + pick(IR_I64 - mem + 1);
        aux |= pick(3) == 0 ? static_cast<unsigned>(IR_MEM_BIG) : 0u;
        ir_ref base = add(IR_CONST, IR_I64, 0, {}, reinterpret_cast<uint64_t>(memory_) + pick(32));
        ir_ref addr = add(IR_ADD, IR_I64, 0, {base, add(IR_CONST, IR_I64, 0, {}, pick(32))}, 0);
        if (pick(2))
            add(IR_ST, type, aux, {addr, value(type)}, pick(16));
        else
            add(IR_LD, type, aux | (mem <= IR_I64 && pick(2) ? static_cast<unsigned>(IR_MEM_SIGNED) : 0u), {addr},
                pick(16));
    }

    void control_op()
    {
        if (pick(4) == 0)
            add(IR_EXIT_IF, IR_VOID, IR_HINT_NONE, {value(IR_I1)}, 0x5000 + insns_.size());
        else
            add(IR_INSN, IR_VOID, 4, {}, 0x1000 + 4 * insns_.size());
    }

    // The type field that fits an operation; IR_VOID: not one for this generator.
    unsigned type_for(unsigned op)
    {
        switch (ir_op_facts[op].aux) {
        case IR_AUX_FP:
            if (op == IR_FCVT_FS || op == IR_FCVT_FU || op == IR_FCLASS)
                return IR_I8 + pick(4);
            return IR_F32 + pick(op == IR_FMA ? 2 : 3);
        case IR_AUX_FCOND:
            return op == IR_VFCMP ? IR_V128 + pick(2) : IR_F32 + pick(3);
        case IR_AUX_VEC:
            if (op == IR_VMOVMSK || op == IR_VGETE)
                return op == IR_VGETE ? IR_I64 : IR_I32;
            return IR_V128 + pick(2);
        default:
            break;
        }
        switch (op) {
        case IR_CONCAT:
            return IR_I16 + pick(4);
        case IR_HIGH:
            return IR_I8 + pick(4);
        case IR_SEXT:
        case IR_ZEXT:
            return IR_I16 + pick(4);
        case IR_TRUNC:
            return IR_I1 + pick(5);
        case IR_BITCAST:
            return pick(2) ? IR_I64 : IR_F64;
        case IR_FBOX:
            return IR_F64;
        case IR_FUNBOX:
            return IR_F32;
        case IR_FFLAGS:
            return IR_I32;
        case IR_BSWAP:
            return IR_I16 + pick(3);
        case IR_AND:
        case IR_OR:
        case IR_XOR:
        case IR_NOT:
            return IR_I1 + pick(6);
        case IR_SELECT:
            return 1 + pick(IR_TYPE_COUNT - 1);
        default:
            return random_int();
        }
    }

    unsigned aux_for(unsigned op, unsigned type)
    {
        static const unsigned rms[] = {IR_RNE, IR_RTZ, IR_RDN, IR_RUP, IR_RMM, IR_ROD, IR_RDYN};
        switch (ir_op_facts[op].aux) {
        case IR_AUX_COND:
            return pick(IR_COND_COUNT);
        case IR_AUX_FCOND:
            return pick(4) | pick(2) << 3 | (op == IR_VFCMP ? (IR_F32 + pick(2)) << IR_FP_ELEM_SHIFT : 0u);
        case IR_AUX_FP:
            return rms[pick(7)] | (pick(6) ? 0u : (1 + pick(2)) << IR_FP_NAN_SHIFT) |
                   (pick(8) ? 0u : static_cast<unsigned>(IR_FP_FTZ));
        case IR_AUX_VEC:
            if (op == IR_VSAD)
                return IR_I8;
            if (op == IR_VMULE_S || op == IR_VMULE_U || op == IR_VDOT_S)
                return IR_I8 + pick(3);
            return op == IR_VPACK_SS || op == IR_VPACK_SU ? IR_I16 + pick(2) : IR_I8 + pick(4);
        case IR_AUX_BITS: {
            unsigned bits = ir_type_bits(static_cast<ir_type>(type)), pos = pick(bits);
            return ir_bits(pos, 1 + pick(bits - pos));
        }
        default:
            return 0;
        }
    }

    // The type of operand `letter` of an operation.
    unsigned operand_type(unsigned op, unsigned type, char letter, unsigned aux)
    {
        switch (letter) {
        case 'T':
            return type;
        case 'B':
            return IR_I1;
        case 'A':
            return IR_I64;
        case 'C':
            return IR_I8;
        case 'V':
            return IR_V128 + pick(2);
        case 'F':
            if (op == IR_FBOX || op == IR_FUNBOX)
                return op == IR_FBOX ? IR_F32 : IR_F64;
            return IR_F32 + pick(3);
        case '*':
            if (op == IR_BITCAST)
                return type == IR_I64 ? IR_F64 : IR_I64;
            return aux & IR_VEC_ELEM;
        default:
            break; // I
        }
        switch (op) {
        case IR_SEXT:
        case IR_ZEXT:
            return IR_I1 + pick(type - IR_I1);
        case IR_TRUNC:
            return type + 1 + pick(IR_I128 - type);
        case IR_CONCAT:
            return type - 1;
        case IR_HIGH:
            return type + 1;
        default:
            return IR_I8 + pick(4);
        }
    }

    void value_op()
    {
        static const uint8_t with_rules[] = {IR_ADD,  IR_SUB,   IR_AND,   IR_OR,  IR_XOR,   IR_SHL,  IR_SHR,
                                             IR_SAR,  IR_ICMP,  IR_ICMP,  IR_NOT, IR_NOT,   IR_SEXT, IR_ZEXT,
                                             IR_ZEXT, IR_TRUNC, IR_TRUNC, IR_NEG, IR_SELECT};
        unsigned op = with_rules[pick(ARRAY_LEN(with_rules))];
        if (pick(2))
            op = insns_[last_].op; // a chain
        while (ir_op_facts[op].effects & ~(IR_FX_FPOBS | IR_FX_FPFLAG) || ir_op_infos[op].sig[0] == '-' ||
               op == IR_CONST || ir_op_facts[op].aux == IR_AUX_X87 || pick(3) == 0) // x87: the x86 fuzzer
            op = pick(IR_OP_COUNT);
        unsigned type = op == IR_VFN ? static_cast<unsigned>(IR_V128) : type_for(op);
        if (op != IR_VFN && pick(2) && ir_op_infos[op].sig[2] == 'T' && ir_op_facts[op].aux != IR_AUX_VEC &&
            fits(op, result_type(last_)))
            type = result_type(last_);
        unsigned aux = aux_for(op, type);
        std::vector<ir_ref> args;
        for (const char *letter = ir_op_infos[op].sig + 2; *letter; letter++) {
            unsigned t = operand_type(op, type, *letter, aux);
            bool right = letter != ir_op_infos[op].sig + 2;
            args.push_back(right && pick(2) && t != IR_V256 ? constant(t) : value(t));
        }
        last_ = add(op, type, aux, args,
                    op == IR_VFN                                        ? reinterpret_cast<uintptr_t>(&vec_fn)
                    : op == IR_VSHUF                                    ? engine_()
                    : op == IR_VGETE || op == IR_VSETE || op == IR_VEXT ? pick(2)
                                                                        : 0);
        unsigned made = result_type(last_);
        if (pick(3))
            add(IR_PUT, made, 0, {last_},
                made == IR_I64 ? ROW_X0 + pick(8)
                               : row_of(static_cast<TestRowSet>(pick(4)), static_cast<ir_type>(made)));
    }

    unsigned result_type(ir_ref v) { return ir_insn_result_type(&insns_[v]); }

    // May an operation on operands of type T have this type?
    bool fits(unsigned op, unsigned type)
    {
        unsigned like = type_for(op);
        bool is_int = type >= IR_I8 && type <= IR_I128, is_float = type >= IR_F32 && type <= IR_F80;
        if (op == IR_FMA || op == IR_BSWAP)
            return false;
        return like >= IR_F32 ? is_float && like <= IR_F80 : is_int;
    }

    harness::Random engine_;
    uint8_t *memory_;
    std::vector<ir_insn> insns_;
    ir_ref last_ = 0; // the value made last
};

struct Outcome {
    std::string state, memory;
    unsigned flags;
    gaddr_t pc;
    bool operator==(const Outcome &o) const
    {
        return state == o.state && memory == o.memory && flags == o.flags && pc == o.pc;
    }
};

Outcome run(const ir_block *block, unsigned seed, uint8_t *memory)
{
    harness::Random engine{seed};
    for (unsigned i = 0; i < 128; i++)
        memory[i] = static_cast<uint8_t>(engine());
    TestCpu cpu;
    for (unsigned r = 0; r < ROW_COUNT; r++) {
        uint64_t v[4];
        for (uint64_t &word : v)
            word = engine() % 4 ? engine() : engine() % 3;
        memcpy(cpu.row(r), v, (ir_type_bits(static_cast<ir_type>(test_state()->rows[r].type)) + 7) / 8);
        if (test_state()->rows[r].type == IR_I1)
            *cpu.row(r) &= 1;
    }
    ir_exit exit;
    ir_interp(cpu.cpu.get(), block, &exit);
    return {hex(cpu.cpu->guest, sizeof cpu.cpu->guest), hex(memory, 128), cpu.cpu->fp_flags, exit.pc};
}

TEST(Fuzz, OptimizedBlocksDoTheSame)
{
    alignas(16) static uint8_t memory[128];
    for (unsigned seed = 1; seed <= 4000; seed++) {
        std::vector<ir_insn> insns = Generator(seed, memory).block(10 + seed % 70);
        Arena a;
        ir_block block = {};
        block.count = static_cast<uint32_t>(insns.size());
        block.insns = insns.data();
        block.state = test_state();
        ASSERT_EQ(verify(&block), "") << print(&block);
        const ir_block *better = optimize(&a, &block);
        ASSERT_EQ(verify(better), "") << print(&block) << print(better);
        Outcome want = run(&block, seed, memory), got = run(better, seed, memory);
        ASSERT_TRUE(got == want) << "seed " << seed << "\n" << print(&block) << "becomes\n" << print(better);
        EXPECT_EQ(print(parse(&a, print(&block))), print(&block));
    }
}
} // namespace
