/* SPDX-License-Identifier: Apache-2.0 */
/* Faults in a hot loop: the handler finds every register, and every flag that is read later, as it is at the access. It
 * changes every register, and the loop goes on with that. A load, a store or a read-modify-write faults. What each
 * instruction does to the registers is done again in C.
 * build: -D_GNU_SOURCE -fno-strict-aliasing */
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "tests/guest/guest_test.h"

enum { PAGES = 16, BYTES = PAGES * 4096, STEP = 32, ACCESSES = 3 };
enum { CF = 1, PF = 4, AF = 16, ZF = 64, SF = 128, OF = 2048, FLAGS = CF | PF | AF | ZF | SF | OF };

/* In the order of the instructions' numbers: rax rcx rdx rbx rsp rbp rsi rdi r8 .. r15. */
struct state {
    uint64_t r[16];
    double x[16][2];
    uint64_t flags;
};

/* rdi points to memory, rcx counts down, rsp stays. */
void hot(struct state *s);
extern char hot_load[], hot_store[], hot_change[];

#define XMM "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15"

__asm__(".globl hot, hot_load, hot_store, hot_change\n"
        "hot:\n"
        "  push %rbx\n  push %rbp\n  push %r12\n  push %r13\n  push %r14\n  push %r15\n  push %rdi\n"
        "  .irp n, " XMM "\n"
        "  movups 128 + 16 * \\n(%rdi), %xmm\\n\n"
        "  .endr\n"
        "  mov 0(%rdi), %rax\n  mov 8(%rdi), %rcx\n  mov 16(%rdi), %rdx\n  mov 24(%rdi), %rbx\n"
        "  mov 40(%rdi), %rbp\n  mov 48(%rdi), %rsi\n"
        "  .irp n, 8, 9, 10, 11, 12, 13, 14, 15\n"
        "  mov 8 * \\n(%rdi), %r\\n\n"
        "  .endr\n"
        "  mov 56(%rdi), %rdi\n"
        "1:\n"
        "  .irp n, 8, 9, 10, 11, 12, 13, 14, 15\n"
        "  lea \\n(%r\\n), %r\\n\n"
        "  .endr\n"
        "  .irp n, " XMM "\n"
        "  addsd %xmm\\n, %xmm\\n\n"
        "  .endr\n"
        "  add %rbx, %rdx\n"
        "hot_load:\n"
        "  mov (%rdi), %rax\n"
        "  lahf\n  seto %al\n"
        "  lea 5(%rsi, %rax), %esi\n"
        "  xor %rbp, %rbx\n"
        "hot_store:\n"
        "  mov %rdx, 8(%rdi)\n"
        "  .irp n, 8, 9, 10, 11\n"
        "  imul $3, %r\\n\n"
        "  .endr\n"
        "  sub %rdx, %rbp\n"
        "hot_change:\n"
        "  sub %rbx, 16(%rdi)\n"
        "  lea 32(%rdi), %rdi\n"
        "  dec %rcx\n"
        "  jnz 1b\n"
        "  mov (%rsp), %rcx\n"
        "  .irp n, " XMM "\n"
        "  movups %xmm\\n, 128 + 16 * \\n(%rcx)\n"
        "  .endr\n"
        "  mov %rax, 0(%rcx)\n  mov %rdx, 16(%rcx)\n  mov %rbx, 24(%rcx)\n"
        "  mov %rbp, 40(%rcx)\n  mov %rsi, 48(%rcx)\n  mov %rdi, 56(%rcx)\n"
        "  .irp n, 8, 9, 10, 11, 12, 13, 14, 15\n"
        "  mov %r\\n, 8 * \\n(%rcx)\n"
        "  .endr\n"
        "  movq $0, 8(%rcx)\n"
        "  pop %rdi\n  pop %r15\n  pop %r14\n  pop %r13\n  pop %r12\n  pop %rbp\n  pop %rbx\n"
        "  ret\n");

enum { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI };

/* ---- the same in C ---- */

static uint64_t result_flags(uint64_t v)
{
    return (v ? 0 : ZF) | (v >> 63 ? SF : 0) | (__builtin_parity((unsigned)v & 0xff) ? 0 : PF);
}

static uint64_t add_flags(uint64_t a, uint64_t b)
{
    uint64_t v = a + b;
    return result_flags(v) | (v < a ? CF : 0) | ((a ^ b ^ v) & AF) | ((~(a ^ b) & (a ^ v)) >> 63 ? OF : 0);
}

/* Up to the load, the store, the change; to the loop's end */
static void part0(struct state *s)
{
    for (int n = 8; n < 16; n++)
        s->r[n] += (uint64_t)n;
    for (int n = 0; n < 16; n++)
        s->x[n][0] += s->x[n][0];
    s->flags = add_flags(s->r[RDX], s->r[RBX]);
    s->r[RDX] += s->r[RBX];
}

