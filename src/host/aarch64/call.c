/* SPDX-License-Identifier: Apache-2.0 */
/* call.h on AArch64.
 *
 * I1  host_call_unless makes a call only if *pending is zero. A handler that finds the interrupted pc in [check, insn)
 *     moves it to `skip`, so no signal is missed between that test and the svc instruction.
 * I2  Handlers have SA_RESTART, so the kernel moves pc back to the svc instruction for the calls that it would restart.
 *     No register tells that from a call that has not begun, so a pc at svc counts as begun: the guest may see EINTR of
 *     a call that was interrupted in the one instruction before it began.
 *     x13 is 1 once a call is made again that the kernel has ended (host_call_resume): its first argument is in x12.
 * I3  Copies go 8 bytes at a time, then byte by byte. A fault among the former is tried again byte by byte, so the rest
 *     of the count in x2 is exact. */
#include "src/host/call.h"

#include <errno.h>

/* long host_call_unless(const uint32_t *pending, long nr, const uint64_t args[6]) */
__asm__(".text\n"
        ".p2align 4\n"
        ".globl host_call_unless\n"
        ".hidden host_call_unless\n"
        ".type host_call_unless,%function\n"
        "host_call_unless:\n"
        "    mov x9, x0\n"
        "    mov x8, x1\n"
        "    mov x10, x2\n"
        "    ldp x0, x1, [x10]\n"
        "    ldp x2, x3, [x10, #16]\n"
        "    ldp x4, x5, [x10, #32]\n"
        "    mov x12, x0\n"
        "    mov x13, #0\n"
        "host_call_check:\n"
        "    ldr w11, [x9]\n"
        "    cbnz w11, host_call_skip\n"
        "host_call_insn:\n"
        "    svc #0\n"
        "host_call_made:\n"
        "    ret\n"
        "host_call_skip:\n"
        "    mov x0, #-513\n" /* HOST_CALL_NOT_BEGUN */
        "    ret\n"
        "host_call_again:\n"
        "    mov x0, #-512\n" /* HOST_CALL_RESTART */
        "    ret\n"
        ".size host_call_unless, .-host_call_unless\n"
        /* size_t host_copy(void *dst, const void *src, size_t n): bytes not copied */
        ".p2align 4\n"
        ".globl host_copy\n"
        ".hidden host_copy\n"
        ".type host_copy,%function\n"
        "host_copy:\n"
        "    subs x4, x2, #8\n"
        "    b.lo host_copy_bytes\n"
        "host_copy_wide:\n"
        "    ldr x3, [x1]\n"
        "    str x3, [x0]\n"
        "host_copy_wide_end:\n"
        "    add x1, x1, #8\n"
        "    add x0, x0, #8\n"
        "    mov x2, x4\n"
        "    subs x4, x2, #8\n"
        "    b.hs host_copy_wide\n"
        "host_copy_bytes:\n"
        "    cbz x2, host_copy_done\n"
        "host_copy_insn:\n"
        "    ldrb w3, [x1]\n"
        "    strb w3, [x0]\n"
        "host_copy_insn_end:\n"
        "    add x1, x1, #1\n"
        "    add x0, x0, #1\n"
        "    sub x2, x2, #1\n"
        "    b host_copy_bytes\n"
        "host_copy_done:\n"
        "    mov x0, x2\n"
        "    ret\n"
        ".size host_copy, .-host_copy\n"
        /* long host_clone3(const void *args, size_t size, int (*main)(void *), void *arg) */
        ".p2align 4\n"
        ".globl host_clone3\n"
        ".hidden host_clone3\n"
        ".type host_clone3,%function\n"
        "host_clone3:\n"
        "    mov x8, #435\n"
        "    svc #0\n"
        "    cbz x0, 1f\n"
        "    ret\n"
        "1:  mov x29, #0\n"
        "    mov x0, x3\n"
        "    blr x2\n"
        "    brk #0\n"
        ".size host_clone3, .-host_clone3\n"
        /* what a handler returns to; unwinders look before the return address */
        ".p2align 4\n"
        "    nop\n"
        ".globl host_sigreturn\n"
        ".hidden host_sigreturn\n"
        ".type host_sigreturn,%function\n"
        "host_sigreturn:\n"
        "    mov x8, #139\n" /* rt_sigreturn */
        "    svc #0\n"
        ".size host_sigreturn, .-host_sigreturn\n");

extern const char host_call_check[] __attribute__((visibility("hidden")));
extern const char host_call_insn[] __attribute__((visibility("hidden")));
extern const char host_call_made[] __attribute__((visibility("hidden")));
extern const char host_call_skip[] __attribute__((visibility("hidden")));
extern const char host_call_again[] __attribute__((visibility("hidden")));
extern const char host_copy_wide[] __attribute__((visibility("hidden")));
extern const char host_copy_wide_end[] __attribute__((visibility("hidden")));
extern const char host_copy_bytes[] __attribute__((visibility("hidden")));
extern const char host_copy_insn[] __attribute__((visibility("hidden")));
extern const char host_copy_insn_end[] __attribute__((visibility("hidden")));
extern const char host_copy_done[] __attribute__((visibility("hidden")));

long host_syscall(long nr, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f)
{
    register uint64_t x8 __asm__("x8") = (uint64_t)nr;
    register uint64_t x0 __asm__("x0") = a;
    register uint64_t x1 __asm__("x1") = b;
    register uint64_t x2 __asm__("x2") = c;
    register uint64_t x3 __asm__("x3") = d;
    register uint64_t x4 __asm__("x4") = e;
    register uint64_t x5 __asm__("x5") = f;
    __asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
    return (long)x0;
}

long host_call32(long nr, uint32_t a, uint32_t b, uint32_t c, uint32_t d, uint32_t e) { return -ENOSYS; }

void host_call_interrupt(ucontext_t *uc)
{
    uintptr_t pc = (uintptr_t)uc->uc_mcontext.pc;
    if (pc < (uintptr_t)host_call_check || pc > (uintptr_t)host_call_insn)
        return;
    if (uc->uc_mcontext.regs[13]) { /* I2 */
        uc->uc_mcontext.regs[0] = (uint64_t)-EINTR;
        uc->uc_mcontext.pc = (uintptr_t)host_call_made;
        return;
    }
    if (pc < (uintptr_t)host_call_insn)
        uc->uc_mcontext.pc = (uintptr_t)host_call_skip;
    else /* I2 */
        uc->uc_mcontext.pc = (uintptr_t)host_call_again;
}

void host_call_resume(ucontext_t *uc)
{
    if (uc->uc_mcontext.pc != (uintptr_t)host_call_made || uc->uc_mcontext.regs[0] != (uint64_t)-EINTR)
        return;
    uc->uc_mcontext.pc = (uintptr_t)host_call_check;
    uc->uc_mcontext.regs[0] = uc->uc_mcontext.regs[12]; /* I2 */
    uc->uc_mcontext.regs[13] = 1;
}

static bool within(uintptr_t pc, const char *begin, const char *end)
{
    return pc >= (uintptr_t)begin && pc < (uintptr_t)end;
}

bool host_call_fixup(ucontext_t *uc)
{
    uintptr_t pc = (uintptr_t)uc->uc_mcontext.pc;
    if (within(pc, host_copy_wide, host_copy_wide_end))
        uc->uc_mcontext.pc = (uintptr_t)host_copy_bytes; /* I3 */
    else if (within(pc, host_copy_insn, host_copy_insn_end))
        uc->uc_mcontext.pc = (uintptr_t)host_copy_done;
    else
        return false;
    return true;
}

uint64_t host_user_end(void) { return UINT64_C(1) << 48; }
