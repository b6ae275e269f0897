# SPDX-License-Identifier: Apache-2.0
# Control transfers at their edges: jalr with rd = rs1, odd targets, x5 as link register, calls that never return to
# their caller, returns that no call made, tail calls, loops around returns. Each step adds to s0, which must come out
# right.
    .section .rodata
    .balign 8
table:
    .dword  ret_a, ret_b, ret_c, ret_d
good_text:
    .ascii  "all jumps landed\n"
bad_text:
    .ascii  "FAILED\n"

    .text
    .globl _start
_start:
    li      s0, 0

    # jalr whose target register is also its link register
    la      t0, one
    jalr    t0, 0(t0)
back_one:
    addi    s0, s0, 1                   # 1 + 10

    # bit 0 of a jalr target is dropped
    la      t1, two
    addi    t1, t1, 1
    jalr    ra, 0(t1)
    addi    s0, s0, 2                   # + 102

    # offset that makes the target odd and negative
    la      t1, three
    addi    t1, t1, 0x400
    jalr    ra, -0x3ff(t1)
    addi    s0, s0, 4                   # + 1004

    # x5 as link register (the alternate one)
    jal     t0, four
    addi    s0, s0, 8                   # + 10008

    # a callee that returns somewhere else: to its caller's caller
    jal     ra, five
    addi    s0, s0, 16                  # + 16 (five_inner skips five's rest)

    # a thousand calls whose returns are never used, then one return by hand
    li      s1, 1000
never:
    jal     ra, six
six_next:
    j       bad
six:
    addi    s1, s1, -1
    beqz    s1, 1f
    jal     ra, six_again
    j       bad
six_again:
    j       six
1:  addi    s0, s0, 32

    # returns that no call made: a chain of ret through a table
    la      s2, table
    li      s3, 3000
chain:
    andi    t0, s3, 3
    slli    t0, t0, 3
    add     t0, t0, s2
    ld      ra, 0(t0)
    ret
ret_a:
    addi    s0, s0, 1
    j       chain_end
ret_b:
    addi    s0, s0, 2
    j       chain_end
ret_c:
    addi    s0, s0, 3
    j       chain_end
ret_d:
    addi    s0, s0, 4
chain_end:
    addi    s3, s3, -1
    bnez    s3, chain

    # mutual tail calls, many of them
    li      s4, 5000
    jal     ra, even
    addi    s0, s0, 64

    # call through a pointer that changes each time, from one place
    li      s5, 4000
pointer:
    andi    t0, s5, 1
    la      t1, leaf_a
    la      t2, leaf_b
    sub     t2, t2, t1
    neg     t0, t0
    and     t2, t2, t0
    add     t1, t1, t2
    jalr    t1
    addi    s5, s5, -1
    bnez    s5, pointer

    # a branch to itself + 2: compressed code in the middle of nowhere
    .option push
    .option rvc
    c.j     2f
    .half   0
2:  c.nop
    .option pop

    li      t0, 11 + 102 + 1004 + 10008 + 16 + 32 + 7500 + 64 + 5000 + 2000 * 3 + 2000 * 5
    bne     s0, t0, bad
    la      a1, good_text
    li      a2, 17
    li      s3, 0
    j       finish

one:
    addi    s0, s0, 10
    jr      t0
    .balign 4
two:
    addi    s0, s0, 100
    ret
    .balign 4
three:
    addi    s0, s0, 1000
    ret
four:
    li      t1, 10000
    add     s0, s0, t1
    jr      t0
five:
    mv      s6, ra
    jal     ra, five_inner
    j       bad
five_inner:
    jr      s6
even:
    addi    s4, s4, -1
    addi    s0, s0, 1
    beqz    s4, 1f
    tail    odd
1:  ret
odd:
    addi    s4, s4, -1
    addi    s0, s0, 1
    beqz    s4, 1f
    tail    even
1:  ret
leaf_a:
    addi    s0, s0, 3
    ret
leaf_b:
    addi    s0, s0, 5
    ret

bad:
    la      a1, bad_text
    li      a2, 7
    li      s3, 1
finish:
    li      a0, 1
    li      a7, 64
    ecall
    mv      a0, s3
    li      a7, 93
    ecall
