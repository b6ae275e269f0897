/* SPDX-License-Identifier: Apache-2.0 */
/* Faults in a hot loop: the handler finds every register as it is at the access, changes every register, and the loop
 * goes on with that. A load or a store faults. What each instruction does to the registers is done again in C.
 * build: -D_GNU_SOURCE */
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "tests/guest/guest_test.h"

enum { PAGES = 16, BYTES = PAGES * 4096, STEP = 16 };

struct state {
    uint64_t x[32], f[32];
};

/* x31 points to memory, x30 counts down. All others but x2, x3 and x4 are changed. */
void hot(struct state *s);
extern char hot_load[], hot_store[];

#define SOME    "5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17"
#define REST    "18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29"
#define DOUBLES "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15"
#define SINGLES "18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31"

__asm__(".globl hot, hot_load, hot_store\n"
        "hot:\n"
        "  addi sp, sp, -512\n"
        "  .irp r, 1, 3, 4, 8, 9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27\n"
        "  sd x\\r, 8 * \\r(sp)\n"
        "  .endr\n"
        "  .irp r, 8, 9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27\n"
        "  fsd f\\r, 256 + 8 * \\r(sp)\n"
        "  .endr\n"
        "  sd x10, 0(sp)\n"
        "  .irp r, " DOUBLES ", 16, 17, " SINGLES "\n"
        "  fld f\\r, 256 + 8 * \\r(x10)\n"
        "  .endr\n"
        "  .irp r, 1, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, " REST ", 30, 31, 10\n"
        "  ld x\\r, 8 * \\r(x10)\n"
        "  .endr\n"
        "1:\n"
        "  .irp r, 1, " SOME "\n"
        "  addi x\\r, x\\r, \\r\n"
        "  .endr\n"
        "  .irp r, " REST "\n"
        "  addiw x\\r, x\\r, 1024\n"
        "  .endr\n"
        "  .irp r, " DOUBLES "\n"
        "  fadd.d f\\r, f\\r, f\\r\n"
        "  .endr\n"
        "  fsub.d f16, f17, f17\n"
        "hot_load:\n"
        "  .option push\n  .option norvc\n"
        "  ld x5, 0(x31)\n"
        "  .option pop\n"
        "  .irp r, " REST ", " SOME "\n"
        "  xori x\\r, x\\r, \\r\n"
        "  .endr\n"
        "  .irp r, " SINGLES "\n"
        "  fadd.s f\\r, f\\r, f\\r\n"
        "  .endr\n"
        "hot_store:\n"
        "  .option push\n  .option norvc\n"
        "  sd x6, 8(x31)\n"
        "  .option pop\n"
        "  .irp r, " SOME "\n"
        "  slli x\\r, x\\r, 1\n"
        "  .endr\n"
        "  addi x31, x31, 16\n"
        "  addi x30, x30, -1\n"
        "  bnez x30, 1b\n"
        "  ld x30, 0(sp)\n"
        "  .irp r, 1, " SOME ", " REST ", 31\n"
        "  sd x\\r, 8 * \\r(x30)\n"
        "  .endr\n"
        "  sd x0, 240(x30)\n"
        "  .irp r, " DOUBLES ", 16, 17, " SINGLES "\n"
        "  fsd f\\r, 256 + 8 * \\r(x30)\n"
        "  .endr\n"
        "  .irp r, 1, 8, 9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27\n"
        "  ld x\\r, 8 * \\r(sp)\n"
        "  .endr\n"
        "  .irp r, 8, 9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27\n"
        "  fld f\\r, 256 + 8 * \\r(sp)\n"
        "  .endr\n"
        "  addi sp, sp, 512\n"
        "  ret\n");

/* ---- the same in C ---- */

static int is_some(int r) { return r >= 5 && r <= 17; }
static int is_rest(int r) { return r >= 18 && r <= 29; }
static int is_used(int r) { return r == 1 || r >= 5; }

static double doubled(uint64_t bits)
{
    double d;
    memcpy(&d, &bits, sizeof d);
    return d + d;
}

static void before_load(struct state *s)
{
    for (int r = 1; r < 30; r++) {
        if (r == 1 || is_some(r))
            s->x[r] += (uint64_t)r;
        else if (is_rest(r))
            s->x[r] = (uint64_t)(int64_t)(int32_t)(s->x[r] + 1024);
    }
    for (int r = 0; r < 16; r++) {
        double d = doubled(s->f[r]);
        memcpy(&s->f[r], &d, sizeof d);
    }
    s->f[16] = 0x7ff8000000000000; /* infinity - infinity */
}

