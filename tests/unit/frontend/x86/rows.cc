// SPDX-License-Identifier: Apache-2.0
// The runner of x86_rows.h. The configured CPU has every feature, whatever the host has: what is lifted does not depend
// on the host.
#include "tests/unit/frontend/x86/rows.h"

#include <cstring>
#include <gtest/gtest.h>
#include <memory>
#include <sstream>
#include <sys/mman.h>

#include "frontend/block.h"
#include "frontend/x86/abi/x86_cpu.h"
#include "frontend/x86/common/x86_state.h"
#include "frontend/x86/x86.h"
#include "src/ir/build/verify.h"
#include "src/ir/interp/interp.h"
#include "src/ir/simplify/seal.h"
#include "src/ir/text/print.h"

namespace
{

const uint64_t kPc = 0x10000;
const unsigned kWords = 8, kMaxSteps = 40;
const char *const kTraps[IR_TRAP_COUNT] = {"syscall", "breakpoint", "illegal", "div_zero", "misaligned", "icache_sync",
                                           "fetch",   "privileged", "fp",      "x87",      "settle",     "debug"};

struct flag {
    char letter;
    uint32_t bit;
};
const flag kFlags[] = {{'C', X86_CF}, {'P', X86_PF}, {'A', X86_AF}, {'Z', X86_ZF}, {'S', X86_SF}, {'O', X86_OF}};

uint32_t flag_bit(char letter)
{
    for (const flag &f : kFlags) {
        if (f.letter == letter)
            return f.bit;
    }
    ADD_FAILURE() << "no flag " << letter;
    return 0;
}

uint64_t *memory()
{
    static void *const page =
        mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    return static_cast<uint64_t *>(page);
}

// A state by names: what a row's text says, or what a cpu has.
struct state {
    uint64_t v[X86_ROW_COUNT][2] = {};
    uint64_t m[kWords] = {};
    uint32_t flags = 0, any_flags = 0; // any_flags: those that may be either
    uint64_t pc = 0;
    std::string trap;
    bool named[X86_ROW_COUNT] = {};
};

unsigned row_bits(unsigned row) { return ir_type_bits(static_cast<enum ir_type>(x86_state_table.rows[row].type)); }
bool is_flag(unsigned row)
{
    return row == X86_ROW_fl_z || row == X86_ROW_fl_s || row == X86_ROW_fl_c || row == X86_ROW_fl_o ||
           row == X86_ROW_fl_a || row == X86_ROW_fl_op || row == X86_ROW_fl_p || row == X86_ROW_fl_q;
}
bool is_last_x87(unsigned row) { return row == X86_ROW_fp_ip || row == X86_ROW_fp_dp || row == X86_ROW_fp_op; }

uint64_t number(const std::string &text)
{
    bool address = text[0] == '&';
    return strtoull(text.c_str() + address, nullptr, 16) + (address ? reinterpret_cast<uintptr_t>(memory()) : 0);
}

void set_flags(state *s, const std::string &text)
{
    s->flags = s->any_flags = 0;
    for (size_t n = 0; n < text.size(); n++) {
        if (text[n] == '?')
            s->any_flags |= flag_bit(text[++n]);
        else
            s->flags |= flag_bit(text[n]);
    }
}

void set_row(state *s, const std::string &name, const std::string &value)
{
    size_t colon = value.find(':');
    for (unsigned row = 0; row < X86_ROW_COUNT; row++) {
        if (name != x86_state_table.rows[row].name)
            continue;
        s->v[row][0] = number(colon == std::string::npos ? value : value.substr(colon + 1));
        s->v[row][1] = colon == std::string::npos ? 0 : number(value);
        s->named[row] = true;
        return;
    }
    ADD_FAILURE() << "nothing is named " << name;
}

void apply(state *s, const char *text)
{
    std::istringstream in(text);
    for (std::string word; in >> word;) {
        size_t equals = word.find('=');
        std::string name = word.substr(0, equals), value = word.substr(equals + 1);
        if (name == "flags")
            set_flags(s, value);
        else if (name == "pc")
            s->pc = kPc + number(value);
        else if (name == "trap")
            s->trap = value;
        else if (name[0] == 'm' && name.size() == 2 && name[1] >= '0' && name[1] < '0' + int(kWords))
            s->m[name[1] - '0'] = number(value);
        else
            set_row(s, name, value);
    }
}

void load(struct cpu *cpu, const state &s)
{
    for (unsigned row = 0; row < X86_ROW_COUNT; row++) {
        if (!is_flag(row))
            memcpy(reinterpret_cast<char *>(cpu) + x86_state_table.rows[row].offset, s.v[row], (row_bits(row) + 7) / 8);
    }
    struct x86_state *x = x86_state_of(cpu);
    x86_set_eflags(x, (x86_get_eflags(x) & ~uint32_t(X86_STATUS)) | s.flags);
    cpu->pc = s.pc;
    memcpy(memory(), s.m, sizeof s.m);
}

state store(const struct cpu *cpu)
{
    state s;
    for (unsigned row = 0; row < X86_ROW_COUNT; row++)
        memcpy(s.v[row], reinterpret_cast<const char *>(cpu) + x86_state_table.rows[row].offset,
               (row_bits(row) + 7) / 8);
    s.flags = x86_get_eflags(x86_state_const(cpu)) & X86_STATUS;
    s.pc = cpu->pc;
    memcpy(s.m, memory(), sizeof s.m);
    return s;
}

std::string flag_letters(uint32_t flags)
{
    std::string text;
    for (const flag &f : kFlags)
        text += flags & f.bit ? std::string(1, f.letter) : "";
    return text;
}

std::string compare(const state &expected, const state &got)
{
    std::ostringstream out;
    out << std::hex;
    for (unsigned row = 0; row < X86_ROW_COUNT; row++) {
        if (is_flag(row) || (is_last_x87(row) && !expected.named[row]) ||
            memcmp(expected.v[row], got.v[row], sizeof got.v[row]) == 0)
            continue;
        out << x86_state_table.rows[row].name << ": expected " << expected.v[row][1] << ':' << expected.v[row][0]
            << ", got " << got.v[row][1] << ':' << got.v[row][0] << "; ";
    }
    for (unsigned n = 0; n < kWords; n++) {
        if (expected.m[n] != got.m[n])
            out << 'm' << n << ": expected " << expected.m[n] << ", got " << got.m[n] << "; ";
    }
    if ((expected.flags ^ got.flags) & ~expected.any_flags)
        out << "flags: expected " << flag_letters(expected.flags) << ", got " << flag_letters(got.flags) << "; ";
    if (expected.pc != got.pc)
        out << "pc: expected " << expected.pc - kPc << ", got " << got.pc - kPc << "; ";
    if (expected.trap != got.trap)
        out << "trap: expected '" << expected.trap << "', got '" << got.trap << "'; ";
    return out.str();
}

std::vector<uint8_t> code_of(const char *bytes)
{
    std::vector<uint8_t> code;
    std::istringstream in(bytes);
    for (std::string byte; in >> byte;)
        code.push_back(static_cast<uint8_t>(strtoul(byte.c_str(), nullptr, 16)));
    return code;
}

const struct guest *guest_of(unsigned width) { return width == 64 ? &x86_guest_x86_64 : &x86_guest_i386; }

// The sealed block at pc of the code, which begins at kPc.
const struct ir_block *lift(struct arena *arena, unsigned width, const std::vector<uint8_t> &code, uint64_t pc,
                            uint32_t mode, unsigned branches)
{
    struct guest_config config = {~uint64_t(0), "", 0, 0};
    struct guest_lift req = {pc, &code[pc - kPc], code.size() - (pc - kPc), mode, 64, false, &config, 0, 0, branches};
    struct ir_builder b;
    char text[256] = "no block";
    ir_builder_init(&b, arena, &x86_state_table, pc, mode);
    EXPECT_EQ(guest_lift_block(guest_of(width), &req, &b), STATUS_OK);
    const struct ir_block *block = ir_builder_seal(&b);
    EXPECT_TRUE(block && ir_verify(block, text, sizeof text)) << text;
    return block;
}

// One block. False: the run is over.
bool step(struct cpu *cpu, unsigned width, const std::vector<uint8_t> &code, unsigned branches, std::string *trap)
{
    struct arena arena;
    struct ir_exit exit = {};
    arena_init(&arena);
    ir_interp(cpu, lift(&arena, width, code, cpu->pc, cpu->mode, branches), &exit);
    arena_fini(&arena);
    cpu->pc = exit.pc;
    if (exit.reason == CPU_EXIT_TRAP && exit.trap == IR_TRAP_SETTLE) {
        x86_settle(cpu);
        return true;
    }
    if (exit.reason == CPU_EXIT_TRAP)
        *trap = kTraps[exit.trap];
    return exit.reason != CPU_EXIT_TRAP && cpu->pc >= kPc && cpu->pc < kPc + code.size();
}

} // namespace

