/* SPDX-License-Identifier: Apache-2.0 */
/* A block for --explain whose translation mode has its highest bits set: exceptions are unmasked in MXCSR (bit 15) and
 * in the x87 control word (bit 14). */
        .globl _start, unmasked
        .text
_start:
        ldmxcsr mxcsr(%rip)
        fldcw   control(%rip)
        jmp     unmasked
        .p2align 4
unmasked:
        xor     %edi, %edi
        mov     $60, %eax /* exit */
        syscall
        .data
mxcsr:  .long   0x1f00 /* invalid, denormal unmasked */
control: .short 0x0370
        .section .note.GNU-stack,"",@progbits
