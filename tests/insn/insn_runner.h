// SPDX-License-Identifier: Apache-2.0
// Runs the instruction-test rows of rows_*.def (made by gen_rows.py) in any executor.
//
//   INSN_ROW("assembly", CODE(words), IN(values), OUT(values))
//
// values: X(n, v) F(n, v) integer and FP registers as 64 bits; FCSR(v); M(k, v) 64-bit word k of an 8-word memory
// buffer; XM(n, off) x[n] = address of the buffer + off; XP(n, off) x[n] = address of the row's code + off; PC(off) the
// pc afterwards, relative to the code (without it: the end of the code). What IN does not name is 0; what OUT does not
// name must be as before.
#ifndef TANDEM_TESTS_INSN_RUNNER_H
#define TANDEM_TESTS_INSN_RUNNER_H

#include <cstdint>
#include <string>
#include <vector>

#include "frontend/guest.h"
#include "src/ir/interp/interp.h"

enum insn_place : uint8_t {
    INSN_NONE = 0,
    INSN_X = 0,  // x[n]: INSN_X + n, n >= 1
    INSN_F = 32, // f[n]
    INSN_FCSR = 64,
    INSN_MEM = 65,
    INSN_PC = 73,
    INSN_PLACES = 74
};
enum insn_base : uint8_t { INSN_ABSOLUTE, INSN_MEM_RELATIVE, INSN_PC_RELATIVE };

struct insn_value {
    uint8_t place; // 0 ends a list
    insn_base base;
    uint64_t value;
};

enum { INSN_MAX_WORDS = 10, INSN_MAX_VALUES = 12 };

struct insn_row {
    const char *group, *text;
    uint32_t code[INSN_MAX_WORDS]; // 0 ends it; a word whose low bits are not 3 is a compressed instruction
    insn_value in[INSN_MAX_VALUES], out[INSN_MAX_VALUES];
};

// All rows, in the order of the files.
const std::vector<insn_row> &insn_rows();

// Executes a sealed block on a cpu that is outside generated code (cpu.h I1, I3) and says where it left. One object per
// mode.
class insn_executor
{
  public:
    virtual ~insn_executor() = default;
    virtual const char *name() const = 0;
    // False: the executor could not do it (message is then the reason).
    virtual bool execute(struct cpu *cpu, const struct ir_block *block, struct ir_exit *exit, std::string *message) = 0;
};

// The reference interpreter.
class insn_interpreter : public insn_executor
{
  public:
    const char *name() const override { return "interp"; }
    bool execute(struct cpu *cpu, const struct ir_block *block, struct ir_exit *exit, std::string *message) override;
};

// Runs the row block by block, max_insns instructions a block at most, until the pc leaves its code. Empty if all is as
// the row says; else what differs.
std::string insn_run_row(const insn_row &row, insn_executor &executor, unsigned max_insns);

#endif
