/* SPDX-License-Identifier: Apache-2.0 */
/* Stubs of cold exits: each is run, from registers and a stack full of different values, and what it leaves is compared
 * with what its moves say. */
#include "llvm-opt/emit/stub.h"

#include <gtest/gtest.h>
#include <memory>

#include "tests/harness/code_buffer.h"
#include "tests/harness/random.h"

/* What the stub begins and ends with; ymm0 .. ymm15, then xmm16 .. xmm31. */
extern "C" {
struct stub_test_regs {
    uint64_t gpr[16];
    uint64_t vec[32][4];
};
struct stub_test_regs stub_test_in, stub_test_out;
uint64_t stub_test_sp;
const void *stub_test_code;
uint32_t stub_test_avx512;
void stub_test_run(void);
void stub_test_leave(void);
}

asm(R"(
    .text
    .macro each_vector do
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
    \do \n
    .endr
    .endm
    .macro each_high do
    .irp n, 16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    \do \n
    .endr
    .endm
    .macro load_vector n
    vmovups stub_test_in+128+32*\n(%rip), %ymm\n
    .endm
    .macro store_vector n
    vmovups %ymm\n, stub_test_out+128+32*\n(%rip)
    .endm
    .macro load_high n
    vmovups stub_test_in+128+32*\n(%rip), %ymm\n
    .endm
    .macro each_general do
    \do rax, 0
    \do rcx, 1
    \do rdx, 2
    \do rbx, 3
    \do rsp, 4
    \do rbp, 5
    \do rsi, 6
    \do rdi, 7
    \do r8, 8
    \do r9, 9
    \do r10, 10
    \do r11, 11
    \do r12, 12
    \do r13, 13
    \do r14, 14
    \do r15, 15
    .endm
    .macro load_general name n
    mov stub_test_in+8*\n(%rip), %\name
    .endm
    .macro store_general name n
    mov %\name, stub_test_out+8*\n(%rip)
    .endm
    .globl stub_test_run
stub_test_run:
    push %rbx
    push %rbp
    push %r12
    push %r13
    push %r14
    push %r15
    mov %rsp, stub_test_sp(%rip)
    each_vector load_vector
    cmpl $0, stub_test_avx512(%rip)
    je 1f
    each_high load_high
1:  each_general load_general
    jmp *stub_test_code(%rip)
    .globl stub_test_leave
stub_test_leave:
    each_general store_general
    each_vector store_vector
    vzeroupper
    mov stub_test_sp(%rip), %rsp
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbp
    pop %rbx
    ret
)");

namespace
{

constexpr unsigned kSlots = 64, kFrame = kSlots * 8, kRowBytes = 32, kRows = 80;
enum { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, R9, R10, R11, R12, R13, R14, R15 };
constexpr unsigned kPinned[] = {RBP, R12, RBX, R14, RSI, RDI, R8, R9, R15};

struct lopt_location at(enum lopt_where where, int64_t place)
{
    struct lopt_location l = {};
    l.where = (uint8_t)where;
    l.at = place;
    return l;
}

struct lopt_stub_move move(unsigned row, unsigned bytes, struct lopt_location from)
{
    struct lopt_stub_move m = {};
    m.offset = (uint16_t)(row * kRowBytes);
    m.bytes = (uint8_t)bytes;
    m.pin_gpr = m.pin_fpr = -1;
    m.from = from;
    return m;
}

struct lopt_stub_move pinned_gpr(unsigned i, struct lopt_location from)
{
    struct lopt_stub_move m = move(i, 8, from);
    m.pin_gpr = (int8_t)i;
    return m;
}

struct lopt_stub_move pinned_fpr(unsigned i, struct lopt_location from)
{
    struct lopt_stub_move m = move(16 + i, 8, from);
    m.pin_fpr = (int8_t)i;
    return m;
}

struct lopt_stub_move repaired(struct lopt_stub_move m, enum lopt_repair repair)
{
    m.repair = (uint8_t)repair;
    m.bytes = repair == LOPT_REPAIR_RAW ? 8 : 4;
    return m;
}

struct lopt_stub_move in_cpu(struct lopt_stub_move m)
{
    m.in_cpu = true;
    return m;
}

bool has_avx512() { return __builtin_cpu_supports("avx512vl"); }

/* A stub, and the machine in front of it. */
class Stub
{
  public:
    explicit Stub(uint64_t seed) : random_{seed}, frame_(kFrame + 64), cpu_(kRows * kRowBytes)
    {
        for (uint64_t &v : frame_)
            v = value();
        for (uint64_t &v : regs_.gpr)
            v = value();
        for (auto &vector : regs_.vec)
            for (uint64_t &v : vector)
                v = value();
        for (uint8_t &v : cpu_)
            v = (uint8_t)random_();
        regs_.gpr[RSP] = (uint64_t)(uintptr_t)frame_.data();
    }
    std::vector<struct lopt_stub_move> moves;
    struct lopt_location cpu = at(LOPT_IN_GPR, R13);
    uint32_t frame = kFrame;
    bool avx = true, wide = false;

