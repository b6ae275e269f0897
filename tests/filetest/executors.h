/* SPDX-License-Identifier: Apache-2.0 */
/* What produces the text of an expectation: one function an executor and host. Each is given the blocks of a test and
 * gives the text, or false if it cannot run here, with the reason in the text. */
#ifndef TANDEM_TESTS_FILETEST_EXECUTORS_H
#define TANDEM_TESTS_FILETEST_EXECUTORS_H

#include "tests/filetest/guest.h"

namespace filetest
{

/* "tcg x86_64": each block's host code. Options: counter, check, random=SEED. Addresses have names: exits, glue, labels
 * in the code, fields of struct cpu; guest pcs of the pc map stand in comments. */
bool run_tcg_x86_64(const Case &test, const Blocks &blocks, std::string *text);

/* "llvm-opt": LLVM IR of the region of all blocks, before LLVM's passes. Options: precise, ordered. */
bool run_llvm_opt(const Case &test, const Blocks &blocks, std::string *text);

/* "llvm-opt passes": the same behind LLVM's passes. */
bool run_llvm_passes(const Case &test, const Blocks &blocks, std::string *text);

} // namespace filetest

#endif
