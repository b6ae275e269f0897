/* SPDX-License-Identifier: Apache-2.0 */
/* Precise regions: when an access faults, every register is in cpu->guest and cpu->pc is the instruction's. */
#include <gtest/gtest.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>

#include "tests/unit/llvm-opt/emit/harness.h"

using namespace lopt_test;

namespace
{

sigjmp_buf on_fault;
void handler(int) { siglongjmp(on_fault, 1); }

/* Faults in store k of 4 when x0 points k * 8 bytes before the end of the page. */
void make_region(Region &r)
{
    struct ir_builder *b = r.begin();
    for (unsigned k = 0; k < 4; k++) {
        ir_insn_start(b, kPc + k * 8, 4);
        ir_put(b, X0 + 1, ir_bini(b, IR_ADD, ir_get(b, X0 + 1), 1));
        ir_put(b, X0 + 12, ir_bini(b, IR_MUL, ir_get(b, X0 + 12), 3));
        ir_ref f = ir_fp(b, IR_FSUB, IR_F64, IR_RDYN, ir_get(b, F0 + 7), ir_get(b, F0 + 7), IR_NO_REF);
        ir_put(b, F0 + (k % 2 ? 1 : 8), ir_fp(b, IR_FCANON, IR_F64, 0, f, IR_NO_REF, IR_NO_REF));
        ir_insn_start(b, kPc + k * 8 + 4, 4);
        ir_st(b, IR_I64, ir_get(b, X0), k * 8, ir_get(b, X0 + 1));
    }
    ir_jump(b, IR_HINT_NONE, kOutside);
    r.end();
    r.precise = true;
}

} // namespace

TEST(LoptPrecise, StateIsCompleteAtFaults)
{
    long page = 4096;
    char *p = (char *)mmap(nullptr, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ASSERT_NE(p, MAP_FAILED);
    mprotect(p + page, page, PROT_NONE);
    struct sigaction action = {}, old;
    action.sa_handler = handler;
    sigaction(SIGSEGV, &action, &old);
    Region r;
    make_region(r);
    Code code(r.get());
    for (unsigned k = 0; k < 4; k++) {
        Cpu want(5), got(5);
        uint64_t x0 = (uint64_t)(p + page - k * 8), inf = 0x7ff0000000000000;
        for (Cpu *c : {&want, &got}) {
            c->set_x(0, x0);
            c->set_f(7, inf);
        }
        bool faulted = true;
        if (!sigsetjmp(on_fault, 1)) {
            interpret(want.get(), r.get());
            faulted = false;
        }
        EXPECT_TRUE(faulted);
        uint32_t mxcsr = __builtin_ia32_stmxcsr();
        if (!sigsetjmp(on_fault, 1)) {
            code.run(got.get());
            ADD_FAILURE() << "no fault";
        }
        __builtin_ia32_ldmxcsr(mxcsr);
        EXPECT_EQ(want->pc, got->pc);
        EXPECT_EQ(memcmp(want->guest, got->guest, 400), 0) << k;
    }
    sigaction(SIGSEGV, &old, nullptr);
    munmap(p, 2 * page);
}
