/* SPDX-License-Identifier: Apache-2.0 */
/* State tables of the made-up guests; blocks from text; names of what generated code refers to. */
#include "tests/filetest/guest.h"

#include <cstdio>
#include <cstring>
#include <deque>
#include <sstream>

#include "src/base/arena.h"
#include "src/ir/build/verify.h"
#include "src/ir/interp/interp.h"
#include "src/ir/state.h"
#include "src/ir/text/parse.h"
#include "src/ir/value.h"

namespace filetest
{

namespace
{
constexpr unsigned kXs = 16, kFs = 10, kVs = 4, kTs = 8, kFlags = 4;

struct Guest {
    std::deque<std::string> names;
    std::vector<struct ir_state_row> rows;
    std::vector<uint16_t> pinned_x, pinned_f, flags;
    struct ir_state state = {};
    unsigned next = offsetof(struct cpu, guest);

    void add(const std::string &name, enum ir_type type)
    {
        unsigned bytes = type == IR_F80 ? 16 : std::max(8u, ir_type_bits(type) / 8);
        next = (next + bytes - 1) / bytes * bytes;
        names.push_back(name);
        rows.push_back({names.back().c_str(), (uint16_t)next, (uint8_t)type});
        next += bytes;
    }
    unsigned add_bank(const char *prefix, unsigned count, enum ir_type type)
    {
        unsigned first = (unsigned)rows.size();
        for (unsigned i = 0; i < count; i++)
            add(prefix + std::to_string(i), type);
        return first;
    }
    explicit Guest(bool x87, bool has_flags)
    {
        unsigned x = add_bank("x", kXs, IR_I64), f = add_bank("f", kFs, IR_F64);
        add_bank("v", kVs, IR_V128);
        add("w0", IR_V256);
        add("b", IR_I8), add("h", IR_I16), add("w", IR_I32), add("c", IR_I1);
        for (unsigned i = 0; i < CPU_PINNED_GPRS; i++)
            pinned_x.push_back((uint16_t)(x + i));
        for (unsigned i = 0; i < CPU_PINNED_FPRS; i++)
            pinned_f.push_back((uint16_t)(f + i));
        for (unsigned i = 0; has_flags && i < kFlags; i++)
            flags.push_back((uint16_t)(x + kXs - kFlags + i));
        if (x87)
            add_x87();
        state.flags = flags.data(), state.flag_count = (unsigned)flags.size();
        state.rows = rows.data(), state.count = (unsigned)rows.size();
        state.pinned_gpr = pinned_x.data(), state.pinned_gpr_count = (unsigned)pinned_x.size();
        state.pinned_fpr = pinned_f.data(), state.pinned_fpr_count = (unsigned)pinned_f.size();
    }
    void add_x87()
    {
        state.tagged = add_bank("t", kTs, IR_F80), state.tagged_count = kTs;
        state.mode_row = (unsigned)rows.size();
        rows.push_back({"mode", (uint16_t)offsetof(struct cpu, mode), IR_I32});
    }
};

struct Field {
    const char *name;
    size_t offset;
};
#define FIELD(name)                                                                                                    \
    {                                                                                                                  \
#name, offsetof(struct cpu, name)                                                                              \
    }
const Field fields[] = {FIELD(pending),     FIELD(exit_reason), FIELD(pc),      FIELD(exit_arg),  FIELD(mode),
                        FIELD(fp_flags),    FIELD(fp_env),      FIELD(c_sp),    FIELD(jit_sp),    FIELD(jit_sp_base),
                        FIELD(host_fp_env), FIELD(resv),        FIELD(fp_read), FIELD(fpx_sw),    FIELD(fpx_cw),
                        FIELD(ret_misses),  FIELD(spill),       FIELD(ibtc),    FIELD(ibtc_mask), FIELD(jit_sp_limit)};
#undef FIELD

std::string with_offset(const char *name, int64_t offset)
{
    return offset ? name + ("+" + std::to_string(offset)) : name;
}
} // namespace

const struct ir_state *guest_state(const std::string &name)
{
    static const Guest plain(false, false), x87(true, false), flags(false, true);
    return name == "x87" ? &x87.state : name == "flags" ? &flags.state : &plain.state;
}

std::string cpu_place(const struct ir_state *state, int64_t offset)
{
    const char *best = "cpu";
    int64_t at = 0;
    for (unsigned r = 0; r < state->count; r++)
        if (state->rows[r].offset <= offset && state->rows[r].offset > at)
            best = state->rows[r].name, at = state->rows[r].offset;
    for (const Field &f : fields)
        if ((int64_t)f.offset <= offset && (int64_t)f.offset >= at)
            best = f.name, at = (int64_t)f.offset;
    return with_offset(best, offset - at);
}

Blocks::Blocks() { arena_init(&arena_); }
Blocks::~Blocks() { arena_fini(&arena_); }

/* I2 of parse.c: helpers have no function. They get an address that no program has. */
static void place_helpers(const struct ir_block *block, unsigned *count)
{
    for (uint32_t i = 0; i < block->count; i++)
        if (block->insns[i].op == IR_CALL) {
            struct ir_helper *h = (struct ir_helper *)(uintptr_t)block->insns[i].imm;
            uint64_t address = kHelpers + kHelperStride * (*count)++;
            memcpy(&h->fn, &address, sizeof address);
        }
}

bool Blocks::parse_one(const struct ir_state *state, const std::string &text, std::string *message)
{
    char why[256] = "";
    const struct ir_block *block;
    if (ir_parse(text.c_str(), state, &arena_, &block, why, sizeof why) != STATUS_OK ||
        !ir_verify(block, why, sizeof why)) {
        *message = why;
        return false;
    }
    list.push_back(block);
    return true;
}

bool Blocks::parse(const Case &test, std::string *message)
{
    auto name = test.settings.find("state");
    const struct ir_state *state = guest_state(name == test.settings.end() ? "plain" : name->second);
    std::istringstream in(test.ir);
    std::string text;
    for (std::string line; std::getline(in, line); text += line + "\n")
        if (line.compare(0, 6, "block ") == 0 && !text.empty()) {
            if (!parse_one(state, text, message))
                return false;
            text.clear();
        }
    if (!parse_one(state, text, message))
        return false;
    unsigned helpers = 0;
    for (const struct ir_block *block : list)
        place_helpers(block, &helpers);
    return true;
}

std::string function_name(const std::vector<const struct ir_block *> &blocks, uint64_t address)
{
    void (*eval)(struct cpu *, const struct ir_insn *, const enum ir_type *, const union ir_value *, union ir_value *) =
        ir_eval;
    uint64_t eval_address;
    memcpy(&eval_address, &eval, sizeof eval_address);
    if (address == eval_address)
        return "ir_eval";
    for (const struct ir_block *block : blocks)
        for (uint32_t i = 0; i < block->count; i++)
            if (block->insns[i].op == IR_CALL) {
                const struct ir_helper *h = (const struct ir_helper *)(uintptr_t)block->insns[i].imm;
                if (memcmp(&h->fn, &address, sizeof address) == 0)
                    return h->name;
            }
    return "";
}

} // namespace filetest
