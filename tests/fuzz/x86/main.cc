// SPDX-License-Identifier: Apache-2.0
// x86_fuzz [--rows REGEX] [--kind int|fpu|vec] [--count N] [--seed N] [--tiers LIST] [--mode 32|64] [--failures N] [--quiet] [--ir]
//
// Runs N inputs of every row whose mnemonic matches, natively and in each of the tiers (default interp,1,2), and prints the first
// difference of each row. Exit code 1 if there was any; 77 if this host cannot be the oracle.
#include <sys/auxv.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <regex>

#include "tests/fuzz/x86/memory.h"

namespace x86fuzz
{

namespace
{

enum { EXIT_SKIP = 77, HWCAP2_FSGSBASE = 2, MAX_TRIES = 4000 };

struct options {
    std::string rows = ".*", kind;
    unsigned count = 512, failures = 1, tiers = (1 << TIER_COUNT) - 1, modes = 3;
    uint64_t seed = 1;
    bool quiet = false, print_ir = false;
};

struct totals {
    unsigned rows, cases, bad, signals;
};

unsigned parse_tiers(const char *list)
{
    return (strstr(list, "interp") ? 1 << TIER_INTERP : 0) | (strchr(list, '1') ? 1 << TIER_1 : 0) |
           (strchr(list, '2') ? 1 << TIER_2 : 0);
}

bool parse(int argc, char **argv, options *o)
{
    for (int n = 1; n < argc; n++) {
        std::string name = argv[n];
        const char *value = n + 1 < argc ? argv[n + 1] : nullptr;
        if (name == "--quiet" || name == "--ir") {
            (name == "--ir" ? o->print_ir : o->quiet) = true;
            continue;
        }
        if (!value)
            return false;
        n++;
        if (name == "--rows")
            o->rows = value;
        else if (name == "--kind")
            o->kind = value;
        else if (name == "--count")
            o->count = unsigned(strtoul(value, nullptr, 0));
        else if (name == "--seed")
            o->seed = strtoull(value, nullptr, 0);
        else if (name == "--tiers")
            o->tiers = parse_tiers(value);
        else if (name == "--mode")
            o->modes = strcmp(value, "32") == 0 ? 1 : 2;
        else if (name == "--failures")
            o->failures = unsigned(strtoul(value, nullptr, 0));
        else
            return false;
    }
    return true;
}

class fuzzer
{
  public:
    explicit fuzzer(const options &o) : options_(o), guest_(o.tiers) {}

    // Differences found in a row.
    unsigned run_row(const row &which, const std::vector<row> &rows)
    {
        unsigned bad = 0;
        rng r = {options_.seed * 1000003 + uint64_t(which.mnemonic) * 2 + which.is64};
        for (unsigned done = 0; done < options_.count && bad < options_.failures;) {
            instance x;
            if (!next_instance(&r, which, rows, &x))
                break;
            unsigned count = std::min<unsigned>(kInputs, options_.count - done);
            bad += run_instance(&r, x, count);
            done += count;
            total_.cases += count;
        }
        return bad;
    }

    totals total_ = {};

  private:
    bool next_instance(rng *r, const row &which, const std::vector<row> &rows, instance *x)
    {
        for (unsigned tries = 0; tries < MAX_TRIES; tries++) {
            if (make_instance(r, which, rows, x) && host_has(*x))
                return true;
        }
        return false;
    }

    unsigned run_instance(rng *r, const instance &x, unsigned count)
    {
        static state in[kInputs], expected[kInputs], got[kInputs];
        for (unsigned n = 0; n < count; n++)
            make_input(r, x, &in[n]);
        memcpy(expected, in, sizeof in);
        native_.run(x, expected, count);
        for (unsigned n = 0; n < count; n++)
            total_.signals += expected[n].signo != 0;
        for (unsigned t = 0; t < TIER_COUNT; t++) {
            if (!(options_.tiers >> t & 1))
                continue;
            memcpy(got, in, sizeof in);
            std::string why = guest_.run(x, tier(t), got, count);
            if (!why.empty()) {
                printf("%s: %s (%u bits): %s\n", tier_names[t], describe(x).c_str(), x.is64 ? 64 : 32, why.c_str());
                return 1;
            }
            if (report(x, tier(t), in, expected, got, count)) {
                if (options_.print_ir)
                    guest_.print_ir(x);
                return 1;
            }
        }
        return 0;
    }

    static bool report(const instance &x, tier t, const state *in, const state *expected, const state *got, unsigned count)
    {
        for (unsigned n = 0; n < count; n++) {
            std::string difference = compare(x, in[n], expected[n], got[n]);
            if (difference.empty())
                continue;
            printf("%s: %s (%u bits)\n%s%s", tier_names[t], describe(x).c_str(), x.is64 ? 64 : 32, difference.c_str(),
                   describe(x, in[n]).c_str());
            return true;
        }
        return false;
    }

    const options &options_;
    native native_;
    guest guest_;
};

int run(const options &o)
{
    fuzzer f(o);
    std::regex wanted(o.rows, std::regex::icase);
    for (unsigned mode = 0; mode < 2; mode++) {
        if (!(o.modes >> mode & 1))
            continue;
        std::vector<row> rows = find_rows(mode == 1);
        for (const row &which : rows) {
            const note_row *note = find_note(which.mnemonic);
            if (!std::regex_match(which.name, wanted) || (!o.kind.empty() && o.kind != kind_names[which.kind]) ||
                (note && note->flags & NOTE_SKIP))
                continue;
            unsigned before = f.total_.cases, bad = f.run_row(which, rows);
            f.total_.rows++;
            f.total_.bad += bad != 0;
            if (!o.quiet || bad)
                printf("%s %s: %u cases%s\n", mode ? "64" : "32", which.name, f.total_.cases - before, bad ? ", DIFFERS" : "");
            fflush(stdout);
        }
    }
    printf("%u rows, %u cases (%u of them ended by a signal), %u rows differ\n", f.total_.rows, f.total_.cases,
           f.total_.signals, f.total_.bad);
    return f.total_.bad ? 1 : 0;
}

} // namespace

} // namespace x86fuzz

int main(int argc, char **argv)
{
    x86fuzz::options o;
    if (!x86fuzz::parse(argc, argv, &o)) {
        fprintf(stderr, "usage: x86_fuzz [--rows REGEX] [--kind int|fpu|vec] [--count N] [--seed N] [--tiers interp,1,2] [--mode 32|64] "
                        "[--failures N] [--quiet] [--ir]\n");
        return 2;
    }
    if (!(getauxval(AT_HWCAP2) & x86fuzz::HWCAP2_FSGSBASE) || !__builtin_cpu_supports("avx")) {
        fprintf(stderr, "x86_fuzz: this host has no rdfsbase or no AVX\n");
        return x86fuzz::EXIT_SKIP;
    }
    return x86fuzz::run(o);
}
