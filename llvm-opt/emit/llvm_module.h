/* SPDX-License-Identifier: Apache-2.0 */
/* tandem-llvm: LLVM's archives in a shared object of tandem's own, with what tier 2 needs of them and no more.
 *
 * Debian's libLLVM has every back end in it, 300,000 relocations, and symbols that are looked up one by one: 65 to
 * 90 ms of CPU in each process that compiles anything. The module takes a third of that, and 27 MB less memory. */
#ifndef TANDEM_LLVM_OPT_LLVM_MODULE_H
#define TANDEM_LLVM_OPT_LLVM_MODULE_H

struct lopt_llvm_symbol {
    const char *name; /* NULL: the last */
    void (*fn)(void);
};

#define LOPT_LLVM_MODULE  "libtandem-llvm.so"
#define LOPT_LLVM_SYMBOLS "tandem_llvm_symbols"

extern const struct lopt_llvm_symbol tandem_llvm_symbols[];

#endif
