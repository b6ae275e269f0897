/* SPDX-License-Identifier: Apache-2.0 */
/* call.h on x86-64.
 *
 * I1  host_call_unless makes a call only if *pending is zero. Between that test and the syscall instruction no
 *     signal can be missed: the handler finds the interrupted pc in [check, made) and moves it to `skip`.
 * I2  Handlers have SA_RESTART, so the kernel itself moves pc back to the syscall instruction exactly for the calls
 *     that it would restart. rcx tells the two apart: the kernel leaves the return address there; the stub put 0
 *     there.
 *     rcx is 1 while a call is made again that the kernel has ended (host_call_resume): its number is in r12.
 * I3  Copies are one `rep movsb`; on a fault the handler continues behind it with the rest of the count in rcx.
 * I4  A kernel that was built without 32-bit programs answers int 0x80 with a fault, which becomes -ENOSYS. */
#include "src/host/call.h"

#include <errno.h>

/* long host_call_unless(const uint32_t *pending, long nr, const uint64_t args[6]) */
__asm__(".text\n"
        ".p2align 4\n"
        ".globl host_call_unless\n"
        ".hidden host_call_unless\n"
        ".type host_call_unless,@function\n"
        "host_call_unless:\n"
        "    push %rbx\n"
        "    push %r12\n"
        "    mov %rdi, %rbx\n"
        "    mov %rsi, %r12\n"
        "    mov %rsi, %rax\n"
        "    mov %rdx, %r11\n"
        "    mov 0(%r11), %rdi\n"
        "    mov 8(%r11), %rsi\n"
        "    mov 16(%r11), %rdx\n"
        "    mov 24(%r11), %r10\n"
        "    mov 32(%r11), %r8\n"
        "    mov 40(%r11), %r9\n"
        "    xor %ecx, %ecx\n"
        "host_call_check:\n"
        "    cmpl $0, (%rbx)\n"
        "    jne host_call_skip\n"
        "    syscall\n"
        "host_call_made:\n"
        "    pop %r12\n"
        "    pop %rbx\n"
        "    ret\n"
        "host_call_skip:\n"
        "    mov $-513, %rax\n" /* HOST_CALL_NOT_BEGUN */
        "    pop %r12\n"
        "    pop %rbx\n"
        "    ret\n"
        "host_call_again:\n"
        "    mov $-512, %rax\n" /* HOST_CALL_RESTART */
        "    pop %r12\n"
        "    pop %rbx\n"
        "    ret\n"
        ".size host_call_unless, .-host_call_unless\n"
        /* size_t host_copy(void *dst, const void *src, size_t n): bytes not copied */
        ".p2align 4\n"
        ".globl host_copy\n"
        ".hidden host_copy\n"
        ".type host_copy,@function\n"
        "host_copy:\n"
        "    mov %rdx, %rcx\n"
        "host_copy_insn:\n"
        "    rep movsb\n"
        "host_copy_done:\n"
        "    mov %rcx, %rax\n"
        "    ret\n"
        ".size host_copy, .-host_copy\n"
        /* long host_call32_stub(long nr, const uint32_t args[5]) */
        ".p2align 4\n"
        ".globl host_call32_stub\n"
        ".hidden host_call32_stub\n"
        ".type host_call32_stub,@function\n"
        "host_call32_stub:\n"
        "    push %rbx\n"
        "    mov %rdi, %rax\n"
        "    mov %rsi, %r11\n"
        "    mov 0(%r11), %ebx\n"
        "    mov 4(%r11), %ecx\n"
        "    mov 8(%r11), %edx\n"
        "    mov 12(%r11), %esi\n"
        "    mov 16(%r11), %edi\n"
        "host_call32_insn:\n"
        "    int $0x80\n"
        "host_call32_done:\n"
        "    pop %rbx\n"
        "    ret\n"
        ".size host_call32_stub, .-host_call32_stub\n"
        /* long host_clone3(const void *args, size_t size, int (*main)(void *), void *arg) */
        ".p2align 4\n"
        ".globl host_clone3\n"
        ".hidden host_clone3\n"
        ".type host_clone3,@function\n"
        "host_clone3:\n"
        "    mov %rcx, %r8\n"
        "    mov $435, %eax\n"
        "    syscall\n"
        "    test %rax, %rax\n"
        "    jz 1f\n"
        "    ret\n"
        "1:  xor %ebp, %ebp\n"
        "    mov %r8, %rdi\n"
        "    call *%rdx\n"
        "    hlt\n"
        ".size host_clone3, .-host_clone3\n"
        /* what a handler returns to; unwinders look one byte before the return address */
        ".p2align 4\n"
        "    nop\n"
        ".globl host_sigreturn\n"
        ".hidden host_sigreturn\n"
        ".type host_sigreturn,@function\n"
        "host_sigreturn:\n"
        "    mov $15, %eax\n" /* rt_sigreturn */
        "    syscall\n"
        ".size host_sigreturn, .-host_sigreturn\n");

