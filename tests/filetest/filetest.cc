/* SPDX-License-Identifier: Apache-2.0 */
/* File tests: IR in, expected host code or LLVM IR out.
 *
 *   filetest [--update] [FILE...]      all files of tests/filetest if none is named
 *
 * --update rewrites the expectations with what comes out now; the difference is then for git diff and a reader. */
#include <dirent.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <sstream>

#include "tests/filetest/executors.h"

using namespace filetest;

namespace
{
struct Totals {
    unsigned tests = 0, outputs = 0, failed = 0, skipped = 0, updated = 0;
};

struct Executor {
    const char *section;
    bool (*run)(const Case &, const Blocks &, std::string *);
};
const Executor executors[] = {
#ifdef __x86_64__
    {"tcg x86_64", run_tcg_x86_64},
#endif
    {"llvm-opt", run_llvm_opt},
    {"llvm-opt passes", run_llvm_passes},
};

const Executor *find_executor(const std::string &section)
{
    for (const Executor &e : executors)
        if (section == e.section)
            return &e;
    return nullptr;
}

void print_difference(const std::string &want, const std::string &got)
{
    std::istringstream a(want), b(got);
    std::string x, y;
    for (bool more = true; more;) {
        bool has_a = (bool)std::getline(a, x), has_b = (bool)std::getline(b, y);
        more = has_a || has_b;
        if (more && (!has_a || !has_b || x != y))
            printf("    expected: %s\n    got:      %s\n", has_a ? x.c_str() : "(end)", has_b ? y.c_str() : "(end)");
    }
}

void run_section(const std::string &path, const Case &test, Chunk *chunk, bool update, Totals *totals)
{
    const Executor *executor = find_executor(chunk->key());
    Blocks blocks;
    std::string got, want = unindent(chunk->body);
    if (!executor) {
        totals->skipped++;
        return;
    }
    if (!blocks.parse(test, &got)) {
        printf("%s:%u: %s: %s\n", path.c_str(), chunk->line, test.name.c_str(), got.c_str());
        totals->failed++;
        return;
    }
    if (!executor->run(test, blocks, &got)) {
        printf("%s:%u: %s: skipped: %s\n", path.c_str(), chunk->line, test.name.c_str(), got.c_str());
        totals->skipped++;
        return;
    }
    totals->outputs++;
    if (got == want)
        return;
    if (update) {
        chunk->body = indent(got);
        totals->updated++;
        return;
    }
    printf("%s:%u: %s: %s differs\n", path.c_str(), chunk->line, test.name.c_str(), chunk->key().c_str());
    print_difference(want, got);
    totals->failed++;
}

bool run_file(const std::string &path, bool update, Totals *totals)
{
    CaseFile file;
    Case test;
    std::map<std::string, std::string> common;
    if (!file.read(path))
        return false;
    for (Chunk &chunk : file.chunks) {
        std::string key = chunk.key();
        if (key == "test") {
            test = Case();
            test.name = chunk.value(), test.settings = common;
            totals->tests++;
        } else if (key == "ir") {
            test.ir = unindent(chunk.body);
        } else if (chunk.is_section()) {
            run_section(path, test, &chunk, update, totals);
        } else if (!key.empty()) {
            (test.name.empty() ? common : test.settings)[key] = chunk.value();
        }
    }
    return !update || file.write();
}

std::vector<std::string> all_files()
{
    std::vector<std::string> files;
    if (DIR *dir = opendir(FILETEST_DIR)) {
        while (struct dirent *entry = readdir(dir)) {
            std::string name = entry->d_name;
            if (name.size() > 5 && name.compare(name.size() - 5, 5, ".test") == 0)
                files.push_back(std::string(FILETEST_DIR "/") + name);
        }
        closedir(dir);
    }
    std::sort(files.begin(), files.end());
    return files;
}
} // namespace

int main(int argc, char **argv)
{
    bool update = argc > 1 && strcmp(argv[1], "--update") == 0;
    std::vector<std::string> files(argv + 1 + update, argv + argc);
    Totals totals;
    for (const std::string &path : files.empty() ? all_files() : files)
        if (!run_file(path, update, &totals)) {
            printf("%s: cannot be read or written\n", path.c_str());
            totals.failed++;
        }
    printf("%u tests, %u outputs compared, %u differ, %u updated, %u skipped\n", totals.tests, totals.outputs,
           totals.failed, totals.updated, totals.skipped);
    return totals.failed ? 1 : 0;
}
