/* SPDX-License-Identifier: Apache-2.0 */
/* Every integer instruction of RV64IM on all pairs of corner values; one line per instruction. */
#include "tests/guest/guest_test.h"

#define REG_REG(X)                                                                                                     \
    X(add)                                                                                                             \
    X(sub)                                                                                                             \
    X(sll)                                                                                                             \
    X(slt)                                                                                                             \
    X(sltu)                                                                                                            \
    X(xor) X(srl) X(sra) X(or) X(and) X(addw) X(subw) X(sllw) X(srlw) X(sraw) X(mul) X(mulh) X(mulhsu) X(mulhu) X(div) \
        X(divu) X(rem) X(remu) X(mulw) X(divw) X(divuw) X(remw) X(remuw)

#define REG_IMM(X)                                                                                                     \
    X(addi, 0)                                                                                                         \
    X(addi, 2047)                                                                                                      \
    X(addi, -2048)                                                                                                     \
    X(addi, -1)                                                                                                        \
    X(addiw, 0)                                                                                                        \
    X(addiw, 2047)                                                                                                     \
    X(addiw, -2048)                                                                                                    \
    X(slti, 0)                                                                                                         \
    X(slti, -1)                                                                                                        \
    X(slti, 2047)                                                                                                      \
    X(sltiu, 1)                                                                                                        \
    X(sltiu, -1)                                                                                                       \
    X(sltiu, 2047)                                                                                                     \
    X(xori, -1)                                                                                                        \
    X(xori, 0x555)                                                                                                     \
    X(ori, -2048)                                                                                                      \
    X(ori, 0x2aa)                                                                                                      \
    X(andi, 0xff)                                                                                                      \
    X(andi, -2)                                                                                                        \
    X(slli, 0)                                                                                                         \
    X(slli, 1)                                                                                                         \
    X(slli, 32)                                                                                                        \
    X(slli, 63)                                                                                                        \
    X(srli, 1)                                                                                                         \
    X(srli, 32)                                                                                                        \
    X(srli, 63)                                                                                                        \
    X(srai, 1) X(srai, 32) X(srai, 63) X(slliw, 0) X(slliw, 31) X(srliw, 0) X(srliw, 31) X(sraiw, 0) X(sraiw, 31)

#define BRANCH(X) X(beq) X(bne) X(blt) X(bge) X(bltu) X(bgeu)

#define DEFINE(op)                                                                                                     \
    static uint64_t do_##op(uint64_t a, uint64_t b)                                                                    \
    {                                                                                                                  \
        uint64_t r;                                                                                                    \
        __asm__ volatile(#op " %0, %1, %2" : "=r"(r) : "r"(a), "r"(b));                                                \
        return r;                                                                                                      \
    }
REG_REG(DEFINE)

#define DEFINE_BRANCH(op)                                                                                              \
    static uint64_t do_##op(uint64_t a, uint64_t b)                                                                    \
    {                                                                                                                  \
        uint64_t r = 1;                                                                                                \
        __asm__ volatile(#op " %1, %2, 1f\n\tli %0, 0\n1:" : "+r"(r) : "r"(a), "r"(b));                                \
        return r;                                                                                                      \
    }
BRANCH(DEFINE_BRANCH)

struct row {
    const char *name;
    uint64_t (*run)(uint64_t, uint64_t);
};

static const struct row rows[] = {
#define ROW(op) {#op, do_##op},
    REG_REG(ROW) BRANCH(ROW)};

static void same_register(void)
{
    for (size_t i = 0; i < COUNT_OF(corner_integers); i += 5) {
        uint64_t a = corner_integers[i], b = a, c = a, d = a;
        __asm__ volatile("add %0, %0, %0\n\tsub %1, %1, %1\n\tdivu %2, %2, %2\n\tmulhu %3, %3, %3"
                         : "+r"(a), "+r"(b), "+r"(c), "+r"(d));
        printf("same %016" PRIx64 " %" PRIu64 " %016" PRIx64 " %016" PRIx64 "\n", a, b, c, d);
    }
}

static void upper_immediates(void)
{
    uint64_t a, b, c, pc1, pc2;
    __asm__ volatile("lui %0, 0x80000\n\tlui %1, 0x7ffff\n\tlui %2, 1" : "=r"(a), "=r"(b), "=r"(c));
    __asm__ volatile(".option push\n\t.option norvc\n\tauipc %0, 0\n\tauipc %1, 0xfffff\n\t.option pop"
                     : "=r"(pc1), "=r"(pc2));
    printf("lui %016" PRIx64 " %016" PRIx64 " %016" PRIx64 " auipc %016" PRIx64 "\n", a, b, c, pc2 - pc1);
}

int main(void)
{
    for (size_t r = 0; r < COUNT_OF(rows); r++) {
        uint64_t hash = 0;
        for (size_t i = 0; i < COUNT_OF(corner_integers); i++)
            for (size_t j = 0; j < COUNT_OF(corner_integers); j++)
                hash = mix(hash, rows[r].run(corner_integers[i], corner_integers[j]));
        print_hash(rows[r].name, hash);
    }
#define RUN_IMM(op, imm)                                                                                               \
    {                                                                                                                  \
        uint64_t hash = 0, r;                                                                                          \
        for (size_t i = 0; i < COUNT_OF(corner_integers); i++) {                                                       \
            __asm__ volatile(#op " %0, %1, " #imm : "=r"(r) : "r"(corner_integers[i]));                                \
            hash = mix(hash, r);                                                                                       \
        }                                                                                                              \
        print_hash(#op " " #imm, hash);                                                                                \
    }
    REG_IMM(RUN_IMM)
    same_register();
    upper_immediates();
    return 0;
}
