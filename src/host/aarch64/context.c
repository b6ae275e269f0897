/* SPDX-License-Identifier: Apache-2.0 */
/* Signal contexts of AArch64 Linux (arch/arm64/include/uapi/asm/sigcontext.h): what is not a general register is in
 * records behind them, each with a magic number and its size.
 *
 * I1  The kernel reports a fault's syndrome in a record of its own. Where there is none (qemu's user mode), the
 *     faulting instruction itself says whether it writes. */
#include "src/host/context.h"

#include <asm/sigcontext.h>
#include <string.h>

#include "src/host/fpenv.h"

enum { ESR_WRITE = 1 << 6, ESR_STATUS = 0x3c, ESR_PERMISSION = 0xc, SP = 31 };

static const struct _aarch64_ctx *record(const ucontext_t *uc, uint32_t magic)
{
    const uint8_t *at = uc->uc_mcontext.__reserved, *end = at + sizeof uc->uc_mcontext.__reserved;
    while (at + sizeof(struct _aarch64_ctx) <= end) {
        const struct _aarch64_ctx *head = (const struct _aarch64_ctx *)at;
        if (head->magic == magic)
            return head;
        if (!head->magic || !head->size)
            break;
        at += head->size;
    }
    return NULL;
}

static const struct fpsimd_context *fpsimd(const ucontext_t *uc)
{
    return (const struct fpsimd_context *)record(uc, FPSIMD_MAGIC);
}

uintptr_t host_context_pc(const ucontext_t *uc) { return (uintptr_t)uc->uc_mcontext.pc; }
uintptr_t host_context_sp(const ucontext_t *uc) { return (uintptr_t)uc->uc_mcontext.sp; }
uint64_t host_context_gpr(const ucontext_t *uc, unsigned n)
{
    return n == SP ? uc->uc_mcontext.sp : uc->uc_mcontext.regs[n];
}

const void *host_context_fpr(const ucontext_t *uc, unsigned n)
{
    const struct fpsimd_context *fp = fpsimd(uc);
    return fp ? &fp->vregs[n & 31] : NULL;
}

void host_context_vector(const ucontext_t *uc, unsigned n, uint8_t bytes[32])
{
    const void *low = host_context_fpr(uc, n);
    memset(bytes, 0, 32);
    if (low)
        memcpy(bytes, low, 16);
}

/* Does this load or store instruction write? (Arm ARM, C4.1.94 "Loads and Stores") */
static bool is_store(uint32_t insn)
{
    bool load = insn >> 22 & 1;
    if ((insn & 0x3f000000) == 0x08000000) /* exclusive and ordered ones; cas, casp */
        return !load || (insn & 0x00a07c00) == 0x00a07c00 || (insn & 0x80a07c00) == 0x00207c00;
    if ((insn & 0xbe000000) == 0x0c000000 || (insn & 0x3a000000) == 0x28000000) /* st1 .. st4; pairs */
        return !load;
    if ((insn & 0x3b200c00) == 0x38200000) /* atomic operations; ldapr is the one that only loads */
        return (insn & 0x0020f000) != 0x0020c000;
    if ((insn & 0x3a000000) == 0x38000000) /* one register, or a vector of 128 bits */
        return !(insn >> 22 & 3) || (insn & 0xc4c00000) == 0x04800000;
    return false;
}

unsigned host_context_fault(const ucontext_t *uc)
{
    const struct esr_context *esr = (const struct esr_context *)record(uc, ESR_MAGIC);
    bool write = esr ? esr->esr & ESR_WRITE : is_store(*(const uint32_t *)uc->uc_mcontext.pc); /* I1 */
    bool present = esr && (esr->esr & ESR_STATUS) == ESR_PERMISSION;
    return (write ? HOST_FAULT_WRITE : 0) | (present ? HOST_FAULT_PRESENT : 0);
}

bool host_context_fpenv(const ucontext_t *uc, uint32_t *env)
{
    const struct fpsimd_context *fp = fpsimd(uc);
    if (fp)
        *env = (fp->fpcr & 3u << HOST_FPCR_ROUND_SHIFT) | (fp->fpsr & HOST_FPSR_FLAGS);
    return fp;
}

void host_context_set_fpenv(ucontext_t *uc, uint32_t env)
{
    struct fpsimd_context *fp = (struct fpsimd_context *)(uintptr_t)fpsimd(uc);
    if (!fp)
        return;
    fp->fpcr = (fp->fpcr & ~(3u << HOST_FPCR_ROUND_SHIFT)) | (env & 3u << HOST_FPCR_ROUND_SHIFT);
    fp->fpsr = (fp->fpsr & ~(uint32_t)HOST_FPSR_FLAGS) | (env & HOST_FPSR_FLAGS);
}

void host_context_keep_fpx(const ucontext_t *uc) {}