    /* Any double, often a NaN of some sort, never a signaling one: a raw value is not. */
    uint64_t value()
    {
        uint64_t v = random_();
        if (random_.one_in(4))
            v |= UINT64_C(0x7ff8000000000000);
        if (random_.one_in(4))
            v |= 0x7fc00000;
        if ((v & UINT64_C(0x7ff8000000000000)) == UINT64_C(0x7ff0000000000000))
            v ^= UINT64_C(1) << 62;
        if ((v & 0x7fc00000) == 0x7f800000)
            v ^= 1u << 30;
        return v;
    }
    void run();
    harness::Random random_;

  private:
    std::vector<uint8_t> value_of(const struct lopt_stub_move &m) const;
    void check(const std::vector<uint8_t> &before, const std::vector<struct lopt_stub_move> &asked) const;
    struct stub_test_regs regs_;
    std::vector<uint64_t> frame_;
    std::vector<uint8_t> cpu_;
};

/* The bytes that the row is to have. */
std::vector<uint8_t> Stub::value_of(const struct lopt_stub_move &m) const
{
    std::vector<uint8_t> bytes(32);
    const uint8_t *from = nullptr;
    switch ((enum lopt_where)m.from.where) {
    case LOPT_IN_GPR:
        from = (const uint8_t *)&regs_.gpr[m.from.at];
        break;
    case LOPT_IN_VECTOR:
        from = (const uint8_t *)regs_.vec[m.from.at];
        break;
    case LOPT_ON_STACK:
        from = (const uint8_t *)frame_.data() + m.from.at;
        break;
    case LOPT_IS_CONST:
        from = (const uint8_t *)&m.from.at;
        break;
    }
    memcpy(bytes.data(), from, m.bytes);
    uint64_t d;
    uint32_t s;
    memcpy(&d, bytes.data(), 8);
    memcpy(&s, bytes.data(), 4);
    if (m.repair == LOPT_REPAIR_RAW && (d & INT64_MAX) > UINT64_C(0x7ff0000000000000))
        d = UINT64_C(0x7ff8000000000000);
    if (m.repair == LOPT_REPAIR_RAWBOX && (s & INT32_MAX) > 0x7f800000)
        s = 0x7fc00000;
    if (m.repair == LOPT_REPAIR_BOX || m.repair == LOPT_REPAIR_RAWBOX)
        d = UINT64_C(0xffffffff00000000) | s;
    if (m.repair != LOPT_REPAIR_NONE)
        memcpy(bytes.data(), &d, 8);
    bytes.resize(m.repair == LOPT_REPAIR_NONE ? m.bytes : 8);
    return bytes;
}

void Stub::check(const std::vector<uint8_t> &before, const std::vector<struct lopt_stub_move> &asked) const
{
    const struct stub_test_regs &out = stub_test_out;
    std::vector<uint8_t> expected = before, got = cpu_;
    EXPECT_EQ(out.gpr[R13], (uint64_t)(uintptr_t)cpu_.data());
    EXPECT_EQ(out.gpr[RSP], regs_.gpr[RSP] + frame);
    for (const struct lopt_stub_move &m : asked) {
        std::vector<uint8_t> v = value_of(m);
        bool pinned = m.pin_gpr >= 0 || m.pin_fpr >= 0;
        if (m.in_cpu)
            v.assign(before.begin() + m.offset, before.begin() + m.offset + 8);
        memcpy(&expected[m.offset], v.data(), v.size());
        if (!pinned)
            continue;
        memcpy(&got[m.offset], m.pin_gpr >= 0 ? &out.gpr[kPinned[m.pin_gpr]] : out.vec[1 + m.pin_fpr], 8);
    }
    for (unsigned row = 0; row < kRows; row++)
        EXPECT_EQ(memcmp(&expected[row * kRowBytes], &got[row * kRowBytes], kRowBytes), 0) << "row " << row;
    for (unsigned v = 0; v < 16 && wide; v++)
        EXPECT_EQ(out.vec[v][2] | out.vec[v][3], 0u) << "vector " << v;
}

void Stub::run()
{
    static harness::CodeBuffer code(16384);
    uint64_t address = (uint64_t)(uintptr_t)cpu_.data();
    if (cpu.where == LOPT_ON_STACK)
        memcpy((uint8_t *)frame_.data() + cpu.at, &address, 8);
    else
        regs_.gpr[cpu.at] = address;
    std::vector<uint8_t> before = cpu_;
    std::vector<struct lopt_stub_move> changed = moves;
    struct lopt_stub stub = {changed.data(), (unsigned)changed.size(), cpu, frame, wide, avx};
    ASSERT_LE(lopt_stub_bound(stub.count), code.size());
    size_t size = lopt_stub_write(&stub, code.rw());
    ASSERT_NE(size, 0u);
    ASSERT_LE(size, lopt_stub_bound(stub.count));
    const uint8_t jump[6] = {0xff, 0x25, 0, 0, 0, 0}; /* jmp *0(%rip) */
    void (*leave)(void) = stub_test_leave;
    memset(code.rw(size - 4), 0, 4);
    memcpy(code.rw(size), jump, sizeof jump);
    memcpy(code.rw(size + sizeof jump), &leave, sizeof leave);
    stub_test_in = regs_;
    stub_test_code = code.rx();
    stub_test_avx512 = has_avx512();
    stub_test_run();
    check(before, moves);
}

/* ---- what is asked ---- */

struct lopt_location reg(unsigned r) { return at(LOPT_IN_GPR, r); }
struct lopt_location xmm(unsigned r) { return at(LOPT_IN_VECTOR, r); }
struct lopt_location slot(unsigned i) { return at(LOPT_ON_STACK, 8 * (int64_t)i); }
struct lopt_location constant(int64_t v) { return at(LOPT_IS_CONST, v); }

/* Pinned number i comes from where sources[i] was pinned. */
void permute(Stub &s, std::vector<unsigned> gprs, std::vector<unsigned> fprs)
{
    for (unsigned i = 0; i < gprs.size(); i++)
        s.moves.push_back(pinned_gpr(i, reg(kPinned[gprs[i]])));
    for (unsigned i = 0; i < fprs.size(); i++)
        s.moves.push_back(pinned_fpr(i, xmm(1 + fprs[i])));
}

class StubTest : public testing::Test
{
  protected:
    void SetUp() override
    {
        if (!__builtin_cpu_supports("avx"))
            GTEST_SKIP() << "the machine has no AVX";
    }
};

TEST_F(StubTest, InPlace)
{
    Stub s(1);
    permute(s, {0, 1, 2, 3, 4, 5, 6, 7, 8}, {0, 1, 2, 3, 4, 5});
    s.run();
}

TEST_F(StubTest, CyclesAndChains)
{
    const std::vector<unsigned> gprs[] = {{1, 0, 2, 3, 4, 5, 6, 7, 8}, {1, 2, 0, 3, 4, 5, 6, 7, 8},
                                          {1, 2, 3, 4, 5, 6, 7, 8, 0}, {1, 0, 3, 2, 5, 6, 4, 8, 7},
                                          {1, 2, 3, 4, 5, 6, 7, 8, 8}, {0, 0, 0, 1, 1, 2, 2, 3, 3},
                                          {1, 2, 0, 0, 1, 3, 3, 5, 6}};
    const std::vector<unsigned> fprs[] = {{1, 0, 2, 3, 4, 5}, {1, 2, 0, 3, 4, 5}, {1, 2, 3, 4, 5, 0},
                                          {1, 0, 3, 2, 5, 4}, {1, 2, 3, 4, 5, 5}, {0, 0, 0, 1, 1, 2},
                                          {1, 2, 0, 0, 1, 3}};
    for (unsigned i = 0; i < ARRAY_LEN(gprs); i++) {
        for (bool avx : {false, true}) {
            SCOPED_TRACE(i);
            Stub s(i + 1);
            s.avx = avx;
            permute(s, gprs[i], fprs[i]);
            s.run();
        }
    }
}

TEST_F(StubTest, StructCpuIsInACycleWithPinnedRegisters)
{
    Stub s(1);
    s.cpu = reg(RBP);
    s.moves = {pinned_gpr(0, reg(R12)), pinned_gpr(1, reg(R13)), move(40, 8, reg(RBP + 1)), move(41, 4, slot(3))};
    s.run();
}

TEST_F(StubTest, EveryRegisterIsASourceAndStructCpuIsOnTheStack)
{
    Stub s(2);
    s.cpu = slot(5);
    permute(s, {1, 2, 3, 4, 5, 6, 7, 8, 0}, {1, 2, 3, 4, 5, 0});
    unsigned row = 30;
    for (unsigned r : {RAX, RCX, RDX, R10, R11, R13})
        s.moves.push_back(move(row++, 8, reg(r)));
    for (unsigned r : {0, 7, 8, 9, 10, 11, 12, 13, 14, 15})
        s.moves.push_back(move(row++, 16, xmm(r)));
    for (unsigned bytes : {1, 2, 4, 8, 16, 32})
        s.moves.push_back(move(row++, bytes, slot(bytes / 4 + 8)));
    s.run();
}

TEST_F(StubTest, NarrowRowsAndConstants)
{
    Stub s(3);
    unsigned row = 30;
    for (unsigned bytes : {1, 2, 4, 8}) {
        for (unsigned r : {RAX, RSI, RDI, RBP, R8, R12, R15})
            s.moves.push_back(move(row++, bytes, reg(r)));
        s.moves.push_back(move(row++, bytes, constant(-2)));
        s.moves.push_back(move(row++, bytes, constant(INT64_C(0x123456789abcdef0))));
    }
    const int64_t values[] = {0, 1, -1, INT32_MIN, INT64_C(0x80000000), INT64_MIN, INT64_C(0x4000000000000001)};
    for (unsigned i = 0; i < ARRAY_LEN(values); i++)
        s.moves.push_back(pinned_gpr(i, constant(values[i])));
    for (unsigned i = 0; i < CPU_PINNED_FPRS; i++)
        s.moves.push_back(pinned_fpr(i, constant(values[i])));
    s.run();
}

TEST_F(StubTest, PinnedOnesFromTheStackFromStructCpuAndFromTheOtherKindOfRegister)
{
    Stub s(4);
    s.moves = {in_cpu(pinned_gpr(0, {})), pinned_gpr(1, slot(4)), pinned_gpr(2, xmm(1)),   pinned_gpr(3, xmm(9)),
               in_cpu(pinned_fpr(0, {})), pinned_fpr(1, slot(9)), pinned_fpr(2, reg(RBP)), pinned_fpr(3, reg(RAX))};
    s.run();
}

TEST_F(StubTest, RegistersAboveFifteen)
{
    if (!has_avx512())
        GTEST_SKIP() << "the machine has no AVX-512";
    Stub s(5);
    s.moves = {pinned_fpr(0, xmm(16)), pinned_fpr(3, xmm(31)), move(40, 4, xmm(17)), move(41, 8, xmm(24)),
               move(42, 16, xmm(25)),  move(43, 32, xmm(30)),  move(44, 32, xmm(15))};
    s.wide = true;
    s.run();
}

TEST_F(StubTest, RepairsNaNsAndBoxes)
{
    const enum lopt_repair repairs[] = {LOPT_REPAIR_RAW, LOPT_REPAIR_BOX, LOPT_REPAIR_RAWBOX};
    const int64_t values[] = {INT64_C(0x7ff8000000000001), -1, INT64_C(0x3ff0000000000000), 0x7fc00001, 0x3f800000};
    for (unsigned seed = 1; seed <= 20; seed++) {
        Stub s(seed);
        unsigned row = 30;
        for (enum lopt_repair repair : repairs) {
            for (unsigned i = 0; i < 3; i++) {
                s.moves.push_back(repaired(move(row++, 8, xmm(1 + i)), repair));
                s.moves.push_back(repaired(move(row++, 8, slot(20 + i)), repair));
            }
            for (int64_t v : values)
                s.moves.push_back(repaired(move(row++, 8, constant(v)), repair));
        }
        for (unsigned i = 0; i < CPU_PINNED_FPRS; i++)
            s.moves.push_back(
                repaired(pinned_fpr(i, seed % 3 ? xmm(s.random_.below(16)) : slot(i)), repairs[(i + seed) % 3]));
        s.run();
    }
}

TEST_F(StubTest, ValuesThatCannotBeMovedAreSeen)
{
    const struct lopt_stub_move bad[] = {move(0, 16, reg(RAX)), move(0, 2, xmm(0)), move(0, 16, constant(0)),
                                         repaired(pinned_gpr(0, reg(RAX)), LOPT_REPAIR_BOX)};
    uint8_t code[1024];
    for (struct lopt_stub_move m : bad) {
        struct lopt_stub stub = {&m, 1, reg(R13), 8, false, true};
        ASSERT_LE(lopt_stub_bound(1), sizeof code);
        EXPECT_EQ(lopt_stub_write(&stub, code), 0u);
    }
    struct lopt_stub nowhere = {nullptr, 0, xmm(1), 8, false, true};
    EXPECT_EQ(lopt_stub_write(&nowhere, code), 0u);
}

TEST_F(StubTest, JumpsReplaceNopsOnly)
{
    uint8_t code[16] = {0x90, 0x0f, 0x1f, 0x44, 0x00, 0x08, 0x90};
    EXPECT_FALSE(lopt_stub_jump(code, 5, 100));
    EXPECT_FALSE(lopt_stub_jump(code, 3, 100));
    EXPECT_TRUE(lopt_stub_jump(code, 6, 100));
    const uint8_t expected[] = {0x90, 0xe9, 94, 0, 0, 0, 0x90};
    EXPECT_EQ(memcmp(code, expected, sizeof expected), 0);
}

/* ---- chance ---- */

struct lopt_location any_place(Stub &s, unsigned bytes, bool floating)
{
    unsigned kind = s.random_.below(8);
    if (kind == 0 && bytes <= 8)
        return constant(s.random_.one_in(2) ? (int64_t)s.value() : (int32_t)s.value());
    if (kind <= 2)
        return slot(8 + s.random_.below(kSlots - 16));
    if (bytes > 8 || (bytes >= 4 && (floating || s.random_.one_in(8))))
        return xmm(s.random_.below(s.avx && has_avx512() ? 32 : 16));
    unsigned r = s.random_.below(16), other = s.cpu.at == RAX ? RCX : RAX;
    bool taken = r == RSP || (s.cpu.where == LOPT_IN_GPR && r == s.cpu.at);
    return reg(taken ? other : r);
}

void add_any(Stub &s, struct lopt_stub_move m, bool floating)
{
    unsigned kind = floating ? s.random_.below(6) : 0;
    if (kind >= LOPT_REPAIR_RAW && kind <= LOPT_REPAIR_RAWBOX)
        m = repaired(m, (enum lopt_repair)kind);
    m.from = any_place(s, m.bytes, floating);
    bool pinned = m.pin_gpr >= 0 || m.pin_fpr >= 0;
    s.moves.push_back(pinned && s.random_.one_in(8) ? in_cpu(m) : m);
}

TEST_F(StubTest, Random)
{
    const unsigned sizes[] = {1, 2, 4, 8, 8, 8, 16, 32};
    for (unsigned seed = 1; seed <= 3000 && !HasFailure(); seed++) {
        SCOPED_TRACE(seed);
        Stub s(seed * 7919);
        s.avx = !s.random_.one_in(3);
        s.wide = s.avx && s.random_.one_in(4);
        s.frame = s.random_.one_in(3) ? 8 : kFrame;
        s.cpu = s.random_.one_in(3) ? slot(3) : reg(s.random_.one_in(2) ? 13 : 6 + s.random_.below(10));
        for (unsigned i = 0; i < CPU_PINNED_GPRS; i++)
            add_any(s, pinned_gpr(i, {}), false);
        for (unsigned i = 0; i < CPU_PINNED_FPRS; i++)
            add_any(s, pinned_fpr(i, {}), true);
        for (unsigned row = 30, last = 30 + s.random_.below(40); row < last; row++) {
            bool floating = s.random_.one_in(3);
            add_any(s, move(row, floating ? 8 : sizes[s.random_.below(s.avx ? 8 : 7)], {}), floating);
        }
        s.run();
    }
}

} // namespace
