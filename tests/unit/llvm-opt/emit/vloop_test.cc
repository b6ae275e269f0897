/* SPDX-License-Identifier: Apache-2.0 */
/* Loops that run several iterations at once: the same registers, memory and flags as one at a time, wherever the arrays
 * lie, however often the loop goes round, whatever the numbers are. */
#include <gtest/gtest.h>

#include "tests/unit/llvm-opt/emit/harness.h"

using namespace lopt_test;

namespace
{

constexpr unsigned kPointers = 3; /* x1.. */
constexpr unsigned kCarried = 3;  /* f2.. */
enum Counter { POINTER_NE, UP_SIGNED, UP_UNSIGNED, DOWN_SIGNED, WORD_NE, COUNTERS };

bool is_vector(const Code &code)
{
    std::string text = code.disassembly();
    for (const char *op : {"addp", "subp", "mulp", "divp", "sqrtp", "vxorp", "vandp"}) {
        if (text.find(op) != std::string::npos)
            return true;
    }
    return text.find("%ymm") != std::string::npos;
}

ir_ref canon(struct ir_builder *b, ir_ref x)
{
    return ir_fp(b, IR_FCANON, ir_type_of(b, x), 0, x, IR_NO_REF, IR_NO_REF);
}

/* One random kernel over three arrays and two constants. */
struct Kernel {
    Random rng;
    enum ir_type t;
    unsigned size;
    Counter counter;
    std::vector<ir_ref> pool, carried;

    Kernel(uint64_t seed) : rng{seed}
    {
        t = rng.below(3) ? IR_F64 : IR_F32;
        size = t == IR_F64 ? 8 : 4;
        counter = (Counter)rng.below(COUNTERS);
    }
    ir_ref pick() { return pool[rng.below((unsigned)pool.size())]; }
    int64_t displacement() { return rng.below(4) ? 0 : (int64_t)(rng.below(9) * size) - 4 * (int64_t)size; }
    ir_ref pointer(struct ir_builder *b) { return ir_get(b, X0 + 1 + rng.below(kPointers)); }

    ir_ref constant(struct ir_builder *b, unsigned row)
    {
        ir_ref v = ir_get(b, F0 + row);
        return t == IR_F64 ? v : ir_conv(b, IR_FUNBOX, IR_F32, v);
    }

    ir_ref operation(struct ir_builder *b)
    {
        static const enum ir_op binary[] = {IR_FADD, IR_FSUB, IR_FMUL, IR_FDIV};
        ir_ref x = pick(), y = pick(), z = pick();
        unsigned signs = rng.below(4) * IR_FP_NEG_PRODUCT;
        switch (rng.below(8)) {
        case 0:
            return canon(b, ir_fp(b, IR_FSQRT, t, IR_RDYN, x, IR_NO_REF, IR_NO_REF));
        case 1:
            return ir_fp(b, rng.below(2) ? IR_FNEG : IR_FABS, t, 0, x, IR_NO_REF, IR_NO_REF);
        case 2:
            return canon(b, ir_fp(b, IR_FMA, t, (uint16_t)(IR_RDYN | signs), x, y, z));
        default:
            return canon(b, ir_fp(b, binary[rng.below(4)], t, IR_RDYN, x, y, IR_NO_REF));
        }
    }

    void store(struct ir_builder *b, int64_t disp, ir_ref v)
    {
        enum ir_type bits = t == IR_F64 ? IR_I64 : IR_I32;
        if (rng.below(2)) /* as fsw does */
            ir_st(b, ir_mem(bits), pointer(b), disp, ir_conv(b, IR_BITCAST, bits, v));
        else
            ir_st(b, ir_mem(t), pointer(b), disp, v);
    }

    void keep(struct ir_builder *b)
    {
        ir_ref v = pick();
        if (t == IR_F64 && rng.below(8) == 0) {
            ir_put(b, X0 + 10, ir_conv(b, IR_BITCAST, IR_I64, v));
            return;
        }
        put(b, 5 + rng.below(6), v);
    }

    void put(struct ir_builder *b, unsigned row, ir_ref v)
    {
        ir_put(b, F0 + row, t == IR_F64 ? v : ir_conv(b, IR_FBOX, IR_F64, v));
    }