extern const char host_call_check[] __attribute__((visibility("hidden")));
extern const char host_call_made[] __attribute__((visibility("hidden")));
extern const char host_call_skip[] __attribute__((visibility("hidden")));
extern const char host_call_again[] __attribute__((visibility("hidden")));
extern const char host_copy_insn[] __attribute__((visibility("hidden")));
extern const char host_copy_done[] __attribute__((visibility("hidden")));
long host_call32_stub(long nr, const uint32_t *args);
extern const char host_call32_insn[] __attribute__((visibility("hidden")));
extern const char host_call32_done[] __attribute__((visibility("hidden")));

long host_syscall(long nr, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f)
{
    register uint64_t r10 __asm__("r10") = d;
    register uint64_t r8 __asm__("r8") = e;
    register uint64_t r9 __asm__("r9") = f;
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}

long host_call32(long nr, uint32_t a, uint32_t b, uint32_t c, uint32_t d, uint32_t e)
{
    const uint32_t args[5] = {a, b, c, d, e};
    return (int32_t)host_call32_stub(nr, args);
}

void host_call_interrupt(ucontext_t *uc)
{
    greg_t *r = uc->uc_mcontext.gregs;
    uintptr_t pc = (uintptr_t)r[REG_RIP];
    if (pc < (uintptr_t)host_call_check || pc >= (uintptr_t)host_call_made)
        return;
    bool begun = (uintptr_t)r[REG_RCX] == (uintptr_t)host_call_made; /* I2 */
    bool resumed = r[REG_RCX] == 1;
    if (resumed)
        r[REG_RAX] = -EINTR;
    r[REG_RIP] = (greg_t)(uintptr_t)(resumed ? host_call_made : begun ? host_call_again : host_call_skip);
}

void host_call_resume(ucontext_t *uc)
{
    greg_t *r = uc->uc_mcontext.gregs;
    if ((uintptr_t)r[REG_RIP] != (uintptr_t)host_call_made || r[REG_RAX] != -EINTR)
        return;
    r[REG_RIP] = (greg_t)(uintptr_t)host_call_check;
    r[REG_RAX] = r[REG_R12]; /* I2 */
    r[REG_RCX] = 1;
}

bool host_call_fixup(ucontext_t *uc)
{
    greg_t *r = uc->uc_mcontext.gregs;
    if ((uintptr_t)r[REG_RIP] == (uintptr_t)host_call32_insn) { /* I4 */
        r[REG_RIP] = (greg_t)(uintptr_t)host_call32_done;
        r[REG_RAX] = -ENOSYS;
        return true;
    }
    if ((uintptr_t)r[REG_RIP] != (uintptr_t)host_copy_insn)
        return false;
    r[REG_RIP] = (greg_t)(uintptr_t)host_copy_done;
    return true;
}

uint64_t host_user_end(void) { return UINT64_C(0x7ffffffff000); }
