// SPDX-License-Identifier: Apache-2.0
// Runs instruction-test rows: sets up a cpu, lifts and executes blocks, compares all registers, memory and flags.
#include "tests/insn/insn_runner.h"

#include <cstdio>
#include <cstring>
#include <memory>

#include "frontend/block.h"
#include "frontend/riscv/rv_cpu.h"
#include "frontend/riscv/rv_decode.h"
#include "frontend/riscv/rv_state.h"
#include "src/ir/build/verify.h"
#include "src/ir/interp/interp.h"
#include "src/ir/simplify/seal.h"

namespace
{

enum { kMemWords = 8, kMaxSteps = 64 };
const uint64_t kCodePc = 0x10040;

#define INSN_ROW(text, code, in, out) {GROUP, text, code, in, out},
#define CODE(...)                                                                                                      \
    {                                                                                                                  \
        __VA_ARGS__                                                                                                    \
    }
#define IN(...)                                                                                                        \
    {                                                                                                                  \
        __VA_ARGS__                                                                                                    \
    }
#define OUT(...)                                                                                                       \
    {                                                                                                                  \
        __VA_ARGS__                                                                                                    \
    }
#define X(n, v)    {INSN_X + n, INSN_ABSOLUTE, v},
#define XM(n, off) {INSN_X + n, INSN_MEM_RELATIVE, static_cast<uint64_t>(off)},
#define XP(n, off) {INSN_X + n, INSN_PC_RELATIVE, static_cast<uint64_t>(off)},
#define F(n, v)    {INSN_F + n, INSN_ABSOLUTE, v},
#define FCSR(v)    {INSN_FCSR, INSN_ABSOLUTE, v},
#define M(k, v)    {INSN_MEM + k, INSN_ABSOLUTE, v},
#define PC(off)    {INSN_PC, INSN_PC_RELATIVE, static_cast<uint64_t>(off)},
const insn_row kRows[] = {
#define GROUP "i"
#include "tests/insn/rows_i.def"
#undef GROUP
#define GROUP "m"
#include "tests/insn/rows_m.def"
#undef GROUP
#define GROUP "a"
#include "tests/insn/rows_a.def"
#undef GROUP
#define GROUP "f"
#include "tests/insn/rows_f.def"
#undef GROUP
#define GROUP "d"
#include "tests/insn/rows_d.def"
#undef GROUP
#define GROUP "fma"
#include "tests/insn/rows_fma.def"
#undef GROUP
#define GROUP "quiet"
#include "tests/insn/rows_quiet.def"
#undef GROUP
#define GROUP "c"
#include "tests/insn/rows_c.def"
#undef GROUP
#define GROUP "zicsr"
#include "tests/insn/rows_zicsr.def"
#undef GROUP
#define GROUP "b"
#include "tests/insn/rows_b.def"
#undef GROUP
#define GROUP "zicond"
#include "tests/insn/rows_zicond.def"
#undef GROUP
};

// The state that rows speak of, indexed by insn_place.
struct flat_state {
    uint64_t v[INSN_PLACES];
};

struct machine {
    alignas(16) uint64_t mem[kMemWords];
    std::unique_ptr<struct cpu> cpu;
    struct guest_config config;
    std::vector<uint8_t> code;
};

void apply(flat_state *s, const insn_value *values, const machine &m)
{
    for (; values->place != INSN_NONE; values++) {
        uint64_t base = values->base == INSN_MEM_RELATIVE  ? reinterpret_cast<uint64_t>(m.mem)
                        : values->base == INSN_PC_RELATIVE ? kCodePc
                                                           : 0;
        s->v[values->place] = base + values->value;
    }
}

void load(machine *m, const flat_state &s)
{
    struct rv_state *state = rv_state_of(m->cpu.get());
    memcpy(&state->x1, &s.v[1], 31 * sizeof(uint64_t));
    memcpy(&state->f0, &s.v[INSN_F], 32 * sizeof(uint64_t));
    state->fflags = s.v[INSN_FCSR] & 0x1f;
    state->frm = static_cast<uint32_t>(s.v[INSN_FCSR] >> 5);
    rv_fp_from_guest(m->cpu.get());
    memcpy(m->mem, &s.v[INSN_MEM], sizeof m->mem);
    m->cpu->pc = s.v[INSN_PC];
}

flat_state store(const machine &m)
{
    flat_state s = {};
    const struct rv_state *state = rv_state_const(m.cpu.get());
    memcpy(&s.v[1], &state->x1, 31 * sizeof(uint64_t));
    memcpy(&s.v[INSN_F], &state->f0, 32 * sizeof(uint64_t));
    s.v[INSN_FCSR] = rv_fflags(m.cpu.get()) | state->frm << 5;
    memcpy(&s.v[INSN_MEM], m.mem, sizeof m.mem);
    s.v[INSN_PC] = m.cpu->pc;
    return s;
}

std::string place_name(unsigned place)
{
    if (place == INSN_FCSR)
        return "fcsr";
    if (place == INSN_PC)
        return "pc";
    if (place >= INSN_MEM)
        return "mem[" + std::to_string(place - INSN_MEM) + "]";
    return (place >= INSN_F ? "f" : "x") + std::to_string(place % 32);
}

std::string compare(const flat_state &expected, const flat_state &got)
{
    std::string text;
    for (unsigned n = 1; n < INSN_PLACES; n++) {
        char line[128];
        if (expected.v[n] == got.v[n])
            continue;
        snprintf(line, sizeof line, "%s: expected %#llx, got %#llx; ", place_name(n).c_str(),
                 static_cast<unsigned long long>(expected.v[n]), static_cast<unsigned long long>(got.v[n]));
        text += line;
    }
    return text;
}

// Lifts and executes the block at the cpu's pc. Empty if that went well.
std::string step(machine *m, insn_executor &executor, unsigned max_insns)
{
    struct arena arena;
    struct ir_builder b;
    struct ir_exit exit = {};
    std::string message;
    uint64_t pc = m->cpu->pc, offset = pc - kCodePc;
    struct guest_lift req = {
        pc, m->code.data() + offset, m->code.size() - offset, m->cpu->mode, max_insns, false, &m->config, 0, 0, 0};
    const struct guest *guest = guest_find_name("riscv64");

    arena_init(&arena);
    ir_builder_init(&b, &arena, guest->state, pc, req.mode);
    const struct ir_block *block = guest_lift_block(guest, &req, &b) == STATUS_OK ? ir_builder_seal(&b) : nullptr;
    char text[256] = "";
    if (!block)
        message = "not lifted";
    else if (!ir_verify(block, text, sizeof text))
        message = std::string("broken IR: ") + text;
    else if (executor.execute(m->cpu.get(), block, &exit, &message) && exit.reason == CPU_EXIT_TRAP)
        message = "trap " + std::to_string(exit.trap);
    else
        m->cpu->pc = exit.pc;
    arena_fini(&arena);
    return message;
}

} // namespace

