/* SPDX-License-Identifier: Apache-2.0 */
/* A small JIT: expressions become machine code in a ring of buffers that is reused, and must equal what C computes. */
#include <sys/mman.h>

#include "tests/guest/guest_test.h"

enum { BUFFER = 4096, BUFFERS = 8, STEPS = 24 };

struct step {
    unsigned op, rd, rs1, rs2;
};

static const uint32_t opcode[] = {
    0x00000033, /* add */ 0x40000033, /* sub */ 0x00004033, /* xor */ 0x00006033, /* or */ 0x00007033,  /* and */
    0x02000033, /* mul */ 0x00001033, /* sll */ 0x00005033, /* srl */ 0x40005033, /* sra */ 0x00003033, /* sltu */
};

static uint64_t apply(unsigned op, uint64_t a, uint64_t b)
{
    switch (op) {
    case 0:
        return a + b;
    case 1:
        return a - b;
    case 2:
        return a ^ b;
    case 3:
        return a | b;
    case 4:
        return a & b;
    case 5:
        return a * b;
    case 6:
        return a << (b & 63);
    case 7:
        return a >> (b & 63);
    case 8:
        return (uint64_t)((int64_t)a >> (b & 63));
    default:
        return a < b;
    }
}

/* Registers a0..a5 are 10..15. */
static size_t emit(uint32_t *code, const struct step *steps, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        code[i] = opcode[steps[i].op] | (10 + steps[i].rd) << 7 | (10 + steps[i].rs1) << 15 | (10 + steps[i].rs2) << 20;
    code[count] = 0x00008067;
    return count + 1;
}

int main(void)
{
    uint8_t *ring =
        mmap(NULL, BUFFER * BUFFERS, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    require(ring != MAP_FAILED, "mmap");
    uint64_t seed = 1234567, hash = 0;
    for (int round = 0; round < 600; round++) {
        uint32_t *code = (uint32_t *)(ring + round % BUFFERS * BUFFER + (round * 52 & 0x7fc));
        struct step steps[STEPS];
        unsigned count = 1 + next_random(&seed) % STEPS;
        uint64_t reg[6], argument[6];
        for (int i = 0; i < 6; i++)
            reg[i] = argument[i] = next_random(&seed);
        for (unsigned i = 0; i < count; i++) {
            uint64_t r = next_random(&seed);
            steps[i] = (struct step){r % 10, r >> 8 & 3, (r >> 16) % 6, (r >> 24) % 6};
            reg[steps[i].rd] = apply(steps[i].op, reg[steps[i].rs1], reg[steps[i].rs2]);
        }
        emit(code, steps, count);
        __asm__ volatile("fence.i" : : : "memory");
        for (int again = 0; again < 3; again++) {
            uint64_t got = ((uint64_t(*)(uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t))code)(
                argument[0], argument[1], argument[2], argument[3], argument[4], argument[5]);
            require(got == reg[0], "the code computes what C computes");
            hash = mix(hash, got);
        }
    }
    print_hash("jit", hash);
    return 0;
}
