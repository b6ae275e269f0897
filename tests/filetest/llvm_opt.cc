/* SPDX-License-Identifier: Apache-2.0 */
/* LLVM IR of tier 2 as text that does not depend on the machine.
 *
 * I1  The CPU is the one that the test says (options: cpu=1..4, a level of x86-64; default 3), not this machine's.
 * I2  Only function bodies and the metadata that they refer to are shown. Offsets from struct cpu, and functions that
 *     are called by address, have names. */
#include "llvm-opt/lopt.h"

#include <cstdio>
#include <cstdlib>
#include <regex>
#include <sstream>

#include "src/ir/interp/interp.h"
#include "src/ir/region.h"
#include "src/ir/state.h"
#include "tests/filetest/executors.h"

namespace filetest
{

namespace
{
constexpr unsigned kDefaultLevel = 3;
constexpr uint64_t kWeight = 1000;

/* The blocks as a region, with the likely targets that the test's setting gives: PC=PC,PC */
std::vector<struct ir_region_block> region_blocks(const Case &test, const Blocks &blocks)
{
    std::vector<struct ir_region_block> list;
    auto targets = test.settings.find("targets");
    for (const struct ir_block *block : blocks.list) {
        struct ir_region_block r = {};
        r.block = block, r.weight = kWeight;
        if (targets != test.settings.end())
            for (const std::string &word : words(targets->second)) {
                char *at;
                if (strtoull(word.c_str(), &at, 0) != block->pc)
                    continue;
                while (*at && r.target_count < IR_REGION_MAX_TARGETS)
                    r.targets[r.target_count++] = strtoull(at + 1, &at, 0);
            }
        list.push_back(r);
    }
    return list;
}

/* What --explain shows of the region: LLVM IR as built, behind the passes, host code. */
bool explain(const Case &test, const Blocks &blocks, std::string *text)
{
    struct lopt_options options = {};
    struct lopt *opt;
    char message[256], *shown = nullptr;
    size_t size = 0;
    unsigned long level = test.number("options", "cpu"), unroll = test.number("options", "unroll");
    options.level = 2, options.polls = true, options.verify = true;
    options.no_exit_maps = test.has("options", "no-exit-maps");
    options.unroll = (unsigned)unroll, options.cpu_level = level ? (unsigned)level : kDefaultLevel;
    if (lopt_open(&options, &opt, message, sizeof message) != STATUS_OK) {
        *text = message;
        return false;
    }
    std::vector<struct ir_region_block> list = region_blocks(test, blocks);
    struct ir_region region = {};
    region.blocks = list.data(), region.count = (unsigned)list.size();
    region.precise = test.has("options", "precise"), region.ordered = test.has("options", "ordered");
    FILE *out = open_memstream(&shown, &size);
    enum status s = lopt_explain(opt, &region, out);
    fclose(out);
    *text = s == STATUS_OK ? std::string(shown, size) : std::string("status ") + status_text(s) + "\n";
    free(shown);
    lopt_close(opt);
    return true;
}

/* ---- what is shown (I2) ---- */

/* The lines between the title and the next one, without declarations and what describes the machine. */
std::string stage(const std::string &text, const std::string &title)
{
    static const char *const dropped[] = {"; ModuleID", "source_filename", "target ",
                                          "declare ",   "attributes ",     "; Function Attrs"};
    std::istringstream in(text);
    std::string result, line, previous;
    bool inside = false;
    while (std::getline(in, line)) {
        if (line.compare(0, 4, "--- ") == 0)
            inside = line == "--- " + title;
        bool show = inside && line.compare(0, 4, "--- ") != 0 && !(line.empty() && previous.empty());
        for (const char *prefix : dropped)
            show = show && line.compare(0, std::char_traits<char>::length(prefix), prefix) != 0;
        if (show)
            result += line + "\n", previous = line;
    }
    return result;
}

/* Replaces the number that each match of the pattern ends with. */
template <typename Name> std::string rename(const std::string &text, const char *pattern, Name name)
{
    std::regex re(pattern);
    std::string result;
    auto at = text.cbegin();
    for (std::sregex_iterator m(text.begin(), text.end(), re), end; m != end; ++m) {
        result.append(at, (*m)[0].first);
        result += (*m)[1].str() + name((*m)[2].str());
        at = (*m)[0].second;
    }
    return result.append(at, text.cend());
}

bool show_stage(const Case &test, const Blocks &blocks, const char *title, std::string *text)
{
    std::string all;
    if (!explain(test, blocks, &all)) {
        *text = all;
        return false;
    }
    if (all.compare(0, 7, "status ") == 0) {
        *text = all;
        return true;
    }
    const struct ir_state *state = blocks.list[0]->state;
    std::string named = rename(stage(all, title), "(getelementptr (?:inbounds )?i8, ptr %0, i64 )([0-9]+)",
                               [&](const std::string &n) { return cpu_place(state, strtoll(n.c_str(), nullptr, 10)); });
    *text = rename(named, "(@host_)(-?[0-9]+)", [&](const std::string &n) {
        uint64_t distance = (uint64_t)strtoll(n.c_str(), nullptr, 10); /* from ir_eval */
        std::string function = function_name(blocks.list, (uintptr_t)ir_eval + distance);
        return function.empty() ? "ADDRESS" : function;
    });
    while (text->size() > 1 && text->compare(text->size() - 2, 2, "\n\n") == 0)
        text->pop_back();
    return true;
}
} // namespace

bool run_llvm_opt(const Case &test, const Blocks &blocks, std::string *text)
{
    return show_stage(test, blocks, "LLVM IR as built", text);
}

bool run_llvm_passes(const Case &test, const Blocks &blocks, std::string *text)
{
    return show_stage(test, blocks, "LLVM IR after the passes", text);
}

} // namespace filetest
