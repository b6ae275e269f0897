/* SPDX-License-Identifier: Apache-2.0 */
/* Signal contexts of x86-64 Linux (arch/x86/include/uapi/asm/sigcontext.h). */
#include "src/host/context.h"

#include <cpuid.h>
#include <string.h>

enum { ERR_PRESENT = 1, ERR_WRITE = 2, X87_ALL_MASKED = 0x3f, X87_FLAGS = 0x7f };

uintptr_t host_context_pc(const ucontext_t *uc) { return (uintptr_t)uc->uc_mcontext.gregs[REG_RIP]; }
uintptr_t host_context_sp(const ucontext_t *uc) { return (uintptr_t)uc->uc_mcontext.gregs[REG_RSP]; }

uint64_t host_context_gpr(const ucontext_t *uc, unsigned n)
{
    static const uint8_t places[16] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
                                       REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};
    return (uint64_t)uc->uc_mcontext.gregs[places[n & 15]];
}

const void *host_context_fpr(const ucontext_t *uc, unsigned n)
{
    return uc->uc_mcontext.fpregs ? &uc->uc_mcontext.fpregs->_xmm[n & 15] : NULL;
}

/* Where the kernel's record of the registers has what XSAVE wrote, and which parts it has. The rest has the values of a
 * fresh thread. */
enum { XSAVE_MAGIC = 0x46505853, XSAVE_MAGIC_AT = 464, XSAVE_PARTS_AT = 512, YMM_PART = 2, ZMM_HIGH_PART = 7 };

/* Part n of XSAVE; NULL: all zero. */
static const uint8_t *xsave_part(const struct _libc_fpstate *fp, unsigned n)
{
    const uint8_t *base = (const uint8_t *)fp;
    uint32_t magic, size, offset, unused;
    uint64_t parts;
    memcpy(&magic, base + XSAVE_MAGIC_AT, sizeof magic);
    memcpy(&parts, base + XSAVE_PARTS_AT, sizeof parts);
    if (magic != XSAVE_MAGIC || !(parts >> n & 1))
        return NULL;
    __cpuid_count(0xd, n, size, offset, unused, unused);
    (void)size;
    return base + offset;
}

void host_context_vector(const ucontext_t *uc, unsigned n, uint8_t bytes[32])
{
    const struct _libc_fpstate *fp = uc->uc_mcontext.fpregs;
    memset(bytes, 0, 32);
    if (!fp)
        return;
    const uint8_t *high = xsave_part(fp, n < 16 ? YMM_PART : ZMM_HIGH_PART);
    if (n >= 16) {
        if (high)
            memcpy(bytes, high + (size_t)(n - 16) * 64, 32);
        return;
    }
    memcpy(bytes, &fp->_xmm[n], 16);
    if (high)
        memcpy(bytes + 16, high + (size_t)n * 16, 16);
}

unsigned host_context_fault(const ucontext_t *uc)
{
    uint64_t err = (uint64_t)uc->uc_mcontext.gregs[REG_ERR];
    return (err & ERR_WRITE ? HOST_FAULT_WRITE : 0) | (err & ERR_PRESENT ? HOST_FAULT_PRESENT : 0);
}

bool host_context_fpenv(const ucontext_t *uc, uint32_t *env)
{
    if (!uc->uc_mcontext.fpregs)
        return false;
    *env = uc->uc_mcontext.fpregs->mxcsr;
    return true;
}

void host_context_set_fpenv(ucontext_t *uc, uint32_t env)
{
    if (uc->uc_mcontext.fpregs)
        uc->uc_mcontext.fpregs->mxcsr = env;
}

void host_context_keep_fpx(const ucontext_t *uc)
{
    const struct _libc_fpstate *fp = uc->uc_mcontext.fpregs;
    struct {
        uint32_t cw, sw, tw, rest[4];
    } env;
    if (!fp)
        return;
    __asm__ __volatile__("fninit\n\tfnstenv %0" : "=m"(env));
    env.cw = fp->cwd | X87_ALL_MASKED;
    env.sw |= fp->swd & X87_FLAGS;
    __asm__ __volatile__("fldenv %0" : : "m"(env));
}
