/* SPDX-License-Identifier: Apache-2.0 */
/* Precise regions: when an access faults, the registers are those of an instruction from which the reference
 * interpreter comes to the same fault with the same registers. */
#include <gtest/gtest.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>

#include "tests/unit/llvm-opt/emit/harness.h"

using namespace lopt_test;

namespace
{

sigjmp_buf on_fault;
const Code *running; /* NULL: the interpreter */
struct cpu *running_cpu;
unsigned replay;

void handler(int, siginfo_t *, void *context)
{
    replay = running ? running->recover(running_cpu, (const ucontext_t *)context) : 0;
    siglongjmp(on_fault, 1);
}

/* The instructions from address from on. Of rows of all kinds: pinned or not, integers, exact, raw and boxed floats. */
void make_region(Region &r, gaddr_t from = kPc)
{
    struct ir_builder *b = r.begin(from);
    for (unsigned k = 0; k < 4; k++) {
        if (kPc + k * 8 >= from) {
            ir_insn_start(b, kPc + k * 8, 4);
            ir_put(b, X0 + 1, ir_bini(b, IR_ADD, ir_get(b, X0 + 1), 1));
            ir_put(b, X0 + 12, ir_bini(b, IR_MUL, ir_get(b, X0 + 12), 3));
            ir_put(b, X0 + 13, ir_conv(b, IR_SEXT, IR_I64, ir_conv(b, IR_TRUNC, IR_I32, ir_get(b, X0 + 12))));
            ir_ref f = ir_fp(b, IR_FSUB, IR_F64, IR_RDYN, ir_get(b, F0 + 7), ir_get(b, F0 + 7), IR_NO_REF);
            ir_put(b, F0 + (k % 2 ? 1 : 8), ir_fp(b, IR_FCANON, IR_F64, 0, f, IR_NO_REF, IR_NO_REF));
            ir_ref s = ir_conv(b, IR_FUNBOX, IR_F32, ir_get(b, F0 + 2));
            s = ir_fp(b, IR_FADD, IR_F32, IR_RDYN, s, s, IR_NO_REF);
            ir_put(b, F0 + (k % 2 ? 2 : 9),
                   ir_conv(b, IR_FBOX, IR_F64, ir_fp(b, IR_FCANON, IR_F32, 0, s, IR_NO_REF, IR_NO_REF)));
        }
        if (kPc + k * 8 + 4 >= from) {
            ir_insn_start(b, kPc + k * 8 + 4, 4);
            ir_st(b, IR_I64, ir_get(b, X0), k * 8, ir_get(b, X0 + 1));
            if (k == 1) /* what was stored before may be what this loads: no segment begins before both */
                ir_put(b, X0 + 14, ir_ld(b, IR_I64, IR_I64, ir_get(b, X0 + 2), 0));
        }
    }
    ir_jump(b, IR_HINT_NONE, kOutside);
    r.end();
    r.precise = true;
}

/* Runs what must fault. */
template <typename Fn> void expect_fault(const Code *code, struct cpu *cpu, Fn run)
{
    running = code;
    running_cpu = cpu;
    if (!sigsetjmp(on_fault, 1)) {
        run();
        ADD_FAILURE() << "no fault";
    }
}

/* Store k of 4 faults. pages: the second one cannot be accessed. */
void check(const Code &code, char *pages, unsigned k)
{
    Cpu want(5), got(5);
    uint64_t x0 = (uint64_t)(pages + 4096 - k * 8), inf = 0x7ff0000000000000, boxed_inf = 0xffffffff7f800000;
    for (Cpu *c : {&want, &got}) {
        c->set_x(0, x0);
        c->set_x(2, (uint64_t)pages);
        c->set_f(2, boxed_inf);
        c->set_f(7, inf);
    }
    Region whole;
    make_region(whole);
    expect_fault(nullptr, want.get(), [&] { interpret(want.get(), whole.get()); });
    uint32_t mxcsr = __builtin_ia32_stmxcsr();
    expect_fault(&code, got.get(), [&] { code.run(got.get()); });
    __builtin_ia32_ldmxcsr(mxcsr);
    EXPECT_GT(replay, 0u);
    Region rest;
    make_region(rest, got->pc);
    expect_fault(nullptr, got.get(), [&] { interpret(got.get(), rest.get()); });
    EXPECT_EQ(want->pc, got->pc);
    EXPECT_EQ(memcmp(want->guest, got->guest, 400), 0) << k;
}

} // namespace

TEST(LoptPrecise, RegistersAreFoundAtFaults)
{
    char *pages = (char *)mmap(nullptr, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ASSERT_NE(pages, MAP_FAILED);
    mprotect(pages + 4096, 4096, PROT_NONE);
    struct sigaction action = {}, old;
    action.sa_sigaction = handler;
    action.sa_flags = SA_SIGINFO;
    sigaction(SIGSEGV, &action, &old);
    Region r;
    make_region(r);
    Code code(r.get());
    ASSERT_NE(code.result().faults, nullptr);
    EXPECT_GE(code.result().faults->access_count, 4u);
    for (unsigned k = 0; k < 4; k++)
        check(code, pages, k);
    sigaction(SIGSEGV, &old, nullptr);
    munmap(pages, 8192);
}
