// SPDX-License-Identifier: Apache-2.0
// The instructions and kernels of the proof, from the generated table fp_kernels.def (gen_kernels.py), and what is
// known about an instruction beside its name.
#ifndef TANDEM_TESTS_FP_FP_INSN_H
#define TANDEM_TESTS_FP_FP_INSN_H

#include <cstdint>
#include <string>
#include <vector>

// RISC-V encodings of the rounding modes (manual, table "Rounding mode encoding").
enum fp_rm : uint8_t { FP_RNE, FP_RTZ, FP_RDN, FP_RUP, FP_RMM, FP_DYN = 7 };
enum fp_exception : uint8_t { FP_INEXACT = 1, FP_UNDERFLOW = 2, FP_OVERFLOW = 4, FP_DIV_ZERO = 8, FP_INVALID = 16 };
enum fp_variant : uint8_t { FP_EXACT, FP_GROUPED, FP_CHAIN, FP_MERGE, FP_FEED, FP_VARIANTS };

enum fp_op {
    OP_LOAD,
    OP_STORE,
    OP_ADD,
    OP_SUB,
    OP_MUL,
    OP_DIV,
    OP_SQRT,
    OP_FMA,
    OP_SGNJ,
    OP_SGNJN,
    OP_SGNJX,
    OP_MIN,
    OP_MAX,
    OP_LE,
    OP_LT,
    OP_EQ,
    OP_CLASS,
    OP_MOVE_OUT,
    OP_MOVE_IN,
    OP_TO_INT,
    OP_FROM_INT,
    OP_CONVERT
};

// A binary floating-point format.
struct fp_format {
    unsigned precision; // bits of the significand, the leading one included
    int emin, emax;     // exponents of the least normal and of the largest number
    unsigned width() const { return precision == 24 ? 32 : 64; }
    unsigned stored() const { return precision - 1; }
    uint64_t sign_bit() const { return uint64_t(1) << (width() - 1); }
    uint64_t inf() const { return uint64_t(2 * emax + 1) << stored(); }
    uint64_t nan() const { return inf() | uint64_t(1) << (stored() - 1); }
    uint64_t least_normal() const { return uint64_t(1) << stored(); }
    uint64_t magnitude(uint64_t v) const { return v & (sign_bit() - 1); }
    bool negative(uint64_t v) const { return v & sign_bit(); }
    bool is_nan(uint64_t v) const { return magnitude(v) > inf(); }
    bool is_signaling(uint64_t v) const { return is_nan(v) && !(v >> (stored() - 1) & 1); }
    bool is_inf(uint64_t v) const { return magnitude(v) == inf(); }
    bool is_zero(uint64_t v) const { return magnitude(v) == 0; }
    // The register that holds v: singles are NaN-boxed; and back, where what is not boxed is the default NaN.
    uint64_t box(uint64_t v) const { return width() == 32 ? v | ~uint64_t(0) << 32 : v; }
    uint64_t unbox(uint64_t r) const { return width() == 64 ? r : r >> 32 == 0xffffffff ? r & 0xffffffff : nan(); }
};
extern const fp_format fp_single, fp_double;

struct fp_insn {
    std::string name;
    fp_op op;
    bool has_rm;
    const fp_format *from, *to;         // of FP operands and of an FP result; null where there is none
    bool negate_product, negate_addend; // OP_FMA
    unsigned int_bits;                  // of the integer operand or result
    bool int_signed;
    unsigned operands; // FP operands
};

struct fp_kernel {
    unsigned number, insn;
    uint8_t rm;
    fp_variant variant;
    uint32_t word; // the instruction
};

const std::vector<fp_insn> &fp_insns();
const std::vector<fp_kernel> &fp_kernels();
const char *fp_rm_name(unsigned rm);
const char *fp_variant_name(fp_variant v);

#endif
