// SPDX-License-Identifier: Apache-2.0
// Rows that test lifters of the x86 front end without a host of that kind: bytes and state -> state, by the reference
// interpreter, and bytes -> IR text.
//
// A state is a text of NAME=VALUE, apart by spaces; values are hexadecimal:
//   rax=1 fs_base=10 mode=1c0   rows of the register table by their names (x86_state.def)
//   xmm0=HIGH:LOW r7=3fff:8000000000000000   rows of 128 and 80 bits; r0 .. r7 are the physical x87 registers
//   rsi=&8           the address of byte 8 of the memory, which is 64 bytes below 4 GiB
//   m2=5             64-bit word 2 of the memory
//   flags=CZ?A       status flags that are set, of CPAZSO; ?A: A may be either
//   pc=3             afterwards: where it goes on, as an offset from the code's start; without it: behind the code
//   trap=illegal     afterwards: the block ended with this trap, and pc is the trap's
// What the state before does not name is as for a new process, registers 0. What the state afterwards does not name is
// as before, but for fp_ip, fp_dp and fp_op, which are only compared where they are named.
#ifndef TANDEM_TESTS_UNIT_FRONTEND_X86_ROWS_H
#define TANDEM_TESTS_UNIT_FRONTEND_X86_ROWS_H

#include <string>
#include <vector>

struct x86_row {
    const char *what;
    unsigned width; // 32 or 64: of the code
    const char *bytes, *before, *after;
};

// What differs from the row, or nothing: with blocks that end at branches, and with some that go on.
std::string x86_run_row(const x86_row &row);
// Runs all of them as expectations of the test at hand.
void x86_expect_rows(const std::vector<x86_row> &rows);

struct x86_text_row {
    const char *what;
    unsigned width, mode;
    const char *bytes, *ir; // the instructions of the sealed block, a line each; without the line of the block
    unsigned branches = 0;  // guest_lift.max_branches
};
void x86_expect_texts(const std::vector<x86_text_row> &rows);

#endif