const std::vector<insn_row> &insn_rows()
{
    static const std::vector<insn_row> rows(std::begin(kRows), std::end(kRows));
    return rows;
}

bool insn_interpreter::execute(struct cpu *cpu, const struct ir_block *block, struct ir_exit *exit,
                               std::string *message)
{
    ir_interp(cpu, block, exit);
    return true;
}

std::string insn_run_row(const insn_row &row, insn_executor &executor, unsigned max_insns)
{
    machine m = {};
    char reason[128];
    flat_state before = {};

    m.cpu = std::make_unique<struct cpu>();
    if (!rv_parse_cpu(nullptr, &m.config, reason, sizeof reason))
        return reason;
    for (const uint32_t *w = row.code; *w; w++) {
        const uint8_t *bytes = reinterpret_cast<const uint8_t *>(w);
        m.code.insert(m.code.end(), bytes, bytes + rv_insn_len(static_cast<uint16_t>(*w)));
    }
    uint64_t end = kCodePc + m.code.size();
    rv_cpu_init(m.cpu.get(), &m.config, kCodePc, 0);
    before.v[INSN_PC] = kCodePc;
    apply(&before, row.in, m);
    flat_state expected = before;
    expected.v[INSN_PC] = end;
    apply(&expected, row.out, m);
    load(&m, before);
    for (int n = 0; n < kMaxSteps && m.cpu->pc >= kCodePc && m.cpu->pc < end; n++) {
        std::string message = step(&m, executor, max_insns);
        if (!message.empty())
            return message;
        if (m.cpu->mode != rv_mode(m.cpu.get()))
            return "cpu->mode does not fit frm";
    }
    return compare(expected, store(m));
}
