// SPDX-License-Identifier: Apache-2.0
// The instruction fuzzer of the x86 front end: random instances of every row of x86_insns.def run natively in a child
// process, and in the interpreter, tier 1 and tier 2; registers, flags, vectors, the FPU and memory have to agree.
//
//   forms.cc     which encodings stand for a row, found by decoding the opcode space
//   instance.cc  random instances of a form, and inputs for them
//   native.cc    the host as the oracle
//   guest.cc     the executors
//   compare.cc   what has to be equal, notes.def: the exceptions
//
// A new row needs nothing here, unless its result is not determined: then a row in notes.def.
#ifndef TANDEM_TESTS_FUZZ_X86_FUZZ_H
#define TANDEM_TESTS_FUZZ_X86_FUZZ_H

#include <Zydis/Zydis.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tests/harness/random.h"

namespace x86fuzz
{

// Fixed places below 2 GiB, so that both modes and absolute addresses reach them: two pages of data between guard
// pages, of which a window is filled and compared, and a page of code.
constexpr uint64_t kData = 0x20001000, kDataSize = 0x2000, kPage = 0x1000;
constexpr unsigned kWindow = 1024;
constexpr uint64_t kWindowAt = kData + kPage - kWindow / 2; // it crosses the pages' border
constexpr uint64_t kCode = 0x20100000, kCodeAt = kCode + 0x400;
constexpr unsigned kMaxCode = 32;

using rng = harness::Random;

// All that an instruction can see or change.
struct state {
    uint64_t gpr[16];
    uint64_t pc, fs_base, gs_base;
    uint32_t eflags, mxcsr;
    alignas(16) uint8_t ymm[16][32];
    uint8_t st[8][16]; // the physical registers R0..R7, 10 bytes each
    uint16_t fcw, fsw; // the status word with TOP
    uint8_t ftag;      // a bit for each physical register that is not empty
    uint8_t window[kWindow];
    int signo, sigcode; // of the signal that ended it, or 0
    uint64_t sigaddr;
};

// One way to encode a row's instruction: the fixed part. -1 where any value does.
struct form {
    uint8_t map, opcode, pp, w; // pp: 0 none, 1 66, 2 f3, 3 f2
    bool vex, l, is_mem;
    int8_t reg, rm; // fields of the modrm byte that choose the instruction
};

enum kind { KIND_INT, KIND_FPU, KIND_VEC, KIND_COUNT };
extern const char *const kind_names[KIND_COUNT];

struct row {
    ZydisMnemonic mnemonic;
    const char *name;
    std::vector<form> forms;
    bool is64;
    enum kind kind; // of its first form
};

// notes.def
enum note : uint32_t {
    NOTE_NONE = 0,
    NOTE_SKIP = 1,         // the result is not determined, or it would do something to the harness
    NOTE_BIT_OFFSET = 2,   // a register operand is a bit offset into memory
    NOTE_NO_TRAP_FLAG = 4, // pops EFLAGS
    NOTE_APPROX = 8,       // vectors are only compared as far as the manual gives precision (rcpps, rsqrtps)
    NOTE_NO_FPU = 16,      // the FPU's registers are not compared
    NOTE_PARTIAL = 32,     // this host changes registers before a fault; ours do not
    NOTE_ANY_ADDRESS = 64, // which of several faults it is is not determined
    NOTE_SELECTOR = 128,   // operands are selectors
    NOTE_NONE_ON_AMD = 256 // AMD's CPUs raise #UD in long mode, where Intel's and ours raise #GP(0)
};
struct note_row {
    ZydisMnemonic mnemonic;
    uint32_t undefined; // status flags, beyond those Zydis names
    uint32_t flags;     // enum note
};
const note_row *find_note(ZydisMnemonic mnemonic);

struct insn {
    ZydisDecodedInstruction i;
    ZydisDecodedOperand op[ZYDIS_MAX_OPERAND_COUNT]; // all, hidden ones, too
    uint8_t offset;                                  // in the code
};

struct instance {
    bool is64;
    uint8_t code[kMaxCode];
    unsigned length;
    std::vector<insn> insns; // the row's, and perhaps one that uses its flags
};

enum { kMaxInputs = 256 }; // of one instance

std::vector<row> find_rows(bool is64);
bool decode(bool is64, const uint8_t *code, size_t avail, insn *out);
// Of the form with that number (modulo their count). False: try again.
bool make_instance(rng *r, const row &first, unsigned form, const std::vector<row> &rows, instance *out);
// cases.def
std::vector<instance> fixed_instances();
bool make_input(rng *r, const instance &x, state *s);
// Flags that are not defined after the instance ran from this input; *skip: nothing is.
uint32_t undefined_flags(const instance &x, const state &in, bool *skip);
// Does the host have all that the instance needs?
bool host_has(const instance &x);

// Runs instances in a child process.
class native
{
  public:
    native();
    ~native();
    // Overwrites each state with the one afterwards.
    void run(const instance &x, state *states, unsigned count);
    // Does the host run code of compatibility mode?
    bool runs_32bit();
    // May rsp hold an address that is not canonical when a program is entered? Under some hypervisors it is a fault.
    bool loads_any_stack_pointer();
    struct shared;

  private:
    bool runs_nop(bool is64, uint64_t stack);
    void start();
    shared *shared_;
    int pid_ = -1, to_ = -1, from_ = -1;
};

enum tier { TIER_INTERP, TIER_1, TIER_2, TIER_COUNT };
extern const char *const tier_names[TIER_COUNT];

class guest
{
  public:
    explicit guest(unsigned tiers); // bits 1 << enum tier
    ~guest();
    // As native::run, in one tier. Not empty: it could not be run.
    std::string run(const instance &x, tier t, state *states, unsigned count);
    // The blocks of the instance that ran last.
    void print_ir(const instance &x) const;

  private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

// Empty if both are the same as far as they must be.
std::string compare(const instance &x, const state &in, const state &expected, const state &got);
std::string describe(const instance &x);
std::string describe(const instance &x, const state &in);

} // namespace x86fuzz

#endif
