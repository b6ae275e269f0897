// SPDX-License-Identifier: Apache-2.0
// Reads an instruction's name: the manual's names say everything.
#include "tests/fp/fp_insn.h"

#include <cstdio>
#include <cstdlib>

const fp_format fp_single = {24, -126, 127}, fp_double = {53, -1022, 1023};

namespace
{

const struct {
    const char *stem;
    fp_op op;
    unsigned operands;
    bool negate_product, negate_addend;
} kStems[] = {
    {"fadd", OP_ADD, 2, false, false},   {"fsub", OP_SUB, 2, false, false},     {"fmul", OP_MUL, 2, false, false},
    {"fdiv", OP_DIV, 2, false, false},   {"fsqrt", OP_SQRT, 1, false, false},   {"fmadd", OP_FMA, 3, false, false},
    {"fmsub", OP_FMA, 3, false, true},   {"fnmsub", OP_FMA, 3, true, false},    {"fnmadd", OP_FMA, 3, true, true},
    {"fsgnj", OP_SGNJ, 2, false, false}, {"fsgnjn", OP_SGNJN, 2, false, false}, {"fsgnjx", OP_SGNJX, 2, false, false},
    {"fmin", OP_MIN, 2, false, false},   {"fmax", OP_MAX, 2, false, false},     {"fle", OP_LE, 2, false, false},
    {"flt", OP_LT, 2, false, false},     {"feq", OP_EQ, 2, false, false},       {"fclass", OP_CLASS, 1, false, false},
    {"flw", OP_LOAD, 0, false, false},   {"fld", OP_LOAD, 0, false, false},     {"fsw", OP_STORE, 1, false, false},
    {"fsd", OP_STORE, 1, false, false}};

const fp_format *format_of(const std::string &suffix)
{
    return suffix == "s" ? &fp_single : suffix == "d" ? &fp_double : nullptr;
}

// fmv.x.w, fmv.d.x, fcvt.TO.FROM
void set_conversion(fp_insn *i, const std::string &to, const std::string &from, bool move)
{
    const std::string &integer = i->to ? from : to;
    i->int_bits = integer[0] == 'w' ? 32 : 64;
    i->int_signed = integer.size() == 1;
    i->operands = i->from ? 1 : 0;
    if (move) {
        bool out = to == "x";
        const std::string &fp = out ? from : to;
        (out ? i->from : i->to) = fp == "w" ? &fp_single : &fp_double;
        i->op = out ? OP_MOVE_OUT : OP_MOVE_IN;
        i->operands = out;
    } else {
        i->op = i->from && i->to ? OP_CONVERT : i->to ? OP_FROM_INT : OP_TO_INT;
    }
}

fp_insn parse(const std::string &name, bool has_rm)
{
    size_t dot = name.find('.'), last = name.rfind('.');
    std::string stem = name.substr(0, dot), from = dot == std::string::npos ? "" : name.substr(last + 1);
    fp_insn i = {name, OP_LOAD, has_rm, format_of(from), format_of(from), false, false, 64, true, 0};
    if (stem == "fcvt" || stem == "fmv") {
        std::string to = name.substr(dot + 1, last - dot - 1);
        i.to = format_of(to);
        set_conversion(&i, to, from, stem == "fmv");
        return i;
    }
    for (const auto &row : kStems) {
        if (stem != row.stem)
            continue;
        i.op = row.op;
        i.operands = row.operands;
        i.negate_product = row.negate_product;
        i.negate_addend = row.negate_addend;
        if (i.op == OP_LOAD || i.op == OP_STORE)
            i.from = i.to = stem.back() == 'w' ? &fp_single : &fp_double;
        if (i.op >= OP_LE && i.op <= OP_CLASS)
            i.to = nullptr;
        return i;
    }
    fprintf(stderr, "the oracle does not know %s\n", name.c_str());
    exit(2);
}

} // namespace

const std::vector<fp_insn> &fp_insns()
{
    static const std::vector<fp_insn> insns = {
#define FP_INSN(name, has_rm) parse(name, has_rm),
#define FP_KERNEL(insn, rm, variant, word)
#include "fp_kernels.def"
#undef FP_INSN
#undef FP_KERNEL
    };
    return insns;
}

const std::vector<fp_kernel> &fp_kernels()
{
    enum { EXACT = FP_EXACT, GROUP = FP_GROUPED, CHAIN = FP_CHAIN, MERGE = FP_MERGE, FEED = FP_FEED };
    static const std::vector<fp_kernel> kernels = [] {
        std::vector<fp_kernel> all = {
#define FP_INSN(name, has_rm)
#define FP_KERNEL(insn, rm, variant, word) {0, insn, rm, static_cast<fp_variant>(variant), word},
#include "fp_kernels.def"
#undef FP_INSN
#undef FP_KERNEL
        };
        for (unsigned n = 0; n < all.size(); n++)
            all[n].number = n;
        return all;
    }();
    return kernels;
}

const char *fp_rm_name(unsigned rm)
{
    static const char *const names[] = {"rne", "rtz", "rdn", "rup", "rmm", "5", "6", "dyn"};
    return names[rm & 7];
}

const char *fp_variant_name(fp_variant v)
{
    static const char *const names[] = {"exact", "group", "chain", "merge", "feed"};
    return names[v];
}