static void part1(struct state *s, uint64_t loaded)
{
    uint64_t low = s->flags & (CF | PF | AF | ZF | SF);
    s->r[RAX] = (loaded & ~UINT64_C(0xffff)) | (low | 2) << 8 | (s->flags & OF ? 1 : 0);
    s->r[RSI] = (uint32_t)(s->r[RSI] + s->r[RAX] + 5);
    s->r[RBX] ^= s->r[RBP];
}

static void part2(struct state *s)
{
    for (int n = 8; n < 12; n++)
        s->r[n] *= 3;
    s->r[RBP] -= s->r[RDX];
}

static void part3(struct state *s)
{
    s->r[RDI] += STEP;
    s->r[RCX]--;
}

/* ---- the fault ---- */

static struct state want;
static int faults, wrong, which; /* which: of the three faults */
static char *memory;
static const int places[16] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
                               REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};

static void complain(const char *what, int n, uint64_t is, uint64_t should)
{
    if (is == should)
        return;
    printf("access %d: %s%d is %llx, not %llx\n", which, what, n, (unsigned long long)is, (unsigned long long)should);
    wrong++;
}

static void compare(const struct state *got)
{
    uint64_t is[2], should[2];
    for (int n = 0; n < 16; n++) {
        if (n != RSP)
            complain("r", n, got->r[n], want.r[n]);
        memcpy(is, got->x[n], sizeof is);
        memcpy(should, want.x[n], sizeof should);
        complain("low half of xmm", n, is[0], should[0]);
        complain("high half of xmm", n, is[1], should[1]);
    }
}

/* Another value for each register but the pointer, the count and rsp. */
static void change(struct state *s)
{
    for (int n = 0; n < 16; n++) {
        if (n != RSP && n != RDI && n != RCX)
            s->r[n] += 0x100000001u * (unsigned)(n + 1);
        s->x[n][0] = n + 1;
        s->x[n][1] = n + 100;
    }
}

static void handler(int signo, siginfo_t *info, void *context)
{
    static char *const labels[ACCESSES] = {hot_load, hot_store, hot_change};
    ucontext_t *uc = context;
    struct state got;
    (void)signo;
    for (int n = 0; n < 16; n++) {
        got.r[n] = (uint64_t)uc->uc_mcontext.gregs[places[n]];
        memcpy(got.x[n], &uc->uc_mcontext.fpregs->_xmm[n], 16);
    }
    compare(&got);
    if (which == 0) /* of the others, flags are written again before they are read */
        complain("flags", 0, (uint64_t)uc->uc_mcontext.gregs[REG_EFL] & FLAGS, want.flags);
    if ((char *)uc->uc_mcontext.gregs[REG_RIP] != labels[which] || (char *)info->si_addr != memory + BYTES) {
        printf("pc or address is wrong\n");
        wrong++;
    }
    faults++;
    mprotect(memory + BYTES, 4096, PROT_READ | PROT_WRITE);
    change(&got);
    change(&want);
    for (int n = 0; n < 16; n++) {
        if (n != RSP)
            uc->uc_mcontext.gregs[places[n]] = (greg_t)got.r[n];
        memcpy(&uc->uc_mcontext.fpregs->_xmm[n], got.x[n], 16);
    }
}

static void start(struct state *s)
{
    memset(s, 0, sizeof *s);
    for (int n = 0; n < 16; n++) {
        s->r[n] = (uint64_t)(n + 1) * 0x123456789abcdef;
        s->x[n][0] = 1 + n / 16.0;
        s->x[n][1] = n;
    }
    s->r[RCX] = BYTES / STEP + 100;
    /* 8 (16) bytes before the end, the store (the change) is the first that faults */
    s->r[RDI] = (uint64_t)memory + (which ? STEP - 8 * (uint64_t)which : 0);
}

enum { FILL = 0x0303030303030303 };

static void run(void)
{
    struct state s;
    memset(memory, 3, BYTES);
    mprotect(memory + BYTES, 4096, PROT_NONE);
    start(&s);
    want = s;
    while (want.r[RDI] + 8 * (uint64_t)which != (uint64_t)memory + BYTES) {
        part0(&want);
        part1(&want, FILL);
        part2(&want);
        part3(&want);
    }
    part0(&want);
    if (which > 0)
        part1(&want, FILL);
    if (which > 1)
        part2(&want);
    hot(&s);
    if (which < 1)
        part1(&want, 0);
    if (which < 2)
        part2(&want);
    part3(&want);
    while (want.r[RCX]) {
        part0(&want);
        part1(&want, 0);
        part2(&want);
        part3(&want);
    }
    compare(&s);
}

int main(void)
{
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &action, NULL);
    memory = mmap(NULL, BYTES + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (int i = 0; i < 9; i++) {
        which = i % ACCESSES;
        run();
        mprotect(memory + BYTES, 4096, PROT_READ | PROT_WRITE);
        memset(memory + BYTES, 0, 4096);
    }
    printf("faults %d, wrong %d\n", faults, wrong);
    return wrong != 0;
}
