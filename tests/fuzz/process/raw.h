/* SPDX-License-Identifier: Apache-2.0 */
/* System calls by themselves, for code that may run beside others on their thread-local storage: no errno. */
#ifndef FUZZ_RAW_H
#define FUZZ_RAW_H

#include <sys/syscall.h>

/* clone or clone3. The child calls child_entry(plan) on its stack, which never returns. */
struct raw_clone {
    long number, argument[5];
    void *plan;
};
long raw_clone(const struct raw_clone *c);
__attribute__((noreturn, used)) void child_entry(void *plan);

#define BEGIN ".text\n.globl raw_clone\n.type raw_clone, @function\nraw_clone:\n"

#if defined __x86_64__
enum { CLONE_TLS_AT = 4, CLONE_CHILD_TID_AT = 3 };
__asm__(BEGIN "push %r12; mov %rdi, %r12\n"
              "mov (%r12), %rax; mov 8(%r12), %rdi; mov 16(%r12), %rsi; mov 24(%r12), %rdx\n"
              "mov 32(%r12), %r10; mov 40(%r12), %r8; mov 48(%r12), %r12\n"
              "syscall; test %rax, %rax; jz 1f; pop %r12; ret\n"
              "1: xor %ebp, %ebp; and $-16, %rsp; mov %r12, %rdi; call child_entry; hlt\n");

static inline long raw5(long number, long a, long b, long c, long d, long e)
{
    long result;
    register long r10 __asm__("r10") = d, r8 __asm__("r8") = e;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "0"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
                     : "rcx", "r11", "memory");
    return result;
}

static inline long first_of_tls(void)
{
    long word;
    __asm__ volatile("mov %%fs:0, %0" : "=r"(word));
    return word;
}
#elif defined __i386__
enum { CLONE_TLS_AT = 3, CLONE_CHILD_TID_AT = 4 };
__asm__(BEGIN "push %ebx; push %esi; push %edi; push %ebp; mov 20(%esp), %ebp\n"
              "mov (%ebp), %eax; mov 4(%ebp), %ebx; mov 8(%ebp), %ecx; mov 12(%ebp), %edx\n"
              "mov 16(%ebp), %esi; mov 20(%ebp), %edi; mov 24(%ebp), %ebp\n"
              "int $0x80; test %eax, %eax; jz 1f; pop %ebp; pop %edi; pop %esi; pop %ebx; ret\n"
              "1: and $-16, %esp; sub $12, %esp; push %ebp; call child_entry; hlt\n");

static inline long raw5(long number, long a, long b, long c, long d, long e)
{
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "0"(number), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e) : "memory");
    return result;
}

static inline long first_of_tls(void)
{
    long word;
    __asm__ volatile("mov %%gs:0, %0" : "=r"(word));
    return word;
}
#else
enum { CLONE_TLS_AT = 3, CLONE_CHILD_TID_AT = 4 };
__asm__(BEGIN "addi sp, sp, -16; sd s0, 8(sp); mv s0, a0\n"
              "ld a7, 0(s0); ld a0, 8(s0); ld a1, 16(s0); ld a2, 24(s0); ld a3, 32(s0); ld a4, 40(s0); ld s0, 48(s0)\n"
              "ecall; beqz a0, 1f; ld s0, 8(sp); addi sp, sp, 16; ret\n"
              "1: mv a0, s0; call child_entry; unimp\n");

static inline long raw5(long number, long a, long b, long c, long d, long e)
{
    register long a0 __asm__("a0") = a, a1 __asm__("a1") = b, a2 __asm__("a2") = c, a3 __asm__("a3") = d,
                     a4 __asm__("a4") = e, a7 __asm__("a7") = number;
    __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a7) : "memory");
    return a0;
}

static inline long first_of_tls(void)
{
    long word;
    __asm__ volatile("ld %0, 0(tp)" : "=r"(word));
    return word;
}
#endif

#define RAW(number, ...)                 RAW_(number, __VA_ARGS__, 0, 0, 0, 0, 0)
#define RAW_(number, a, b, c, d, e, ...) raw5((long)(number), (long)(a), (long)(b), (long)(c), (long)(d), (long)(e))

#endif