    /* Rows that pass what was loaded on: what they have now goes to the pool. */
    void read_carried(struct ir_builder *b)
    {
        carried.clear();
        for (unsigned i = 0, n = rng.below(2) ? 1 + rng.below(kCarried) : 0; i < n; i++)
            carried.push_back(constant(b, 2 + i));
        pool.insert(pool.end(), carried.begin(), carried.end());
    }

    void pass_on(struct ir_builder *b)
    {
        for (unsigned i = 1; i < carried.size(); i++)
            put(b, 2 + i, carried[i - 1]);
        if (!carried.empty())
            put(b, 2, ir_ld(b, t, ir_mem(t), pointer(b), displacement()));
    }

    void body(struct ir_builder *b)
    {
        pool = {constant(b, 0), constant(b, 11)};
        read_carried(b);
        for (unsigned i = 0, n = 3 + rng.below(8); i < n; i++) {
            unsigned what = rng.below(6);
            if (what < 2 || i == 0)
                pool.push_back(ir_ld(b, t, ir_mem(t), pointer(b), displacement()));
            else if (what == 5)
                store(b, displacement(), pick());
            else
                pool.push_back(operation(b));
        }
        store(b, 0, pool.back());
        keep(b);
        keep(b);
        pass_on(b);
    }

    ir_ref advance(struct ir_builder *b, unsigned row, int by)
    {
        ir_ref next = ir_bini(b, IR_ADD, ir_get(b, X0 + row), (uint64_t)(int64_t)by);
        ir_put(b, X0 + row, next);
        return next;
    }

    ir_ref condition(struct ir_builder *b)
    {
        ir_ref bound = ir_get(b, X0 + 5), x = IR_NO_REF;
        for (unsigned i = 0; i < kPointers; i++)
            x = advance(b, 1 + i, (int)size);
        switch (counter) {
        case POINTER_NE:
            return ir_icmp(b, IR_NE, x, bound);
        case UP_SIGNED:
            return ir_icmp(b, IR_SLT, advance(b, 9, 3), bound);
        case UP_UNSIGNED:
            return ir_icmp(b, IR_UGT, bound, advance(b, 9, 1));
        case DOWN_SIGNED:
            return ir_icmp(b, IR_SGT, advance(b, 9, -2), bound);
        default: {
            ir_ref word = ir_bini(b, IR_ADD, ir_conv(b, IR_TRUNC, IR_I32, ir_get(b, X0 + 9)), 1);
            ir_ref wide = ir_conv(b, IR_SEXT, IR_I64, word);
            ir_put(b, X0 + 9, wide);
            return ir_icmp(b, IR_NE, wide, bound);
        }
        }
    }

    void build(Region &r)
    {
        struct ir_builder *b = r.begin();
        body(b);
        ir_exit_if(b, condition(b), block_pc(0));
        ir_jump(b, IR_HINT_NONE, kOutside);
        r.end({}, 1000);
    }

    void fill(uint8_t *at, bool special)
    {
        double d = (double)(int64_t)rng.next() * 0x1p-40;
        float f = (float)d;
        uint64_t u;
        uint32_t w;
        memcpy(&u, &d, 8);
        memcpy(&w, &f, 4);
        u = special ? rng.interesting_f64() : u;
        w = special ? rng.interesting_f32() : w;
        memcpy(at, t == IR_F64 ? (void *)&u : (void *)&w, size);
    }

    /* Where the counter starts so that there are n iterations, and its bound. */
    void set_count(uint64_t *x, unsigned n)
    {
        uint64_t from = rng.below(2) ? rng.next() : rng.below(100);
        switch (counter) {
        case POINTER_NE:
            x[5] = x[3] + n * size;
            break;
        case UP_SIGNED:
        case UP_UNSIGNED:
            from = counter == UP_SIGNED ? INT64_MAX - rng.below(2) * 5000u - n * 3 : UINT64_MAX - n - rng.below(200);
            x[9] = from, x[5] = from + n * (counter == UP_SIGNED ? 3 : 1) - (counter == UP_SIGNED ? rng.below(3) : 0);
            break;
        case DOWN_SIGNED:
            from = rng.below(2) ? 0 : (uint64_t)INT64_MIN + 2 * n + rng.below(4);
            x[9] = from, x[5] = from - 2 * n + rng.below(2);
            break;
        default:
            from = rng.below(2) ? (uint64_t)INT32_MAX - rng.below(50) : from; /* wraps as a word */
            x[9] = from, x[5] = (uint64_t)(int64_t)(int32_t)(from + n);
        }
    }

