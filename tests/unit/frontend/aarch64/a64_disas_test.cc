// SPDX-License-Identifier: Apache-2.0
// Disassembler and decoder against binutils: random words of every row. Skipped where the cross binutils are absent.
#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <string>
#include <unistd.h>
#include <vector>

#include "frontend/aarch64/a64_disas.h"
#include "tests/unit/frontend/aarch64/a64_words.h"

namespace
{

// One space between words, nothing behind, no offset of 0 that is not written back: as objdump prints it.
std::string squeeze(const std::string &text)
{
    std::istringstream in(text);
    std::string word, out;
    while (in >> word && word[0] != '<' && word.substr(0, 2) != "//")
        out += out.empty() ? word : " " + word;
    const std::string zero = ", #0]";
    if (out.size() > zero.size() && out.compare(out.size() - zero.size(), zero.size(), zero) == 0)
        out = out.substr(0, out.size() - zero.size()) + "]";
    return out;
}

// Texts that objdump gives for these words from address 0 on, one each; empty: it is not there.
std::vector<std::string> objdump(const std::vector<uint32_t> &words)
{
    char name[] = "/tmp/a64_disas_XXXXXX";
    const int fd = mkstemp(name);
    EXPECT_EQ(write(fd, words.data(), words.size() * 4), ssize_t(words.size() * 4));
    close(fd);
    const std::string listing = std::string(name) + ".txt";
    const std::string command =
        "aarch64-linux-gnu-objdump -D -b binary -m aarch64 -M no-aliases " + std::string(name) + " > " + listing;
    std::vector<std::string> texts;
    if (system((command + " 2>/dev/null").c_str()) == 0) {
        std::ifstream in(listing);
        for (std::string line; std::getline(in, line);) {
            const size_t tab = line.find('\t'), second = tab == line.npos ? tab : line.find('\t', tab + 1);
            if (second != line.npos)
                texts.push_back(squeeze(line.substr(second + 1)));
        }
    }
    unlink(name);
    unlink(listing.c_str());
    return texts;
}

std::string disas(gaddr_t pc, uint32_t word)
{
    char text[128];
    EXPECT_EQ(a64_disas(pc, reinterpret_cast<const uint8_t *>(&word), 4, text, sizeof text), 4u);
    return squeeze(text);
}

// objdump shows dc and ic as sys, and knows the names of registers that programs may not use.
bool is_shown_otherwise(unsigned op)
{
    const std::string name = a64_rows[op].name;
    return name == "dc" || name == "ic" || op == A64_OP_mrs || op == A64_OP_msr;
}

// Operands of vectors are shown more plainly than objdump does: of these rows the name counts.
bool has_plain_operands(unsigned op) { return a64_rows[op].kind == A64_KIND_FP || a64_rows[op].operands[0] == '{'; }

std::string name_of(const std::string &text) { return text.substr(0, text.find(' ')); }

TEST(A64Disas, IsWhatBinutilsSay)
{
    std::mt19937 random(1);
    std::vector<uint32_t> words;
    std::vector<unsigned> ops;
    for (unsigned op = 0; op < A64_OP_COUNT; op++) {
        for (unsigned n = 0; n < 8 && !is_shown_otherwise(op); n++) {
            ops.push_back(op);
            words.push_back(a64_random_word(op, random));
            EXPECT_NE(words.back() | (op == A64_OP_udf), 0u) << a64_rows[op].name << ": no word found";
        }
    }
    const std::vector<std::string> expected = objdump(words);
    if (expected.empty())
        GTEST_SKIP() << "needs binutils-aarch64-linux-gnu";
    ASSERT_EQ(expected.size(), words.size());
    unsigned undefined = 0;
    for (size_t n = 0; n < words.size(); n++) {
        if (expected[n].find("undefined") != std::string::npos) // unpredictable: one register twice
            undefined++;
        else if (has_plain_operands(ops[n]))
            EXPECT_EQ(name_of(disas(n * 4, words[n])), name_of(expected[n])) << std::hex << words[n];
        else
            EXPECT_EQ(disas(n * 4, words[n]), expected[n]) << std::hex << words[n];
    }
    EXPECT_LT(undefined, words.size() / 10);
}

TEST(A64Disas, ShowsWhatDoesNotDecodeAsData)
{
    const uint32_t word = 0xffffffff;
    char text[64];
    EXPECT_EQ(a64_disas(0, reinterpret_cast<const uint8_t *>(&word), 4, text, sizeof text), 4u);
    EXPECT_STREQ(text, ".inst\t0xffffffff");
    EXPECT_EQ(a64_disas(0, reinterpret_cast<const uint8_t *>(&word), 3, text, sizeof text), 0u);
    EXPECT_EQ(a64_disas(0, reinterpret_cast<const uint8_t *>(&word), 4, text, 4), 4u);
    EXPECT_STREQ(text, ".in");
}

TEST(A64Disas, NamesSystemRegistersAndCaches)
{
    EXPECT_EQ(disas(0, 0xd53bd040), "mrs x0, tpidr_el0");
    EXPECT_EQ(disas(0, 0xd51b4401), "msr fpcr, x1");
    EXPECT_EQ(disas(0, 0xd53be042), "mrs x2, cntvct_el0");
    EXPECT_EQ(disas(0, 0xd5380403), "mrs x3, s3_0_c0_c4_0");
    EXPECT_EQ(disas(0, 0xd50b7424), "dc zva, x4");
    EXPECT_EQ(disas(0, 0xd50b7525), "ic ivau, x5");
}

} // namespace
