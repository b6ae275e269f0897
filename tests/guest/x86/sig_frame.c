/* SPDX-License-Identifier: Apache-2.0 */
/* What a signal handler finds in its frame on x86-64, and that what it changes there comes true: registers, flags,
 * faults, vector registers in the XSAVE area, the red zone, MXCSR, exceptions of the FPU. The interpreter knows no
 * unmasked exceptions. not in: interp tier2
 * build: -D_GNU_SOURCE */
#include <emmintrin.h>
#include <fenv.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "../guest_test.h"

enum { MAGIC1 = 0x46505853, MAGIC2 = 0x46505845 };

static sigjmp_buf back;
static volatile int signo_seen, code_seen, trap_seen, error_seen;
static void *volatile addr_seen;
static volatile uint64_t cr2_seen, pc_seen;
static uint32_t mxcsr_in_handler, mxcsr_in_frame;

static void note(int signo, siginfo_t *info, void *context)
{
    ucontext_t *uc = context;
    greg_t *r = uc->uc_mcontext.gregs;
    signo_seen = signo;
    code_seen = info->si_code;
    addr_seen = info->si_addr;
    trap_seen = (int)r[REG_TRAPNO];
    error_seen = (int)r[REG_ERR];
    cr2_seen = (uint64_t)r[REG_CR2];
    pc_seen = (uint64_t)r[REG_RIP];
    mxcsr_in_handler = _mm_getcsr();
    mxcsr_in_frame = uc->uc_mcontext.fpregs->mxcsr;
    siglongjmp(back, 1);
}

static void catch (int signo, void (*handler)(int, siginfo_t *, void *))
{
    struct sigaction sa = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_NODEFER};
    sigaction(signo, &sa, NULL);
}

static void fault(const char *what, void (*cause)(void))
{
    signo_seen = 0;
    if (!sigsetjmp(back, 1))
        cause();
    printf("%s: signal %d code %d trap %d error %d addr %s cr2 %s\n", what, signo_seen, code_seen, trap_seen,
           error_seen,
           !addr_seen                                   ? "0"
           : (uint64_t)(uintptr_t)addr_seen == pc_seen  ? "pc"
           : (uint64_t)(uintptr_t)addr_seen == 0x123000 ? "0x123000"
                                                        : "other",
           cr2_seen == 0x123000 ? "0x123000" : "other");
}

static void reads(void) { __asm__ volatile("mov (%0), %%eax" ::"r"(UINT64_C(0x123000)) : "eax"); }
static void writes(void) { __asm__ volatile("movl $1, (%0)" ::"r"(UINT64_C(0x123000))); }
static void writes_code(void) { __asm__ volatile("movl $1, (%0)" ::"r"(reads)); }
static void not_canonical(void) { __asm__ volatile("mov (%0), %%eax" ::"r"(UINT64_C(1) << 62) : "eax"); }
static void divides(void)
{
    __asm__ volatile("xor %%edx, %%edx; xor %%ecx, %%ecx; mov $1, %%eax; div %%ecx" ::: "eax", "ecx", "edx");
}
static void undefined(void) { __asm__ volatile("ud2"); }
static void breakpoint(void) { __asm__ volatile("int3"); }
static void halts(void) { __asm__ volatile("hlt"); }

static void divides_sse(void)
{
    volatile double zero = 0;
    _mm_setcsr((_mm_getcsr() & ~_MM_MASK_DIV_ZERO) | _MM_ROUND_UP);
    double r = 1 / zero;
    __asm__ volatile("" ::"x"(r));
}

/* Changes what it finds, and goes on behind the int3. */
static void change(int signo, siginfo_t *info, void *context)
{
    (void)signo, (void)info;
    ucontext_t *uc = context;
    greg_t *r = uc->uc_mcontext.gregs;
    struct _libc_fpstate *fp = uc->uc_mcontext.fpregs;
    uint32_t magic1, size, magic2;
    memcpy(&magic1, (char *)fp + 464, 4);
    memcpy(&size, (char *)fp + 464 + 16, 4);
    memcpy(&magic2, (char *)fp + size, 4);
    require(magic1 == MAGIC1 && magic2 == MAGIC2, "magic numbers of the extended state");
    require(((uintptr_t)fp & 63) == 0, "alignment of the FP state");
    require(fp->_xmm[3].element[0] == 0x33333333, "xmm3 in the frame");
    require(r[REG_R12] == 1212 && (r[REG_EFL] & 1), "r12 and the carry in the frame");
    fp->_xmm[3].element[0] = 0x44444444;
    fp->mxcsr = (fp->mxcsr & ~0x6000u) | _MM_ROUND_TOWARD_ZERO;
    r[REG_R12] = 2121;
    r[REG_EFL] &= ~1;
    __asm__ volatile("pxor %%xmm3, %%xmm3; fldz; fstp %%st(0)" ::: "xmm3");
}

static void changed(void)
{
    uint64_t r12 = 0, red = 0;
    uint32_t x = 0;
    unsigned char carry;
    __asm__ volatile("mov $1212, %%r12d; movl $0x33333333, %%eax; movd %%eax, %%xmm3; movq $777, -200(%%rsp); movq "
                     "$888, -120(%%rsp);"
                     "lea -128(%%rsp), %%rcx; stc; int3; setc %3; movd %%xmm3, %1; mov %%r12, %0; mov 8(%%rcx), %2"
                     : "=&r"(r12), "=&r"(x), "=&r"(red), "=&q"(carry)
                     :
                     : "rax", "rcx", "r12", "xmm3", "memory", "cc");
    printf("after the handler: r12 %d xmm3 %x carry %d red zone %d rounding %x\n", (int)r12, x, carry, (int)red,
           _mm_getcsr() & 0x6000);
    _mm_setcsr(0x1f80);
}

int main(void)
{
    static const int all[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP};
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (unsigned i = 0; i < COUNT_OF(all); i++)
        catch (all[i], note);
    fault("read", reads);
    fault("write", writes);
    fault("write to code", writes_code);
    fault("not canonical", not_canonical);
    fault("div", divides);
    fault("ud2", undefined);
    fault("int3", breakpoint);
    fault("hlt", halts);
    fault("divsd", divides_sse);
    printf("MXCSR in the handler %x, in the frame %x\n", mxcsr_in_handler, mxcsr_in_frame & ~0x3fu);
    _mm_setcsr(0x1f80);
    catch (SIGTRAP, change);
    changed();
    return 0;
}