    void set_up(struct cpu *cpu)
    {
        unsigned one_in = rng.below(3) ? 4 + rng.below(200) : 0, n = 1 + rng.below(rng.below(3) ? 40 : 9);
        for (unsigned i = 0; i < kMemory; i += size)
            fill(memory() + i, one_in && !rng.below(one_in));
        uint64_t x[16], f;
        memcpy(x, cpu->guest, sizeof x);
        uintptr_t base = (uintptr_t)memory() + 1024 + rng.below(16);
        for (unsigned i = 0; i < kPointers; i++) {
            unsigned far = rng.below(2) ? rng.below(12) * size : rng.below(2) ? rng.below(100) : i * 600;
            x[1 + i] = base + far;
        }
        set_count(x, n);
        memcpy(cpu->guest, x, sizeof x);
        for (unsigned row : {0, 11, 2, 3, 4}) {
            f = 0;
            fill((uint8_t *)&f, rng.below(8) == 0);
            f |= t == IR_F32 && (row % 11 == 0 || rng.below(8)) ? 0xffffffff00000000 : 0; /* some are in no box */
            set_row(cpu, kRows[F0 + row], f);
        }
        cpu->fp_env = (cpu->fp_env & ~0x6000u) | rng.below(4) << 13;
    }
};

} // namespace

TEST(LoptVloop, RandomKernels)
{
    unsigned vectors = 0, carried = 0;
    constexpr unsigned kernels = 150;
    for (uint64_t seed = 1; seed <= kernels; seed++) {
        Region r;
        Kernel kernel(seed * 77);
        kernel.build(r);
        Code code(r.get());
        vectors += is_vector(code);
        carried += is_vector(code) && !kernel.carried.empty();
        for (unsigned run = 0; run < 60; run++) {
            Cpu cpu(seed);
            cpu->pending = 0;
            kernel.set_up(cpu.get());
            ASSERT_EQ(compare_code(r.get(), code, cpu.get(), run % 4 == 3), "")
                << "seed " << seed << " run " << run << "\n"
                << print(r.get()) << code.disassembly();
        }
    }
    EXPECT_GT(vectors, kernels / 2); /* else this tests something else */
    EXPECT_GT(carried, kernels / 5);
}

/* Infinity * 0 + quiet NaN is invalid in RISC-V only: one lane of one iteration, and nothing else that is. */
TEST(LoptVloop, FmaRaisesInvalidForInfinityTimesZeroPlusNan)
{
    Region r;
    struct ir_builder *b = r.begin();
    ir_ref p = ir_get(b, X0), x[3];
    for (unsigned i = 0; i < 3; i++)
        x[i] = ir_ld(b, IR_F64, IR_F64, p, 512 * (int64_t)i);
    ir_st(b, IR_F64, p, 2048, ir_fp(b, IR_FADD, IR_F64, IR_RDYN, x[0], x[1], IR_NO_REF)); /* no NaN */
    ir_put(b, F0, canon(b, ir_fp(b, IR_FMA, IR_F64, IR_RDYN, x[0], x[1], x[2])));
    ir_ref next = ir_bini(b, IR_ADD, p, 8);
    ir_put(b, X0, next);
    ir_exit_if(b, ir_icmp(b, IR_NE, next, ir_get(b, X0 + 1)), block_pc(0));
    ir_jump(b, IR_HINT_NONE, kOutside);
    r.end({}, 1000);
    Code code(r.get());
    ASSERT_TRUE(is_vector(code)) << code.disassembly();
    for (unsigned lane = 0; lane < 21; lane++) { /* 20: none */
        const double inf = __builtin_inf(), ordinary[3] = {1, 2, 3}, special[3] = {inf, 0, __builtin_nan("")};
        Cpu cpu(1);
        for (unsigned i = 0; i < 60; i++)
            memcpy(memory() + 512 * (i / 20) + 8 * (i % 20), i % 20 == lane ? &special[i / 20] : &ordinary[i / 20], 8);
        uint64_t at[2] = {(uintptr_t)memory(), (uintptr_t)memory() + 20 * 8};
        memcpy(cpu->guest, at, sizeof at);
        ASSERT_EQ(compare_code(r.get(), code, cpu.get()), "") << lane;
    }
}