static void before_store(struct state *s, uint64_t loaded)
{
    s->x[5] = loaded;
    for (int r = 5; r < 30; r++)
        s->x[r] ^= (uint64_t)r;
    for (int r = 18; r < 32; r++) {
        float f;
        memcpy(&f, &s->f[r], sizeof f);
        f += f;
        memcpy(&s->f[r], &f, sizeof f);
    }
}

static void behind_store(struct state *s)
{
    for (int r = 5; r < 18; r++)
        s->x[r] <<= 1;
    s->x[31] += STEP;
    s->x[30]--;
}

/* ---- the fault ---- */

static struct state want;
static int faults, wrong;
static char *memory;
static int is_store;

static void compare(const struct state *got, const char *where)
{
    for (int r = 0; r < 32; r++) {
        if (is_used(r) && got->x[r] != want.x[r]) {
            printf("%s: x%d is %lx, not %lx\n", where, r, got->x[r], want.x[r]);
            wrong++;
        }
        if (got->f[r] != want.f[r]) {
            printf("%s: f%d is %lx, not %lx\n", where, r, got->f[r], want.f[r]);
            wrong++;
        }
    }
}

/* Another value for each register but the pointer and the count. */
static void change(struct state *s)
{
    for (int r = 1; r < 30; r++)
        s->x[r] += is_used(r) ? 0x100000001u * (unsigned)r : 0;
    for (int r = 0; r < 16; r++)
        s->f[r] = 0x3ff0000000000000u + (uint64_t)r;
    for (int r = 18; r < 32; r++)
        s->f[r] = 0xffffffff3f800000u + (uint64_t)r;
}

static void handler(int signo, siginfo_t *info, void *context)
{
    ucontext_t *uc = context;
    struct state got;
    (void)signo;
    memcpy(got.x, uc->uc_mcontext.__gregs, sizeof got.x);
    memcpy(got.f, uc->uc_mcontext.__fpregs.__d.__f, sizeof got.f);
    compare(&got, is_store ? "store" : "load");
    if ((char *)got.x[0] != (is_store ? hot_store : hot_load) || (char *)info->si_addr != memory + BYTES) {
        printf("pc or address is wrong\n");
        wrong++;
    }
    faults++;
    mprotect(memory + BYTES, 4096, PROT_READ | PROT_WRITE);
    change(&got);
    change(&want);
    memcpy(uc->uc_mcontext.__gregs, got.x, sizeof got.x);
    memcpy(uc->uc_mcontext.__fpregs.__d.__f, got.f, sizeof got.f);
}

static void start(struct state *s)
{
    memset(s, 0, sizeof *s);
    for (int r = 1; r < 30; r++)
        s->x[r] = is_used(r) ? (uint64_t)r * 0x123456789abcdef : 0;
    for (int r = 0; r < 16; r++)
        s->f[r] = 0x3ff0000000000000u + (uint64_t)r * 0x1234567;
    for (int r = 18; r < 32; r++)
        s->f[r] = 0xffffffff3f800000u + (uint64_t)r * 0x1234;
    s->f[17] = 0x7ff0000000000000;
    s->x[30] = BYTES / STEP + 100;
    s->x[31] = (uint64_t)memory + (is_store ? 8 : 0);
}

/* The whole loop in C, up to the fault; then, from the handler's registers on, the rest. */
static void run(void)
{
    struct state s;
    memset(memory, 3, BYTES);
    mprotect(memory + BYTES, 4096, PROT_NONE);
    start(&s);
    want = s;
    for (int i = 0; i < BYTES / STEP - (is_store ? 1 : 0); i++) {
        before_load(&want);
        before_store(&want, 0x0303030303030303);
        behind_store(&want);
    }
    before_load(&want);
    if (is_store)
        before_store(&want, 0x0303030303030303);
    hot(&s);
    uint64_t loaded = 0;
    if (!is_store)
        before_store(&want, loaded);
    behind_store(&want);
    while (want.x[30]) {
        before_load(&want);
        before_store(&want, loaded);
        behind_store(&want);
    }
    compare(&s, "end");
}

int main(void)
{
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &action, NULL);
    memory = mmap(NULL, BYTES + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (int i = 0; i < 6; i++) {
        is_store = i & 1;
        memset(memory + BYTES, 0, 1);
        run();
        mprotect(memory + BYTES, 4096, PROT_READ | PROT_WRITE);
        memset(memory + BYTES, 0, 4096);
    }
    printf("faults %d, wrong %d\n", faults, wrong);
    return wrong != 0;
}