static std::string run_row(const x86_row &row, unsigned branches)
{
    auto cpu = std::make_unique<struct cpu>();
    struct guest_config config = {~uint64_t(0), "", 0, 0};
    const std::vector<uint8_t> code = code_of(row.bytes);
    guest_of(row.width)->cpu.init(cpu.get(), &config, kPc, 0);
    state before = store(cpu.get());
    before.flags = 0;
    memset(before.m, 0, sizeof before.m);
    apply(&before, row.before);
    before.pc = kPc;
    load(cpu.get(), before);
    state expected = before;
    expected.pc = kPc + code.size();
    apply(&expected, row.after);
    std::string trap;
    for (unsigned n = 0; n < kMaxSteps && step(cpu.get(), row.width, code, branches, &trap); n++) {
    }
    state got = store(cpu.get());
    got.trap = trap;
    free(x86_state_of(cpu.get())->ldt);
    return compare(expected, got);
}

std::string x86_run_row(const x86_row &row)
{
    std::string difference = run_row(row, 0);
    return difference.empty() ? run_row(row, 8) : difference;
}

void x86_expect_rows(const std::vector<x86_row> &rows)
{
    for (const x86_row &row : rows) {
        std::string difference = x86_run_row(row);
        EXPECT_TRUE(difference.empty()) << row.what << " (" << row.bytes << "): " << difference;
    }
}

void x86_expect_texts(const std::vector<x86_text_row> &rows)
{
    for (const x86_text_row &row : rows) {
        struct arena arena;
        char *text = nullptr;
        size_t size = 0;
        arena_init(&arena);
        FILE *out = open_memstream(&text, &size);
        ir_print(out, lift(&arena, row.width, code_of(row.bytes), kPc, row.mode, row.branches));
        fclose(out);
        const char *body = strchr(text, '\n');
        EXPECT_STREQ(row.ir, body ? body : "") << row.what << " (" << row.bytes << ")";
        free(text);
        arena_fini(&arena);
    }
}
