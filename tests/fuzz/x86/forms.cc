// SPDX-License-Identifier: Apache-2.0
// Finds the forms of every row: all opcodes of all maps, with each prefix, are decoded once in a canonical spelling.
#include <cstring>
#include <map>

#include "tests/fuzz/x86/encode.h"
#include "tests/fuzz/x86/fuzz.h"

namespace x86fuzz
{

const char *const kind_names[KIND_COUNT] = {"int", "fpu", "vec"};

namespace
{

// The FPU's registers, which are also those of MMX; vectors.
kind kind_of(const insn &i)
{
    switch (i.i.meta.isa_ext) {
    case ZYDIS_ISA_EXT_X87:
    case ZYDIS_ISA_EXT_MMX:
        return KIND_FPU;
    case ZYDIS_ISA_EXT_SSE:
    case ZYDIS_ISA_EXT_SSE2:
    case ZYDIS_ISA_EXT_SSE3:
    case ZYDIS_ISA_EXT_SSSE3:
    case ZYDIS_ISA_EXT_SSE4:
    case ZYDIS_ISA_EXT_SSE4A:
    case ZYDIS_ISA_EXT_AES:
    case ZYDIS_ISA_EXT_AVXAES:
    case ZYDIS_ISA_EXT_VAES:
    case ZYDIS_ISA_EXT_PCLMULQDQ:
    case ZYDIS_ISA_EXT_VPCLMULQDQ:
    case ZYDIS_ISA_EXT_SHA:
    case ZYDIS_ISA_EXT_AVX:
    case ZYDIS_ISA_EXT_AVX2:
    case ZYDIS_ISA_EXT_AVX2GATHER:
    case ZYDIS_ISA_EXT_FMA:
    case ZYDIS_ISA_EXT_F16C:
    case ZYDIS_ISA_EXT_XSAVE:
    case ZYDIS_ISA_EXT_XSAVEC:
    case ZYDIS_ISA_EXT_XSAVEOPT:
        return i.i.meta.isa_set == ZYDIS_ISA_SET_POPCNT || i.i.mnemonic == ZYDIS_MNEMONIC_CRC32 ? KIND_INT : KIND_VEC;
    default:
        return KIND_INT;
    }
}

const struct {
    ZydisMnemonic mnemonic;
    const char *name;
} kRows[] = {
#define X86_INSN(mnemonic, lifter, arg) {ZYDIS_MNEMONIC_##mnemonic, #mnemonic},
#include "frontend/x86/decode/x86_insns.def"
#undef X86_INSN
#define X86_MMX(mnemonic, lifter, arg) {ZYDIS_MNEMONIC_##mnemonic, #mnemonic},
#include "frontend/x86/decode/x86_mmx_insns.def"
};

// Opcodes of which the rm field of register forms chooses the instruction, too.
bool rm_chooses(const form &f)
{
    return !f.vex && !f.is_mem &&
           ((f.map == 0 && f.opcode >= 0xd8 && f.opcode <= 0xdf) ||
            (f.map == 1 && (f.opcode == 0x01 || f.opcode == 0xae || f.opcode == 0x1e)));
}

class finder
{
  public:
    explicit finder(bool is64) : is64_(is64)
    {
        for (const auto &r : kRows)
            rows_[r.mnemonic] = {r.mnemonic, r.name, {}, is64, KIND_INT};
    }

    void opcode(form f)
    {
        for (int mem = 0; mem < 2; mem++) {
            f.is_mem = mem;
            for (f.reg = 0; f.reg < 8; f.reg++) {
                f.rm = -1;
                if (!rm_chooses(f)) {
                    try_form(f);
                    continue;
                }
                for (f.rm = 0; f.rm < 8; f.rm++)
                    try_form(f);
            }
        }
    }

    std::vector<row> take()
    {
        std::vector<row> found;
        for (auto &r : rows_) {
            if (!r.second.forms.empty())
                found.push_back(std::move(r.second));
        }
        return found;
    }

  private:
    void try_form(const form &f)
    {
        uint8_t code[kMaxCode] = {};
        encoder e(code, f, is64_);
        e.canonical();
        insn i;
        if (!decode(is64_, code, sizeof code, &i))
            return;
        auto found = rows_.find(i.i.mnemonic);
        if (found == rows_.end())
            return;
        if (found->second.forms.empty())
            found->second.kind = kind_of(i);
        found->second.forms.push_back(f);
    }
    bool is64_;
    std::map<ZydisMnemonic, row> rows_;
};

} // namespace

bool decode(bool is64, const uint8_t *code, size_t avail, insn *out)
{
    ZydisDecoder decoder;
    ZydisDecoderInit(&decoder, is64 ? ZYDIS_MACHINE_MODE_LONG_64 : ZYDIS_MACHINE_MODE_LEGACY_32,
                     is64 ? ZYDIS_STACK_WIDTH_64 : ZYDIS_STACK_WIDTH_32);
    return ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, code, avail, &out->i, out->op));
}

std::vector<row> find_rows(bool is64)
{
    finder found(is64);
    form f = {};
    for (unsigned vex = 0; vex < 2; vex++) {
        for (unsigned n = 0; n < 4 * 256 * 4 * 2 * 2; n++) {
            f.opcode = uint8_t(n);
            f.map = n >> 8 & 3, f.pp = n >> 10 & 3, f.w = n >> 12 & 1, f.l = n >> 13 & 1;
            f.vex = vex;
            bool possible = vex ? f.map != 0 : !f.l && (is64 || !f.w);
            if (possible)
                found.opcode(f);
        }
    }
    return found.take();
}

} // namespace x86fuzz
