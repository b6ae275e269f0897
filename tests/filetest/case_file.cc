/* SPDX-License-Identifier: Apache-2.0 */
/* Reads and writes files of tests. What is not an expectation is written back as it was read. */
#include "tests/filetest/case_file.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace filetest
{

static const char kMargin[] = "  ";

std::string Chunk::key() const
{
    size_t colon = head.find(':');
    return head.empty() || head[0] == ';' || colon == std::string::npos ? "" : head.substr(0, colon);
}

std::string Chunk::value() const
{
    size_t from = head.find_first_not_of(' ', head.find(':') + 1);
    return from == std::string::npos ? "" : head.substr(from);
}

bool Chunk::is_section() const { return !key().empty() && value().empty(); }

std::vector<std::string> words(const std::string &text)
{
    std::istringstream in(text);
    std::vector<std::string> result;
    for (std::string word; in >> word;)
        result.push_back(word);
    return result;
}

bool Case::has(const std::string &key, const std::string &word) const
{
    auto found = settings.find(key);
    if (found != settings.end())
        for (const std::string &w : words(found->second))
            if (w == word)
                return true;
    return false;
}

unsigned long Case::number(const std::string &key, const std::string &word) const
{
    auto found = settings.find(key);
    if (found != settings.end())
        for (const std::string &w : words(found->second))
            if (w.compare(0, word.size() + 1, word + "=") == 0)
                return strtoul(w.c_str() + word.size() + 1, nullptr, 0);
    return 0;
}

bool CaseFile::read(const std::string &path)
{
    path_ = path;
    std::ifstream in(path);
    unsigned number = 0;
    for (std::string line; std::getline(in, line);) {
        number++;
        bool inside = !chunks.empty() && chunks.back().is_section();
        if (inside && (line.empty() || line[0] == ' ')) {
            chunks.back().body.push_back(line);
            continue;
        }
        Chunk chunk;
        chunk.head = line;
        chunk.line = number;
        chunks.push_back(chunk);
    }
    return in.eof();
}

bool CaseFile::write() const
{
    std::ofstream out(path_);
    for (const Chunk &chunk : chunks) {
        out << chunk.head << '\n';
        for (const std::string &line : chunk.body)
            out << line << '\n';
    }
    out.close();
    return !out.fail();
}

std::string unindent(const std::vector<std::string> &body)
{
    std::string text;
    size_t count = body.size();
    while (count && body[count - 1].empty())
        count--;
    for (size_t i = 0; i < count; i++)
        text += body[i].substr(std::min(body[i].size(), sizeof kMargin - 1)) + "\n";
    return text;
}

std::vector<std::string> indent(const std::string &text)
{
    std::istringstream in(text);
    std::vector<std::string> body;
    for (std::string line; std::getline(in, line);)
        body.push_back(line.empty() ? line : kMargin + line);
    body.push_back("");
    return body;
}

} // namespace filetest
