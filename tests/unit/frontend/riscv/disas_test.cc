// SPDX-License-Identifier: Apache-2.0
// Disassembler and decoder against binutils: every compressed encoding, and random words of every row. Skipped where
// the cross binutils are absent.
#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <sstream>
#include <string>
#include <unistd.h>
#include <vector>

#include "frontend/riscv/rv_decode.h"
#include "frontend/riscv/rv_disas.h"
#include "tests/insn/rv_random.h"

namespace
{

// What binutils 2.40 does not know.
const uint32_t kUnknownToBinutils = RV_EXT_ZICOND;
const char kArch[] = "rv64imafdc_zicsr_zifencei_zba_zbb_zbc_zbs_zicbop_zihintpause";

bool have_binutils()
{
    return system("riscv64-linux-gnu-as --version >/dev/null 2>&1 && riscv64-linux-gnu-objdump --version >/dev/null "
                  "2>&1") == 0;
}

std::string squeeze(const std::string &text)
{
    std::istringstream in(text);
    std::string word, out;
    while (in >> word && word[0] != '<' && word[0] != '#')
        out += out.empty() ? word : " " + word;
    return out;
}

// Texts that objdump gives for these words, one each.
std::vector<std::string> objdump(const std::vector<uint32_t> &words)
{
    char dir[] = "/tmp/tandem-disas-XXXXXX";
    std::vector<std::string> texts;
    if (!mkdtemp(dir))
        return texts;
    std::string base = dir;
    {
        std::ofstream s(base + "/t.s");
        for (uint32_t w : words)
            s << ".insn " << ((w & 3) == 3 ? 4 : 2) << ", " << w << "\n";
    }
    std::string command = "cd " + base + " && riscv64-linux-gnu-as -march=" + kArch +
                          " t.s -o t.o && riscv64-linux-gnu-objdump -d -M no-aliases "
                          "--no-show-raw-insn t.o >t.txt";
    if (system(command.c_str()) == 0) {
        std::ifstream in(base + "/t.txt");
        std::string line;
        while (std::getline(in, line)) {
            size_t colon = line.find(":\t");
            if (colon != std::string::npos)
                texts.push_back(squeeze(line.substr(colon + 2)));
        }
    }
    system(("rm -rf " + base).c_str());
    return texts;
}

// Both show what they cannot decode as data; the all-zero halfword and reserved rounding modes have names in binutils.
std::string legality(const std::string &text)
{
    bool reserved_rm =
        text.size() > 8 && text.compare(text.size() - 8, 8, ",unknown") == 0 && text.compare(0, 5, "fence") != 0;
    return reserved_rm || text.compare(0, 2, ".2") == 0 || text.compare(0, 2, ".4") == 0 || text == "c.unimp"
               ? "illegal"
               : text;
}

// Ours for the same place, in objdump's spelling.
std::string ours(uint64_t pc, uint32_t word)
{
    char text[128];
    rv_disas(pc, reinterpret_cast<const uint8_t *>(&word), 4, text, sizeof text);
    std::string s = legality(squeeze(text));
    if (s == "c.nop")
        s = "c.addi zero,0";
    // objdump prints branch targets without 0x
    struct rv_insn i;
    if (rv_decode(word, RV_EXT_ALL, &i) && (i.row->kind == RV_KIND_BRANCH || i.row->kind == RV_KIND_JUMP)) {
        size_t at = s.find("0x");
        if (at != std::string::npos)
            s.erase(at, 2);
    }
    return s;
}

// Where the manual is followed and binutils is not: c.addi16sp with 0 is reserved; reserved fields of fences are
// ignored; fcvt.d.w, fcvt.d.wu and fcvt.d.s may name any rounding mode.
bool differs_by_intent(uint32_t word)
{
    bool exact = (word & 0xffe0007f) == 0xd2000053 || (word & 0xfff0007f) == 0x42000053;
    return (exact && (word & 0x7000) != 0) || word == 0x6101 || ((word & 0x7f) == 0x0f && (word & 0x000f8f80) != 0) ||
           ((word & 0x707f) == 0x100f && word >> 20 != 0) ||
           ((word & 0x707f) == 0x0f && word >> 28 != 0 && word != 0x8330000f);
}

void compare(const std::vector<uint32_t> &words)
{
    std::vector<std::string> theirs = objdump(words);
    ASSERT_EQ(theirs.size(), words.size());
    uint64_t pc = 0;
    int shown = 0;
    for (size_t n = 0; n < words.size(); n++) {
        std::string mine = ours(pc, words[n]);
        if (mine != legality(theirs[n]) && !differs_by_intent(words[n]) && shown++ < 40)
            ADD_FAILURE() << std::hex << words[n] << " at " << pc << ": ours '" << mine << "', binutils '" << theirs[n]
                          << "'";
        pc += (words[n] & 3) == 3 ? 4 : 2;
    }
    EXPECT_EQ(shown, 0);
}

} // namespace

TEST(rv_disas, compressed_encodings_agree_with_binutils)
{
    if (!have_binutils())
        GTEST_SKIP() << "riscv64-linux-gnu binutils are not installed";
    std::vector<uint32_t> words;
    for (uint32_t w = 0; w < 0x10000; w++) {
        if ((w & 3) != 3)
            words.push_back(w);
    }
    compare(words);
}

TEST(rv_disas, random_words_of_each_row_agree_with_binutils)
{
    if (!have_binutils())
        GTEST_SKIP() << "riscv64-linux-gnu binutils are not installed";
    harness::Random rng = {1};
    std::vector<uint32_t> words;
    for (unsigned op = 0; op < RV_OP_COUNT; op++) {
        if (rv_rows[op].ext & kUnknownToBinutils)
            continue;
        for (int n = 0; n < 60; n++) {
            uint32_t word = rv_random_word(&rng, static_cast<enum rv_op>(op));
            if (rv_rows[op].kind == RV_KIND_CSR) // binutils names those that user mode lacks, too
                word = (word & 0xfffff) | (n % 3 + 1 + (n & 1 ? 0xbff : 0)) << 20;
            words.push_back(word);
        }
    }
    compare(words);
}

TEST(rv_disas, random_words_are_legal_where_binutils_says_so)
{
    if (!have_binutils())
        GTEST_SKIP() << "riscv64-linux-gnu binutils are not installed";
    harness::Random rng = {2};
    std::vector<uint32_t> words;
    while (words.size() < 40000) {
        uint32_t word = static_cast<uint32_t>(rng.next()) | 3;
        bool system = (word & 0x7f) == 0x73, longer = (word & 0x1f) == 0x1f;
        bool zicond = (word & 0xfe00507f) == 0x0e005033;
        if (!system && !longer && !zicond)
            words.push_back(word);
    }
    compare(words);
}
