// SPDX-License-Identifier: Apache-2.0
// x87 arithmetic in software against this machine's x87: results, exception flags and condition codes, bit for bit,
// under every precision and rounding control. The host is an x86-64, else the tests are skipped.
#include <gtest/gtest.h>

#include <cstring>
#include <random>

#include "src/host/x87.h"
#include "src/host/x87_exec.h"
#include "src/ir/softfp/f80.h"

#ifdef __x86_64__
namespace
{
constexpr unsigned CODES = F80_C0 | F80_C1 | F80_C2 | F80_C3, STATUS = HOST_X87_FLAGS | CODES, MASKED = 0x7f;

struct result {
    int_u128 value;  // ST(0)
    uint64_t memory; // what was stored
    unsigned status;
};

std::ostream &operator<<(std::ostream &out, const result &r)
{
    return out << std::hex << uint64_t(r.value >> 64) << ":" << uint64_t(r.value) << " memory " << r.memory
               << " status " << r.status;
}

bool operator==(const result &a, const result &b)
{
    return a.value == b.value && a.memory == b.memory && a.status == b.status;
}

constexpr unsigned registers(unsigned byte0, unsigned byte1)
{
    return HOST_X87_REGISTERS + 64 * (byte0 - 0xd8) + byte1 - 0xc0;
}
constexpr unsigned memory(unsigned byte0, unsigned reg) { return HOST_X87_MEMORY + 8 * (byte0 - 0xd8) + reg; }

// The x87 instruction of that form with ST(0) = a, ST(1) = b.
result host(unsigned form, unsigned control, int_u128 a, int_u128 b, uint64_t operand = 0)
{
    struct {
        uint16_t control, status;
        uint8_t tags, rest[27];
        uint8_t st[8][16];
    } area = {};
    static_assert(sizeof area == 160, "fxsave area");
    struct cpu cpu = {};
    result r = {};
    area.control = static_cast<uint16_t>(control);
    area.tags = 3;
    memcpy(area.st[0], &a, 10);
    memcpy(area.st[1], &b, 10);
    host_x87_execute(form, reinterpret_cast<uint64_t>(&operand), 0x202, &area);
    host_x87_reset(&cpu, HOST_X87_CONTROL_INIT);
    memcpy(&r.value, area.st[0], 10);
    r.memory = operand;
    r.status = area.status & STATUS;
    return r;
}

// All of both precision (24, 53, 64 bits) and rounding control
unsigned control_word(std::mt19937_64 &engine)
{
    static const unsigned precisions[] = {0, 0x200, 0x300};
    return MASKED | precisions[engine() % 3] | static_cast<unsigned>(engine() % 4) << 10;
}

uint64_t significand(std::mt19937_64 &engine)
{
    uint64_t sig = engine();
    switch (engine() % 6) {
    case 0: // few bits at the top
        return sig & UINT64_C(15) << 60;
    case 1: // few bits anywhere
        return sig & sig << 1 & sig << 2 & sig << 3;
    case 2: // near ties of the shorter precisions
        return (sig & ~UINT64_C(0x7ff)) | (0x400 - 2 + engine() % 4);
    case 3:
        return (sig & ~UINT64_C(0xffffffffff)) | (UINT64_C(0x8000000000) - 2 + engine() % 4);
    case 4:
        return ~UINT64_C(0) << engine() % 64;
    default:
        return sig;
    }
}

unsigned exponent(std::mt19937_64 &engine)
{
    static const unsigned centers[] = {
        0x3fff,       0x3fff + 63,   0x3fff + 15, 0x3fff - 1022, 0x3fff + 1023, 0x3fff - 126,
        0x3fff + 127, 0x3fff - 1074, 64,          0x7fff - 40};
    switch (engine() % 8) {
    case 0:
        return static_cast<unsigned>(engine() % 3);
    case 1:
        return 0x7fff - static_cast<unsigned>(engine() % 3);
    case 2:
        return static_cast<unsigned>(engine() % 0x8000);
    case 3:
        return centers[engine() % 10] - 3 + static_cast<unsigned>(engine() % 6);
    default:
        return 0x3fff - 40 + static_cast<unsigned>(engine() % 80);
    }
}

// Any 80 bits; most are encodings.
int_u128 pattern(std::mt19937_64 &engine)
{
    uint64_t sig = significand(engine);
    unsigned biased = exponent(engine);
    if (engine() % 16)
        sig = biased ? sig | UINT64_C(1) << 63 : sig & ~(UINT64_C(1) << 63);
    if (engine() % 24 == 0)
        biased = sig = 0;
    return static_cast<int_u128>(engine() & 1) << 79 | static_cast<int_u128>(biased) << 64 | sig;
}

std::string text(int_u128 v)
{
    char s[40];
    snprintf(s, sizeof s, "%04x:%016llx", static_cast<unsigned>(v >> 64), static_cast<unsigned long long>(v));
    return s;
}

constexpr unsigned CASES = 200000;

struct function {
    const char *name;
    ir_x87 fn;
    unsigned form, operands;
};
const function functions[] = {
#define X87_OP(name, text, operands, byte0, byte1, pops, sw) {text, IR_X87F_##name, registers(byte0, byte1), operands},
#include "src/ir/x87_ops.def"
};

class f80_functions : public testing::TestWithParam<function>
{
};

TEST_P(f80_functions, are_the_hosts)
{
    const function &f = GetParam();
    std::mt19937_64 engine(f.fn + 1);
    for (unsigned n = 0; n < CASES; n++) {
        int_u128 a = pattern(engine), b = pattern(engine), r = 0;
        unsigned control = control_word(engine);
        f80 u = {static_cast<uint16_t>(control), 0};
        int_u128 operands[] = {a, b};
        if (f80_knows(f.fn))
            r = f80_compute(&u, f.fn, a, b);
        else if (!f80_nan(&u, operands, f.operands, &r))
            continue;
        result want = host(f.form, control, a, b), got = {r, 0, u.status};
        ASSERT_EQ(got, want) << f.name << std::hex << " control " << control << " a " << text(a) << " b " << text(b);
    }
}
INSTANTIATE_TEST_SUITE_P(all, f80_functions, testing::ValuesIn(functions), [](const auto &i) { return i.param.name; });

// --- memory operands ---

uint64_t memory_bits(std::mt19937_64 &engine, ir_type type, int_u128 like)
{
    f80 u = {MASKED | 0x300, 0};
    if (engine() % 4 == 0)
        return engine();
    if ((type == IR_F32 || type == IR_F64) && engine() % 4 == 0) { // subnormal, infinite, NaN
        unsigned frac = type == IR_F32 ? 23 : 52, width = type == IR_F32 ? 32 : 64;
        uint64_t top = engine() & 1 ? ((UINT64_C(1) << (width - 1 - frac)) - 1) << frac : 0;
        return top | (significand(engine) >> (64 - frac)) | (engine() & 1) << (width - 1);
    }
    return f80_store(&u, type, false, like);
}

struct place {
    const char *name;
    ir_type type;
    unsigned arith, load_byte, load_reg, store_byte, store_reg, trunc_byte; // 0: no such instruction, as none has i64
};
const place places[] = {
    {"f32", IR_F32, 0xd8, 0xd9, 0, 0xd9, 3, 0},    {"f64", IR_F64, 0xdc, 0xdd, 0, 0xdd, 3, 0},
    {"i16", IR_I16, 0xde, 0xdf, 0, 0xdf, 3, 0xdf}, {"i32", IR_I32, 0xda, 0xdb, 0, 0xdb, 3, 0xdb},
    {"i64", IR_I64, 0, 0xdf, 5, 0xdf, 7, 0xdd},
};

class f80_memory : public testing::TestWithParam<place>
{
};

TEST_P(f80_memory, loads)
{
    const place &p = GetParam();
    std::mt19937_64 engine(p.type);
    for (unsigned n = 0; n < CASES; n++) {
        uint64_t bits = memory_bits(engine, p.type, pattern(engine));
        unsigned control = control_word(engine);
        f80 u = {static_cast<uint16_t>(control), 0};
        int_u128 r = f80_load(&u, p.type, ir_type_bits(p.type) == 64 ? bits : bits & int_mask(ir_type_bits(p.type)));
        result want = host(memory(p.load_byte, p.load_reg), control, 0, 0, bits), got = {r, bits, u.status};
        ASSERT_EQ(got, want) << std::hex << " control " << control << " bits " << bits;
    }
}

TEST_P(f80_memory, stores)
{
    const place &p = GetParam();
    std::mt19937_64 engine(p.type + 100u);
    uint64_t mask = static_cast<uint64_t>(int_mask(ir_type_bits(p.type)));
    for (unsigned n = 0; n < CASES; n++) {
        int_u128 a = pattern(engine);
        unsigned control = control_word(engine);
        bool trunc = p.trunc_byte && engine() % 3 == 0;
        f80 u = {static_cast<uint16_t>(control), 0};
        uint64_t bits = f80_store(&u, p.type, trunc, a);
        result want = host(trunc ? memory(p.trunc_byte, 1) : memory(p.store_byte, p.store_reg), control, a, 0);
        result got = {want.value, bits & mask, u.status};
        want.memory &= mask;
        ASSERT_EQ(got, want) << std::hex << " control " << control << " trunc " << trunc << " a " << text(a);
    }
}

class f80_arithmetic : public f80_memory
{
};

TEST_P(f80_arithmetic, is_the_hosts)
{
    const place &p = GetParam();
    static const unsigned regs[] = {0, 1, 4, 5, 6, 7}; // enum ir_x87_mem
    std::mt19937_64 engine(p.type + 200u);
    for (unsigned n = 0; n < CASES; n++) {
        int_u128 a = pattern(engine);
        uint64_t bits = memory_bits(engine, p.type, engine() & 1 ? a : pattern(engine));
        unsigned control = control_word(engine), op = static_cast<unsigned>(engine() % 6);
        f80 u = {static_cast<uint16_t>(control), 0};
        uint64_t own = bits & static_cast<uint64_t>(int_mask(ir_type_bits(p.type)));
        int_u128 r = f80_with_memory(&u, static_cast<ir_x87_mem>(op), a, p.type, own);
        result want = host(memory(p.arith, regs[op]), control, a, 0, bits), got = {r, bits, u.status};
        ASSERT_EQ(got, want) << std::hex << "op " << op << " control " << control << " a " << text(a) << " bits "
                             << own;
    }
}
INSTANTIATE_TEST_SUITE_P(all, f80_memory, testing::ValuesIn(places), [](const auto &i) { return i.param.name; });
INSTANTIATE_TEST_SUITE_P(all, f80_arithmetic, testing::ValuesIn(places, std::end(places) - 1),
                         [](const auto &i) { return i.param.name; });

// --- compares ---

TEST(f80_compares, are_the_hosts)
{
    static const unsigned forms[] = {registers(0xde, 0xd9), registers(0xda, 0xe9), registers(0xd9, 0xe5)};
    std::mt19937_64 engine(7);
    for (unsigned n = 0; n < CASES; n++) {
        int_u128 a = pattern(engine), b = engine() % 4 ? pattern(engine) : a;
        unsigned control = control_word(engine), op = n % 3;
        f80 u = {static_cast<uint16_t>(control), 0};
        unsigned codes = f80_compare(&u, static_cast<ir_x87_com>(op), a, b);
        result want = host(forms[op], control, a, b);
        ASSERT_EQ(u.status | codes, want.status) << op << " a " << text(a) << " b " << text(b);
    }
}
} // namespace
#else
TEST(f80_host, needs_x86) { GTEST_SKIP() << "the host is no x86-64"; }
#endif
