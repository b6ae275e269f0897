# SPDX-License-Identifier: Apache-2.0
# Self-modifying code without a libc: the instruction right behind fence.i is patched in a loop, full-size and
# compressed.
# Prints two lines. Text is made writable by mprotect.
    .section .rodata
good_text:
    .ascii  "patched instructions ran\nfull and compressed\n"
bad_text:
    .ascii  "FAILED\n"

    .text
    .option norvc
    .globl _start
_start:
    la      a0, patched
    li      t0, -4096
    and     a0, a0, t0
    li      a1, 8192
    li      a2, 7                       # read, write, execute
    li      a7, 226                     # mprotect
    ecall
    bnez    a0, bad

    li      s0, 0                       # sum
    li      s1, 100                     # rounds
    la      s2, patched
round:
    slli    t0, s1, 20                  # addi s0, s0, s1
    li      t1, 0x00040413
    or      t0, t0, t1
    sw      t0, 0(s2)
    fence.i
patched:
    addi    s0, s0, 0
    addi    s1, s1, -1
    bnez    s1, round
    li      t0, 5050
    bne     s0, t0, bad

    # The same with half an instruction: c.addi s0, imm for imm 1..31 in place of c.nop.
    li      s0, 0
    li      s1, 31
    la      s2, small
again:
    slli    t0, s1, 2                   # c.addi: imm[4:0] at bits 6..2, rd s0 at 11..7
    li      t1, 0x0401
    or      t0, t0, t1
    sh      t0, 0(s2)
    fence.i
    .option rvc
small:
    c.nop
    c.nop
    .option norvc
    addi    s1, s1, -1
    bnez    s1, again
    li      t0, 496
    bne     s0, t0, bad

    la      a1, good_text
    li      a2, 45
    li      s3, 0
    j       finish
bad:
    la      a1, bad_text
    li      a2, 7
    li      s3, 1
finish:
    li      a0, 1
    li      a7, 64                      # write
    ecall
    mv      a0, s3
    li      a7, 93                      # exit
    ecall
