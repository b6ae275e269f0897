/* SPDX-License-Identifier: Apache-2.0 */
/* The text of a file of tests: settings, IR, and what is expected of it.
 *
 *   ; a comment, anywhere at the start of a line
 *   features: bmi2 avx          settings: key, colon, words; before the first test, for all that follow
 *   test: a name                a test begins
 *   ir:                         a section: the indented lines below its key
 *     %0 = get i64 $x0
 *     jump 0x10004
 *   tcg x86_64:                 any other section is an expectation, named after what produces it
 *     jmp L1
 *
 * Settings: features (of the host: tcg; default none), state (plain, x87, flags), options (words; executors say which),
 * targets (PC=PC,PC: likely targets of the indirect jump of the block at the first PC). */
#ifndef TANDEM_TESTS_FILETEST_CASE_FILE_H
#define TANDEM_TESTS_FILETEST_CASE_FILE_H

#include <map>
#include <string>
#include <vector>

namespace filetest
{

/* One line at the left margin and the indented lines below it. */
struct Chunk {
    std::string head;
    std::vector<std::string> body;
    unsigned line = 0;         /* of the head, from 1 */
    std::string key() const;   /* before the colon; empty: a comment or an empty line */
    std::string value() const; /* behind the colon */
    bool is_section() const;   /* text follows, not a value */
};

/* What one test says, settings of the file included. */
struct Case {
    std::string name, ir;
    std::map<std::string, std::string> settings;
    bool has(const std::string &key, const std::string &word) const;
    /* The value of word=N among the words of a setting, or 0. */
    unsigned long number(const std::string &key, const std::string &word) const;
};

class CaseFile
{
  public:
    /* False: it cannot be read. */
    bool read(const std::string &path);
    bool write() const;
    std::vector<Chunk> chunks;

  private:
    std::string path_;
};

std::vector<std::string> words(const std::string &text);
/* The lines of a section without the margin and without empty lines at the end. */
std::string unindent(const std::vector<std::string> &body);
std::vector<std::string> indent(const std::string &text);

} // namespace filetest

#endif
