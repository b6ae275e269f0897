// SPDX-License-Identifier: Apache-2.0
// What the tests of src/ir share: a state table with rows of every type, values written as hexadecimal text, and blocks
// written as text.
#ifndef TANDEM_TESTS_IR_TEST_UTIL_H
#define TANDEM_TESTS_IR_TEST_UTIL_H

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "src/ir/build/verify.h"
#include "src/ir/interp/interp.h"
#include "src/ir/simplify/dead.h"
#include "src/ir/simplify/pair_canons.h"
#include "src/ir/simplify/seal.h"
#include "src/ir/state.h"
#include "src/ir/text/parse.h"
#include "tests/harness/guest.h"

// Rows: "a.T", "b.T", "c.T" (operands) and "r.T" (result) for each type T, and the i64 rows x0..x7.
enum TestRow { ROW_SETS = 4, ROW_X0 = ROW_SETS * (IR_TYPE_COUNT - 1), ROW_COUNT = ROW_X0 + 8 };
enum TestRowSet { SET_A, SET_B, SET_C, SET_R };

inline unsigned row_of(TestRowSet set, ir_type type) { return set * (IR_TYPE_COUNT - 1) + type - 1; }

class TestState
{
  public:
    TestState()
    {
        for (unsigned set = 0; set < ROW_SETS; set++)
            for (unsigned t = 1; t < IR_TYPE_COUNT; t++)
                add(std::string(1, "abcr"[set]) + "." + ir_type_name(static_cast<ir_type>(t)), static_cast<ir_type>(t));
        for (unsigned i = 0; i < 8; i++)
            add("x" + std::to_string(i), IR_I64);
        for (unsigned i = 0; i < rows_.size(); i++)
            rows_[i].name = names_[i].c_str();
        state_ =
            ir_state{rows_.data(), static_cast<unsigned>(rows_.size()), nullptr, 0, nullptr, 0, 0, nullptr, 0, 0, 0, 0};
    }
    const ir_state *get() const { return &state_; }

  private:
    void add(const std::string &name, ir_type type)
    {
        names_.push_back(name);
        rows_.push_back({nullptr, static_cast<uint16_t>(offsetof(struct cpu, guest) + rows_.size() * 32),
                         static_cast<uint8_t>(type)});
    }
    std::vector<std::string> names_;
    std::vector<ir_state_row> rows_;
    ir_state state_;
};

inline const ir_state *test_state()
{
    static const TestState state;
    return state.get();
}

// A cpu whose rows start as noise, so that what is not written shows.
struct TestCpu {
    harness::CpuMemory cpu = harness::new_cpu();
    TestCpu() { memset(cpu->guest, 0xa5, sizeof cpu->guest); }
    uint8_t *row(unsigned r) { return reinterpret_cast<uint8_t *>(cpu.get()) + test_state()->rows[r].offset; }
    uint64_t get(unsigned r)
    {
        uint64_t v = 0;
        memcpy(&v, row(r), 8);
        return v;
    }
    void set(unsigned r, uint64_t v) { memcpy(row(r), &v, 8); }
};

struct Arena : arena {
    Arena() { arena_init(this); }
    ~Arena() { arena_fini(this); }
    Arena(const Arena &) = delete;
};

inline const ir_block *parse(arena *a, const std::string &text)
{
    char message[256] = "";
    const ir_block *block = nullptr;
    EXPECT_EQ(ir_parse(text.c_str(), test_state(), a, &block, message, sizeof message), STATUS_OK) << message << "\n"
                                                                                                   << text;
    return block;
}

inline std::string verify(const ir_block *block)
{
    char message[256] = "";
    return ir_verify(block, message, sizeof message) ? "" : message;
}

using harness::print;

// Without the block line and the indentation, values numbered as they are: one instruction a line.
inline std::string print_body(const ir_block *block)
{
    std::string text = print(block), out;
    size_t at = text.find('\n') + 1;
    for (size_t end; (end = text.find('\n', at)) != std::string::npos; at = end + 1)
        out += text.substr(at + 2, end + 1 - (at + 2));
    return out;
}

// One instruction of a list, as a frontend would have written it.
inline ir_ref emit(ir_builder *b, const ir_insn &in)
{
    const auto type = static_cast<ir_type>(in.type);
    if (in.op == IR_CONST)
        return ir_const128(b, type, in.imm, ir_type_bits(type) > 64 ? ir_const_high(&in) : 0);
    if (in.op == IR_CALL)
        return ir_call(b, reinterpret_cast<const ir_helper *>(in.imm), in.arg[0], in.arg[1], in.arg[2], in.arg[3]);
    return ir_emit(b, static_cast<ir_op>(in.op), type, in.aux, in.arg[0], in.arg[1], in.arg[2], in.imm);
}

// What building and sealing make of the block. It need not end.
inline const ir_block *optimize(arena *a, const ir_block *block)
{
    ir_builder b;
    std::vector<ir_ref> map(block->count);
    ir_builder_init(&b, a, block->state, block->pc, block->mode);
    for (uint32_t i = 0; i < block->count && !b.ended; i++) {
        ir_insn in = block->insns[i];
        for (unsigned n = ir_insn_arg_count(&in), k = 0; k < n; k++)
            in.arg[k] = map[in.arg[k]];
        map[i] = emit(&b, in);
    }
    auto *made = static_cast<ir_block *>(arena_alloc(a, sizeof *block));
    *made = *block;
    made->insns = b.insns;
    made->count = ir_remove_dead(b.insns, b.count, block->state, a);
    ir_pair_canons(b.insns, made->count, a);
    return made;
}

// "i64:1f" -> type and bytes; the digits are the value in hexadecimal, most significant first.
struct TypedValue {
    ir_type type = IR_VOID;
    uint8_t bytes[32] = {};
    explicit TypedValue(const std::string &text)
    {
        size_t colon = text.find(':');
        for (unsigned t = 1; t < IR_TYPE_COUNT; t++)
            if (text.substr(0, colon) == ir_type_name(static_cast<ir_type>(t)))
                type = static_cast<ir_type>(t);
        EXPECT_NE(type, IR_VOID) << text;
        for (size_t i = text.size(), n = 0; i-- > colon + 1 && n < 64;)
            if (text[i] != '_') {
                bytes[n / 2] |= static_cast<uint8_t>(std::stoi(std::string(1, text[i]), nullptr, 16) << (n % 2 * 4));
                n++;
            }
    }
    unsigned size() const { return (ir_type_bits(type) + 7) / 8; }
    uint64_t low() const
    {
        uint64_t v;
        memcpy(&v, bytes, 8);
        return v;
    }
};

inline std::string hex(const uint8_t *bytes, unsigned size)
{
    std::string out;
    char digits[3];
    for (unsigned i = size; i-- > 0;) {
        snprintf(digits, sizeof digits, "%02x", bytes[i]);
        out += digits;
    }
    return out;
}

#endif
