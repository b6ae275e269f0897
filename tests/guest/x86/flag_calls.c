/* SPDX-License-Identifier: Apache-2.0 */
/* Status flags that survive calls and returns, as assembly language has them: results in CF and ZF, also through a
 * second return; functions that begin by looking at the caller's flags; returns to places that no call pushed. Each
 * function is called where its flags are looked at, and where they are not. */
#include <stdint.h>
#include <stdio.h>

#ifdef __x86_64__
#define PUSH_OTHER  "lea 7f(%rip), %rdx; push %rdx;"
#define POP_RETURN  "pop %rdx;"
#define BODY(name)  ".globl " name "; " name ": push %rbx; mov %edi, %ecx; mov %esi, %ebx; xor %eax, %eax;"
#define END         "pop %rbx; ret;"
#define INDIRECT(f) "lea " f "(%rip), %rdx;"
#define THROUGH     "call *%rdx;"
#else
#define PUSH_OTHER  "push $7f;"
#define POP_RETURN  "pop %edx;"
#define BODY(name)  ".globl " name "; " name ": push %ebx; mov 8(%esp), %ecx; mov 12(%esp), %ebx; xor %eax, %eax;"
#define END         "pop %ebx; ret;"
#define INDIRECT(f) "mov $" f ", %edx;"
#define THROUGH     "call *%edx;"
#endif
#define STEP       "imul $1103515245, %ecx; add $12345, %ecx;" /* the next random number */
#define LOOP(body) "0:" STEP body "dec %ebx; jnz 0b;"

__asm__(".text;"
        "odd: bt $16, %ecx; ret;" /* CF */
        "odd_too: call odd; ret;" /* CF, through two returns */
        "odd_three: call odd_too; mov %ecx, %edx; ret;"
        "same: mov %ecx, %edx; shr $20, %edx; cmp $7, %dl; ret;" /* ZF SF OF PF */
        "looks: setc %dl; sete %dh; movzwl %dx, %edx; ret;"      /* at flags of before the call */
        "neither: mov %ecx, %edx; inc %edx; ret;"                /* leaves CF alone */
        "elsewhere: " POP_RETURN PUSH_OTHER "ret; 7: adc $3, %eax; jmp back;"

        BODY("returned") LOOP(
            "call odd; adc $0, %eax; call odd; add %ecx, %eax; call odd_too; jc 1f; add $5, %eax; 1:"
            "call odd_three; sbb %edx, %eax; call odd_too; xor %edx, %eax; test %ecx, %eax;") END BODY("compared")
            LOOP("call same; jne 1f; add $7, %eax; 1: call same; jl 2f; rol $1, %eax; 2: call same; jp 3f; inc %eax; 3:"
                 "call same; sub %edx, %eax;") END BODY("entered")
                LOOP("cmp $0x40000000, %ecx; call looks; add %edx, %eax; test $0x30000, %ecx; call looks; lea (%edx, "
                     "%eax, 2), %eax;"
                     "cmp %eax, %ecx; call neither; adc %edx, %eax;" INDIRECT("looks") "cmp %ecx, %eax;" THROUGH
                                                                                       "xor %edx, %eax;" INDIRECT("odd")
                                                                                           THROUGH "adc $1, %eax;")
                    END BODY("returned_elsewhere")
                        LOOP("bt $17, %ecx; call elsewhere; ud2; back: rol $3, %eax; call odd; adc %ecx, %eax;") END);

uint32_t returned(uint32_t seed, uint32_t rounds), compared(uint32_t seed, uint32_t rounds),
    entered(uint32_t seed, uint32_t rounds), returned_elsewhere(uint32_t seed, uint32_t rounds);

int main(void)
{
    static uint32_t (*const tests[])(uint32_t, uint32_t) = {returned, compared, entered, returned_elsewhere};
    enum { TESTS = sizeof tests / sizeof *tests, PARTS = 20, ROUNDS = 4000 };
    for (unsigned part = 0; part < PARTS; part++)
        for (unsigned t = 0; t < TESTS; t++)
            printf("%u %u %08x\n", t, part, tests[t](part * 77 + t, ROUNDS));
    return 0;
}
