# SPDX-License-Identifier: Apache-2.0
# Every compressed instruction once, with immediates at their ends; the registers are folded into a sum that is printed.
    .macro  fold reg
    add     s11, s11, \reg
    slli    t6, s11, 7
    srli    s11, s11, 57
    or      s11, s11, t6
    .endm

    .globl  _start
_start:
    .option rvc
    li      s11, 1
    la      s10, buffer
    mv      a0, s10
    c.li    a1, -32
    fold    a1
    c.li    a1, 31
    fold    a1
    c.addi  a1, -32
    fold    a1
    c.addi  a1, 31
    fold    a1
    c.addiw a1, -32
    fold    a1
    c.addiw a1, 0
    fold    a1
    c.lui   a2, 1
    fold    a2
    c.lui   a2, 0xfffe0
    fold    a2
    c.slli  a2, 3
    fold    a2
    c.slli  a2, 40
    fold    a2
    li      a3, -0x123456789
    c.srli  a3, 1
    fold    a3
    c.srai  a3, 33
    fold    a3
    c.andi  a3, -32
    fold    a3
    c.andi  a3, 31
    fold    a3
    c.mv    a4, a3
    c.add   a4, a4
    fold    a4
    c.sub   a4, a2
    fold    a4
    c.xor   a4, a1
    fold    a4
    c.or    a4, a3
    fold    a4
    c.and   a4, a2
    fold    a4
    li      a4, 0x7fffffff
    c.addw  a4, a4
    fold    a4
    c.subw  a4, a1
    fold    a4

    # memory through compressed registers
    li      a5, -0x1122334455667788
    c.sd    a5, 0(a0)
    c.sd    a5, 248(a0)
    c.sw    a5, 124(a0)
    c.ld    a2, 0(a0)
    fold    a2
    c.ld    a2, 248(a0)
    fold    a2
    c.lw    a2, 124(a0)
    fold    a2
    c.ld    a2, 120(a0)
    fold    a2
    fmv.d.x fa0, a5
    c.fsd   fa0, 16(a0)
    c.fld   fa1, 16(a0)
    fmv.x.d a2, fa1
    fold    a2

    # memory through the stack pointer
    mv      s9, sp
    c.addi16sp sp, -512
    c.sdsp  a5, 504(sp)
    c.swsp  a5, 252(sp)
    c.fsdsp fa0, 8(sp)
    c.ldsp  a3, 504(sp)
    fold    a3
    c.lwsp  a3, 252(sp)
    fold    a3
    c.fldsp fa2, 8(sp)
    fmv.x.d a3, fa2
    fold    a3
    c.addi4spn a4, sp, 1020
    sub     a4, a4, sp
    fold    a4
    c.addi16sp sp, 496
    c.addi16sp sp, 16
    sub     a4, sp, s9
    fold    a4

    # control
    li      a1, 3
loop:
    fold    a1
    c.addi  a1, -1
    c.bnez  a1, loop
    c.beqz  a1, 1f
    fold    sp
1:  la      a2, 2f
    c.jr    a2
    fold    sp
2:  la      a2, leaf
    c.jalr  a2
    fold    a1
    c.j     3f
    fold    sp
3:  c.nop

    # print s11 in hexadecimal
    la      a1, text
    addi    a3, a1, 15
    li      a4, 16
digit:
    andi    a5, s11, 15
    addi    a2, a5, '0'
    sltiu   t0, a5, 10
    bnez    t0, 4f
    addi    a2, a5, 'a' - 10
4:  sb      a2, 0(a3)
    srli    s11, s11, 4
    addi    a3, a3, -1
    addi    a4, a4, -1
    bnez    a4, digit
    li      a0, 1
    li      a2, 17
    li      a7, 64
    ecall
    li      a0, 0
    li      a7, 93
    ecall
leaf:
    c.addi  a1, 9
    c.jr    ra

    .data
    .balign 16
buffer:
    .zero   512
text:
    .ascii  "0000000000000000\n"
