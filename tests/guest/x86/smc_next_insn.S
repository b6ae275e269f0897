# SPDX-License-Identifier: Apache-2.0
# Code that changes itself, without a fence, which x86 does not need: the instruction right behind the store, one behind
# two stores, one behind a repeated string store that runs over it, and the one that a function returns to. No libc.
# Prints one line.
    .text
    .globl _start

    .macro expect_sum code      # 0 + 1 + ... + 999 in rbx
    mov     $\code, %edi
    cmp     $499500, %ebx
    jne     failed
    xor     %ebx, %ebx
    xor     %ecx, %ecx
    .endm
    .macro again label
    add     %rax, %rbx
    inc     %ecx
    cmp     $1000, %ecx
    jne     \label
    .endm

_start:
    mov     $10, %eax           # mprotect(text, 2 pages, RWX)
    lea     _start(%rip), %rdi
    and     $-4096, %rdi
    mov     $8192, %esi
    mov     $7, %edx
    syscall
    test    %eax, %eax
    mov     $1, %edi
    jnz     failed
    xor     %ebx, %ebx
    xor     %ecx, %ecx

next:                           # the very next instruction
    mov     %ecx, %edx
    mov     %edx, 1f+1(%rip)
1:  mov     $0x55555555, %eax
    again   next
    expect_sum 2

second:                         # the first store is to data on the same page
    mov     %ecx, %edx
    mov     %edx, data(%rip)
    lea     1(%rdx), %edx
    dec     %edx
    mov     %edx, 1f+1(%rip)
1:  mov     $0x55555555, %eax
    again   second
    expect_sum 3

string:                         # rep stosb: 5 nops become "mov eax, 0" and back
    mov     %ecx, %r8d
    lea     1f(%rip), %rdi
    mov     $0x90, %eax
    test    $1, %ecx
    mov     $5, %ecx
    rep stosb
    mov     $0, %eax
1:  mov     $0x55555555, %eax
    mov     %r8d, %ecx
    cmp     $0, %eax
    mov     $4, %edi
    jne     failed
    movb    $0xb8, 1b(%rip)
    movl    $0x55555555, 1b+1(%rip)
    mov     %ecx, %eax
    again   string
    expect_sum 5

behind:                         # f changes what it returns to
    mov     %ecx, %edx
    call    f
back:
    mov     $0x55555555, %eax
    again   behind
    expect_sum 6

    mov     $1, %eax
    mov     $1, %edi
    lea     good(%rip), %rsi
    mov     $good_size, %edx
    syscall
    xor     %edi, %edi
failed:
    mov     $231, %eax
    syscall
good:
    .ascii  "code that changes itself ran as changed\n"
    .set    good_size, . - good
data:
    .long   0
    .balign 4096
f:
    mov     %edx, back+1(%rip)
    ret
