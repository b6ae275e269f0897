// SPDX-License-Identifier: Apache-2.0
// Random runs of x87 instructions without stack faults, each executed several times: values that live from one
// instruction to the next, copies, exchanges, compares, jumps in between, and accesses that fault in the middle, where
// the handler sees the registers. Prints a digest of what they stored and of what the handler saw, for each hundred
// runs. Argument: how many.
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ucontext.h>

enum {
    PAGE = 4096,
    DATA = 1024,
    RESULTS = 512,
    STEPS = 40,
    EXECUTIONS = 3,
    FLAGS = 0x387f,
    CODES = 0x4500,
    ST_MAX = 8,
    RDI = 7,
    RSI = 6
};

static uint64_t seed = 88172645463325252u, digest;
static uint8_t *code, *here, *bad;
static uint8_t data[DATA] __attribute__((aligned(64)));
static unsigned depth;

static uint64_t next(void)
{
    seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
    return seed;
}
static unsigned below(unsigned n) { return (unsigned)(next() >> 33) % n; }

static void fold(const void *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        digest = (digest ^ ((const uint8_t *)bytes)[i]) * UINT64_C(0x100000001b3);
}

static void on_fault(int signo, siginfo_t *info, void *context)
{
    greg_t *g = ((ucontext_t *)context)->uc_mcontext.gregs;
    const struct _libc_fpstate *fp = ((ucontext_t *)context)->uc_mcontext.fpregs;
    unsigned top = fp->swd >> 11 & 7;
    uint16_t words[3] = {(uint16_t)(fp->swd & FLAGS), (uint16_t)(fp->ftw & 0xff), fp->cwd};
    uint64_t at = (uint64_t)g[REG_RIP] - (uintptr_t)code;
    fold(words, sizeof words);
    fold(&at, sizeof at);
    for (unsigned i = 0; i < ST_MAX; i++) {
        if (fp->ftw >> ((top + i) & 7) & 1)
            fold(&fp->_st[i], 10);
    }
    g[REG_RSI] = (greg_t)(uintptr_t)data;
}

// ---- making code ----

static void byte(unsigned b) { *here++ = (uint8_t)b; }

// Opcode and [rdi or rsi + disp]: rsi may point to what cannot be accessed.
static void memory(unsigned opcode, unsigned digit, unsigned disp)
{
    byte(opcode);
    byte(0x80 | digit << 3 | (below(4) ? (unsigned)RDI : (unsigned)RSI));
    for (unsigned k = 0; k < 4; k++)
        byte(disp >> (8 * k) & 0xff);
}

static unsigned place(void) { return 8 * below(RESULTS / 8 - 1); }
static unsigned other(void) { return below(depth); }
static void reg(unsigned opcode, unsigned base, unsigned i) { byte(opcode), byte(base + i); }

static void push(void)
{
    static const uint8_t loads[][2] = {{0xd9, 0}, {0xdd, 0}, {0xdd, 0}, {0xdb, 5}, {0xdb, 0}, {0xdf, 0}, {0xdf, 5}};
    static const uint8_t constants[] = {0xe8, 0xee, 0xeb};
    unsigned kind = below(12);
    if (kind < 7)
        memory(loads[kind][0], loads[kind][1], place());
    else if (kind < 9 || !depth)
        reg(0xd9, constants[below(3)], 0);
    else
        reg(0xd9, 0xc0, other());
    depth++;
}

static void arithmetic(void)
{
    static const uint8_t digits[] = {0, 1, 4, 5, 6, 7}, from_memory[] = {0xd8, 0xdc, 0xda, 0xde};
    unsigned op = digits[below(6)] << 3, kind = below(4);
    if (kind == 0) {
        memory(from_memory[below(4)], op >> 3, place());
    } else if (kind == 1) {
        reg(0xd8, 0xc0 + op, other());
    } else if (kind == 2 || depth == 1) {
        reg(0xdc, 0xc0 + op, other());
    } else {
        reg(0xde, 0xc0 + op, 1 + below(depth - 1));
        depth--;
    }
}

static void unary(void)
{
    static const uint8_t ops[] = {0xe0, 0xe1, 0xfa, 0xfc, 0xe0, 0xe1, 0xf0};
    if (below(8))
        reg(0xd9, ops[below(7)], 0);
    else if (depth > 1)
        reg(0xd9, 0xfd, 0); // fscale
}

