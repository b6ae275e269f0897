// SPDX-License-Identifier: Apache-2.0
// The reference interpreter, row by row: each row runs with its operands in state rows, with its operands as constants
// (which folds what can be folded), through the passes, and through ir_eval; and its text survives printing and
// parsing.
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <set>
#include <sstream>

#include "src/host/fpenv.h"
#include "src/ir/build/builder.h"
#include "src/ir/interp/interp.h"
#include "src/ir/simplify/seal.h"
#include "src/ir/softfp/softfp.h"
#include "src/ir/value.h"
#include "tests/unit/ir/ir_test_util.h"

namespace
{
struct Row {
    const char *insn, *operands, *result;
    unsigned flags;
    const char *memory;
};

const Row rows[] = {
#define ROW(insn, operands, result, flags)  {insn, operands, result, flags, nullptr},
#define MEM(insn, operands, result, memory) {insn, operands, result, 0, memory},
#include "tests/unit/ir/interp_rows.def"
#undef ROW
#undef MEM
};

// The rows' memory, on a page of its own.
struct Memory {
    uint8_t *bytes =
        static_cast<uint8_t *>(mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    void reset()
    {
        for (unsigned i = 0; i < 64; i++)
            bytes[i] = static_cast<uint8_t>(i);
    }
    ~Memory() { munmap(bytes, 4096); }
};

Memory &memory()
{
    static Memory m;
    return m;
}

std::vector<TypedValue> operands_of(const Row &row)
{
    std::vector<TypedValue> values;
    std::istringstream in(row.operands);
    for (std::string word; in >> word;) {
        if (word[0] == 'M') {
            char text[32];
            snprintf(text, sizeof text, "i64:%lx",
                     reinterpret_cast<unsigned long>(memory().bytes + std::stoul(word.substr(2))));
            word = text;
        }
        values.emplace_back(word);
    }
    return values;
}

std::string constant(const TypedValue &v)
{
    uint64_t word[2];
    memcpy(word, v.bytes, sizeof word);
    std::ostringstream out;
    out << std::hex << "const " << ir_type_name(v.type) << " 0x" << word[1] << ":0x" << word[0];
    return out.str();
}

// The row as a block; operands from state rows or as constants.
std::string block_text(const Row &row, const std::vector<TypedValue> &operands, bool constants)
{
    std::string text;
    for (unsigned i = 0; i < operands.size(); i++) {
        text += "%" + std::to_string(i + 1) + " = ";
        text += constants ? constant(operands[i])
                          : std::string("get ") + ir_type_name(operands[i].type) + " $" + "abc"[i] + "." +
                                ir_type_name(operands[i].type);
        text += "\n";
    }
    if (!*row.result)
        return text + row.insn + "\njump 0x1000\n";
    std::string type = TypedValue(row.result).type ? ir_type_name(TypedValue(row.result).type) : "";
    return text + "%9 = " + row.insn + "\nput " + type + " $r." + type + " %9\njump 0x1000\n";
}

void prepare(TestCpu &cpu, const std::vector<TypedValue> &operands)
{
    memory().reset();
    for (unsigned i = 0; i < 8; i++)
        cpu.set(ROW_X0 + i, 0x10 + i);
    for (unsigned i = 0; i < operands.size(); i++)
        memcpy(cpu.row(row_of(static_cast<TestRowSet>(i), operands[i].type)), operands[i].bytes, operands[i].size());
}

void check_memory(const Row &row)
{
    std::istringstream in(row.memory ? row.memory : "");
    unsigned i = 0;
    for (std::string word; in >> word; i++)
        EXPECT_EQ(memory().bytes[i], std::stoul(word, nullptr, 16)) << "byte " << i;
    for (; i < 64; i++)
        EXPECT_EQ(memory().bytes[i], i) << "byte " << i;
}

void check_result(const Row &row, const uint8_t *bytes)
{
    if (!*row.result)
        return;
    TypedValue want(row.result);
    if (want.type == IR_I1)
        EXPECT_EQ(bytes[0] & 1, want.bytes[0]);
    else
        EXPECT_EQ(hex(bytes, want.size()), hex(want.bytes, want.size()));
}

void run_block(const Row &row, const ir_block *block, const std::vector<TypedValue> &operands)
{
    TestCpu cpu;
    prepare(cpu, operands);
    ir_exit exit;
    ir_interp(cpu.cpu.get(), block, &exit);
    EXPECT_EQ(exit.reason, CPU_EXIT_LOOKUP);
    EXPECT_EQ(exit.pc, 0x1000u);
    if (*row.result)
        check_result(row, cpu.row(row_of(SET_R, TypedValue(row.result).type)));
    EXPECT_EQ(cpu.cpu->fp_flags, row.flags);
    check_memory(row);
}

void run_eval(const Row &row, const ir_block *block, const std::vector<TypedValue> &operands)
{
    const ir_insn *in = &block->insns[operands.size()];
    if (ir_insn_effects(in) & IR_FX_RSTATE && in->op != IR_SC)
        return;
    TestCpu cpu;
    prepare(cpu, operands);
    union ir_value args[4], result;
    ir_type types[4];
    memset(args, 0xa5, sizeof args); // bytes above the width must not matter
    for (unsigned i = 0; i < operands.size(); i++) {
        memcpy(&args[i], operands[i].bytes, operands[i].size());
        types[i] = operands[i].type;
    }
    ir_eval(cpu.cpu.get(), in, types, args, &result);
    check_result(row, result.u8);
    EXPECT_EQ(cpu.cpu->fp_flags, row.flags);
    check_memory(row);
}

void run_row(const Row &row, std::set<unsigned> *seen)
{
    SCOPED_TRACE(std::string(row.insn) + " | " + row.operands);
    std::vector<TypedValue> operands = operands_of(row);
    bool wide = false;
    for (const TypedValue &v : operands)
        wide |= v.type == IR_V256;
    for (bool constants : {false, true}) {
        if (constants && wide)
            continue; // there are no such constants
        Arena a;
        const ir_block *block = parse(&a, block_text(row, operands, constants));
        ASSERT_NE(block, nullptr);
        ASSERT_EQ(verify(block), "");
        EXPECT_EQ(print(parse(&a, print(block))), print(block));
        run_block(row, block, operands);
        run_eval(row, block, operands);
        const ir_block *better = optimize(&a, block);
        ASSERT_EQ(verify(better), "") << print(better);
        run_block(row, better, operands);
        for (uint32_t i = 0; i < block->count; i++)
            seen->insert(block->insns[i].op);
    }
}

TEST(Interp, RowsGiveTheirResults)
{
    std::set<unsigned> seen;
    for (const Row &row : rows)
        run_row(row, &seen);
    // What has no row here has a test of its own below.
    for (unsigned op : {IR_CALL, IR_INSN, IR_CALL_HINT, IR_DEAD_FLAGS, IR_EXIT_IF, IR_TRAP_IF, IR_JUMP_REG, IR_TRAP,
                        IR_FENCE, IR_PREFETCH, IR_FFLAGS, IR_VFN})
        seen.insert(op);
    for (unsigned op = 0; op < IR_OP_COUNT; op++) // x87: against the host, by the x86 fuzzer
        EXPECT_TRUE(seen.count(op) || ir_op_facts[op].aux == IR_AUX_X87 || ir_op_facts[op].aux == IR_AUX_X87MEM)
            << "no row for " << ir_op_infos[op].text;
}

ir_exit run(TestCpu &cpu, const std::string &text)
{
    Arena a;
    const ir_block *block = parse(&a, text);
    ir_exit exit = {};
    if (!block)
        return exit;
    EXPECT_EQ(verify(block), "");
    ir_interp(cpu.cpu.get(), block, &exit);
    return exit;
}

static void add_pairs(union ir_value *r, const union ir_value *const *a, unsigned imm)
{
    r->u64[0] = a[0]->u64[0] + a[1]->u64[0];
    r->u64[1] = a[2]->u64[1] + imm;
}

TEST(Interp, VfnCallsItsFunction)
{
    static const ir_vec_fn fn = {"add_pairs", add_pairs, IR_VEC_OTHER};
    const ir_insn insn = {IR_VFN, IR_V128, 7, {0, 1, 2, IR_NO_REF}, reinterpret_cast<uintptr_t>(&fn)};
    const ir_type types[] = {IR_V128, IR_V128, IR_V128, IR_VOID};
    ir_value args[3] = {{{1, 2}}, {{10, 20}}, {{100, 200}}}, result = {{0, 0, 5}};
    TestCpu cpu;
    ir_eval(cpu.cpu.get(), &insn, types, args, &result);
    EXPECT_EQ(result.u64[0], 11u);
    EXPECT_EQ(result.u64[1], 207u);
    EXPECT_EQ(result.u64[2], 5u);
}

TEST(Interp, SideExitLeavesOnlyIfTrue)
{
    const char *text = "%1 = get i1 $a.i1\nexit.if %1 0x2000\n%2 = const i64 7\nput i64 $x0 %2\nfence {rr ww}\n"
                       "prefetch %2\njump 0x3000 {call}\n";
    TestCpu cpu;
    *cpu.row(row_of(SET_A, IR_I1)) = 1;
    cpu.set(ROW_X0, 1);
    ir_exit exit = run(cpu, text);
    EXPECT_EQ(exit.pc, 0x2000u);
    EXPECT_EQ(cpu.cpu->pc, 0x2000u);
    EXPECT_EQ(cpu.get(ROW_X0), 1u);
    *cpu.row(row_of(SET_A, IR_I1)) = 0;
    exit = run(cpu, text);
    EXPECT_EQ(exit.pc, 0x3000u);
    EXPECT_EQ(exit.hint, IR_HINT_CALL);
    EXPECT_EQ(cpu.get(ROW_X0), 7u);
}

TEST(Interp, JumpRegGoesToItsOperand)
{
    TestCpu cpu;
    cpu.set(ROW_X0, 0x123456);
    ir_exit exit = run(cpu, "insn 0x10 {n=4}\n%1 = get i64 $x0\ncall.hint 0x14\njump.reg %1 {ret}\n");
    EXPECT_EQ(exit.reason, CPU_EXIT_LOOKUP);
    EXPECT_EQ(exit.pc, 0x123456u);
    EXPECT_EQ(exit.hint, IR_HINT_RET);
}

TEST(Interp, TrapsSayWhatAndWhere)
{
    TestCpu cpu;
    ir_exit exit = run(cpu, "trap 0x44 {syscall}\n");
    EXPECT_EQ(exit.reason, CPU_EXIT_TRAP);
    EXPECT_EQ(exit.trap, IR_TRAP_SYSCALL);
    EXPECT_EQ(cpu.cpu->pc, 0x44u);
    exit = run(cpu, "%1 = const i1 1\ntrap.if %1 0x48 {div.zero}\njump 0\n");
    EXPECT_EQ(exit.trap, IR_TRAP_DIV_ZERO);
    EXPECT_EQ(exit.pc, 0x48u);
    exit = run(cpu, "insn 0x50 {n=4}\n%1 = const i64 0x1001\n%2 = ld i64 %1 {i64 aligned}\njump 0\n");
    EXPECT_EQ(exit.trap, IR_TRAP_MISALIGNED);
    EXPECT_EQ(exit.pc, 0x50u);
}

TEST(Interp, PcIsTheInstructionsWhenItFaults)
{
    EXPECT_EXIT(
        {
            static struct cpu *cpu;
            TestCpu test;
            cpu = test.cpu.get();
            struct sigaction sa = {};
            sa.sa_handler = [](int) { _exit(cpu->pc == 0x54 ? 0 : 1); };
            sigaction(SIGSEGV, &sa, nullptr);
            run(test, "insn 0x50 {n=4}\ninsn 0x54 {n=4}\n%1 = const i64 0x8\n%2 = ld i64 %1 {i64}\ninsn 0x58 "
                      "{n=4}\njump 0\n");
        },
        testing::ExitedWithCode(0), "");
}

TEST(Interp, StoreConditionalNeedsTheReservation)
{
    memory().reset();
    std::string at = std::to_string(reinterpret_cast<unsigned long>(memory().bytes));
    std::string head = "%1 = const i64 " + at + "\n",
                sc = "%3 = const i32 5\n%4 = sc i32 %1 %3 {i32}\nput i1 $r.i1 %4\njump 0\n";
    TestCpu cpu;
    run(cpu, head + "%2 = ll i32 %1 {i32}\n" + sc);
    EXPECT_EQ(*cpu.row(row_of(SET_R, IR_I1)), 1);
    EXPECT_EQ(memory().bytes[0], 5);
    run(cpu, head + sc); // the reservation is gone
    EXPECT_EQ(*cpu.row(row_of(SET_R, IR_I1)), 0);
    run(cpu, head + "%2 = ll i32 %1 {i32}\n%5 = const i8 9\nst i8 %1 %5 {i8}\n" + sc); // changed meanwhile
    EXPECT_EQ(*cpu.row(row_of(SET_R, IR_I1)), 0);
    EXPECT_EQ(memory().bytes[0], 9);
    run(cpu, head + "%2 = ll i64 %1 {i64}\n" + sc); // another size
    EXPECT_EQ(*cpu.row(row_of(SET_R, IR_I1)), 0);
}

uint64_t sum_helper(struct cpu *cpu, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    cpu->fp_flags |= FP_DZ;
    return a + 10 * b + 100 * c + 1000 * d;
}

TEST(Interp, CallPassesBitsAndReturnsResult)
{
    static const ir_helper helper = {"sum", sum_helper, 4, IR_I32, 0};
    Arena a;
    ir_builder b;
    ir_builder_init(&b, &a, test_state(), 0, 0);
    ir_ref narrow = ir_get(&b, row_of(SET_A, IR_I8)), wide = ir_const(&b, IR_I64, 2);
    ir_ref r = ir_call(&b, &helper, narrow, wide, ir_const(&b, IR_I1, 1), ir_const(&b, IR_I16, 4));
    ir_put(&b, row_of(SET_R, IR_I32), r);
    ir_jump(&b, IR_HINT_NONE, 0);
    const ir_block *block = ir_builder_seal(&b);
    TestCpu cpu;
    *cpu.row(row_of(SET_A, IR_I8)) = 3; // its other bytes are noise
    ir_exit exit;
    ir_interp(cpu.cpu.get(), block, &exit);
    EXPECT_EQ(static_cast<uint32_t>(cpu.get(row_of(SET_R, IR_I32))), 3u + 20 + 100 + 4000);
    EXPECT_EQ(cpu.cpu->fp_flags, static_cast<unsigned>(FP_DZ));
}

TEST(Interp, DynamicRoundingIsTheGuestsMxcsr)
{
    TestCpu cpu;
    cpu.cpu->fp_env = host_fp_with_rounding(host_fp_default(), FP_UP);
    run(cpu, "%1 = const f64 0x3ff0000000000000\n%2 = const f64 0x3c00000000000000\n%3 = fadd f64 %1 %2 {dyn}\n"
             "put f64 $r.f64 %3\njump 0\n");
    EXPECT_EQ(cpu.get(row_of(SET_R, IR_F64)), 0x3ff0000000000001u);
}

TEST(Interp, FlagsAreThoseOfSoftwareAndOfTheGuestsMxcsr)
{
    TestCpu cpu;
    cpu.cpu->fp_env = 0x1f80 | 1 << 5 | 2; // inexact; denormal is no IEEE flag
    cpu.cpu->fp_flags = FP_OF;
    run(cpu, "%1 = const f64 0x3ff0000000000000\n%2 = const f64 0\n%3 = fflags i32\n%4 = fdiv f64 %1 %2 {dyn}\n"
             "%5 = fflags i32\nput f64 $r.f64 %4\nput i32 $r.i32 %3\n%6 = trunc i8 %5\nput i8 $r.i8 %6\njump 0\n");
    EXPECT_EQ(static_cast<uint32_t>(cpu.get(row_of(SET_R, IR_I32))), static_cast<uint32_t>(FP_NX | FP_OF));
    EXPECT_EQ(static_cast<uint8_t>(cpu.get(row_of(SET_R, IR_I8))), static_cast<uint8_t>(FP_NX | FP_OF | FP_DZ));
}
} // namespace
