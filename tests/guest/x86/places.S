/* SPDX-License-Identifier: Apache-2.0 */
/* A loop of two blocks for --explain: its region begins at head and has inner inside. */
        .globl _start, head, inner
        .text
_start:
        mov     $1000, %ecx
        .p2align 4
head:
        add     $1, %eax
        jmp     inner
        .p2align 4
inner:
        sub     $1, %ecx
        jnz     head
        xor     %edi, %edi
        mov     $60, %eax /* exit */
        syscall
        .section .note.GNU-stack,"",@progbits