static void store(void)
{
    static const uint8_t stores[][3] = {{0xd9, 2, 0}, {0xdd, 2, 0}, {0xdb, 2, 0}, {0xdf, 2, 0}, {0xd9, 3, 1},
                                        {0xdd, 3, 1}, {0xdb, 7, 1}, {0xdb, 3, 1}, {0xdf, 3, 1}, {0xdf, 7, 1},
                                        {0xdb, 1, 1}, {0xdd, 1, 1}, {0xdd, 3, 1}};
    const uint8_t *s = stores[below(sizeof stores / sizeof stores[0])];
    memory(s[0], s[1], place());
    depth -= s[2];
}

static void move(void)
{
    unsigned kind = below(4);
    if (kind < 2) {
        reg(0xd9, 0xc8, other()); // fxch
    } else if (kind == 2) {
        reg(0xdd, 0xd0, other()); // fst st(i)
    } else {
        reg(0xdd, 0xd8, other()); // fstp st(i)
        depth--;
    }
}

// fnstsw ax; and eax, bits; mov [mem], eax
static void store_status(unsigned bits, unsigned at)
{
    byte(0xdf), byte(0xe0), byte(0x25);
    for (unsigned k = 0; k < 4; k++)
        byte(bits >> (8 * k) & 0xff);
    memory(0x89, 0, at);
}

static void compare(void)
{
    static const uint8_t flags[] = {0x92, 0x93, 0x94, 0x97, 0x9a};
    unsigned kind = below(4);
    if (kind == 0) { // fcom, fucom
        reg(below(2) ? 0xd8 : 0xdd, here[-1] == 0xd8 ? 0xd0 : 0xe0, other());
        store_status(CODES, place());
        return;
    }
    reg(0xdb, below(2) ? 0xf0 : 0xe8, other()); // fcomi, fucomi
    if (kind == 1) {
        byte(0x77), byte(0); // ja to what follows
    } else {
        byte(0x0f);
        memory(flags[below(5)], 0, place());
    }
}

static void integer(void)
{
    switch (below(5)) {
    case 0:
        byte(0x83), byte(0xc1), byte(below(128));
        break; // add ecx
    case 1:
        memory(0x89, 1, place());
        break; // mov [mem], ecx
    case 2:
        memory(0x03, 1, place());
        break; // add ecx, [mem]
    case 3:
        byte(0x75), byte(0);
        break; // jne to what follows
    default:
        memory(0xd9, 5, RESULTS + 2 * below(4));
        break; // fldcw
    }
}

static void step(void)
{
    unsigned kind = below(16);
    if (depth == 0 || (kind < 5 && depth < ST_MAX))
        push();
    else if (kind < 9)
        arithmetic();
    else if (kind < 10)
        unary();
    else if (kind < 12)
        store();
    else if (kind < 13)
        move();
    else if (kind < 14)
        compare();
    else
        integer();
}

static void make_run(void)
{
    here = code;
    depth = 0;
    byte(0xdb), byte(0xe3); // fninit
    for (unsigned n = 4 + below(STEPS); n; n--)
        step();
    store_status(FLAGS, RESULTS + 16);
    for (unsigned at = RESULTS + 64; depth; depth--, at += 16)
        memory(0xdb, 7, at);
    byte(0xc3);
}

static void fill(void)
{
    static const uint16_t controls[] = {0x37f, 0x27f, 0xf7f, 0x77f};
    for (unsigned at = 0; at < RESULTS; at += 8) {
        double d = (double)(int64_t)next() / (double)(UINT64_C(1) << (below(60) + 2));
        long double l = (long double)d * 1.0000000001L;
        memcpy(data + at, &d, 8);
        if (below(8) == 0 && at + 16 <= RESULTS)
            memcpy(data + at, &l, 10), at += 8;
        else if (below(6) == 0)
            memset(data + at, below(2) ? 0 : 0xff, 8);
    }
    memset(data + RESULTS, 0, RESULTS);
    memcpy(data + RESULTS, controls, sizeof controls);
}

int main(int argc, char **argv)
{
    unsigned runs = argc > 1 ? (unsigned)atoi(argv[1]) : 1000;
    struct sigaction sa = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &sa, NULL);
    code = mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    bad = mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (unsigned n = 1; n <= runs; n++) {
        make_run();
        for (unsigned k = 0; k < EXECUTIONS; k++) {
            fill();
            uint8_t *may_fault = k ? data : bad;
            unsigned count = k;
            __asm__ volatile("call *%[code]\n\tfninit"
                             : "+S"(may_fault), "+c"(count)
                             : [code] "r"(code), "D"(data)
                             : "rax", "memory", "cc");
            fold(data, sizeof data);
        }
        if (n % 100 == 0 || n == runs)
            printf("%u %016llx\n", n, (unsigned long long)digest);
    }
    return 0;
}
