// SPDX-License-Identifier: Apache-2.0
// x86_fuzz [--rows REGEX] [--kind int|fpu|vec] [--count N] [--seed N] [--inputs N] [--tiers LIST] [--mode 32|64]
// [--failures N] [--quiet] [--progress] [--ir]
//
// Runs the instances of cases.def, and N inputs of every row whose mnemonic matches, natively and in each of the tiers
// (default interp,1,2), and prints the first difference of each row. The forms of a row take turns; each instance of
// one gets N inputs (default 32). Exit code 1 if there was any difference; 77 if this host cannot be the oracle. What
// alone it cannot run is left out: 32-bit code, rows of a CPU feature that it lacks.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <regex>
#include <sched.h>

#include "tests/fuzz/x86/memory.h"

namespace x86fuzz
{

namespace
{

enum { EXIT_SKIP = 77, MAX_TRIES = 400 };

struct options {
    std::string rows = ".*", kind;
    unsigned count = 512, inputs = 32, failures = 1, tiers = (1 << TIER_COUNT) - 1, modes = 3;
    uint64_t seed = 1;
    bool quiet = false, progress = false, print_ir = false;
};

struct totals {
    unsigned rows, bad, unreached;
    uint64_t cases, signals, left_out;
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
        bool *flag = name == "--quiet"      ? &o->quiet
                     : name == "--progress" ? &o->progress
                     : name == "--ir"       ? &o->print_ir
                                            : nullptr;
        if (flag) {
            *flag = true;
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
        else if (name == "--inputs")
            o->inputs = std::clamp(unsigned(strtoul(value, nullptr, 0)), 1u, unsigned(kMaxInputs));
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
        unsigned bad = 0, turn = 0;
        std::vector<bool> reached(which.forms.size());
        rng r = {options_.seed * 1000003 + uint64_t(which.mnemonic) * 2 + which.is64};
        for (unsigned done = 0; done < options_.count && bad < options_.failures;) {
            instance x;
            unsigned form = next_instance(&r, which, &turn, rows, &x);
            if (form == NO_FORM)
                break;
            reached[form] = true;
            unsigned count = std::min(options_.inputs, options_.count - done);
            bad += run_instance(&r, x, count);
            done += count;
            total_.cases += count;
        }
        unsigned missing = turn < which.forms.size() ? 0 : unsigned(std::count(reached.begin(), reached.end(), false));
        total_.unreached += missing;
        if (missing && !options_.quiet)
            print_missing(which, reached);
        return bad;
    }

    void run_fixed()
    {
        rng r = {options_.seed};
        for (const instance &x : fixed_instances()) {
            if (!(options_.modes >> x.is64 & 1) || !host_has(x))
                continue;
            unsigned count = std::min(options_.count, unsigned(kMaxInputs));
            total_.bad += run_instance(&r, x, count);
            total_.cases += count;
        }
    }

    bool runs_32bit() { return native_.runs_32bit(); }

    totals total_ = {};

  private:
    static constexpr unsigned NO_FORM = ~0u;

    static void print_missing(const row &which, const std::vector<bool> &reached)
    {
        for (size_t n = 0; n < reached.size(); n++) {
            const form &f = which.forms[n];
            if (!reached[n])
                printf("%s: no case of map %u opcode %02x prefix %u w %u l %u vex %u mem %u reg %d rm %d\n", which.name,
                       f.map, f.opcode, f.pp, f.w, f.l, f.vex, f.is_mem, f.reg, f.rm);
        }
    }

    // The next form's turn; a form that cannot be made is passed over.
    unsigned next_instance(rng *r, const row &which, unsigned *turn, const std::vector<row> &rows, instance *x)
    {
        for (unsigned forms = unsigned(which.forms.size()), n = 0; n < forms; n++) {
            unsigned form = (*turn)++ % forms;
            for (unsigned tries = 0; tries < MAX_TRIES; tries++) {
                if (make_instance(r, which, form, rows, x) && host_has(*x))
                    return form;
            }
        }
        return NO_FORM;
    }

    // Results that depend on when and where it runs: another attempt meets the same.
    static unsigned attempts(const instance &x)
    {
        switch (x.insns.back().i.mnemonic) {
        case ZYDIS_MNEMONIC_FNSTENV: // AMD's CPUs do not keep the FPU's pointers over a switch to another process
        case ZYDIS_MNEMONIC_FNSAVE:
            return 4;
        default:
            break;
        }
        switch (x.insns[0].i.mnemonic) {
        case ZYDIS_MNEMONIC_SGDT: // without UMIP they tell of the CPU on which the process is just now
        case ZYDIS_MNEMONIC_SIDT:
            return 16;
        default:
            return 1;
        }
    }

    unsigned run_instance(rng *r, const instance &x, unsigned count)
    {
        for (unsigned n = 0; n < count; n++)
            make_input(r, x, &in_[n]);
        bool same = false;
        for (unsigned left = attempts(x); !same && left; left--)
            same = run_inputs(x, count, left == 1);
        for (unsigned n = 0; n < count; n++)
            total_.signals += expected_[n].signo != 0;
        return !same;
    }

    // Differences are told only if the attempt is the last one.
    bool run_inputs(const instance &x, unsigned count, bool tell)
    {
        memcpy(expected_, in_, count * sizeof in_[0]);
        native_.run(x, expected_, count);
        for (unsigned t = 0; t < TIER_COUNT; t++) {
            if (options_.tiers >> t & 1 && !run_tier(x, tier(t), count, tell))
                return false;
        }
        return true;
    }

    bool run_tier(const instance &x, tier t, unsigned count, bool tell)
    {
        memcpy(got_, in_, count * sizeof in_[0]);
        std::string why = guest_.run(x, t, got_, count);
        if (!why.empty() && tell)
            printf("%s: %s (%u bits): %s\n", tier_names[t], describe(x).c_str(), x.is64 ? 64 : 32, why.c_str());
        if (!why.empty())
            return false;
        bool differ = report(x, t, in_, expected_, got_, count, tell);
        if (differ && tell && options_.print_ir)
            guest_.print_ir(x);
        return !differ;
    }

    static bool is_canonical(uint64_t address) { return uint64_t(int64_t(address << 16) >> 16) == address; }

    bool report(const instance &x, tier t, const state *in, const state *expected, const state *got, unsigned count,
                bool tell)
    {
        for (unsigned n = 0; n < count; n++) {
            if (!any_stack_ && x.is64 && !is_canonical(in[n].gpr[4])) {
                total_.left_out++;
                continue;
            }
            std::string difference = compare(x, in[n], expected[n], got[n]);
            if (difference.empty())
                continue;
            if (tell)
                printf("%s: %s (%u bits)\n%s%s", tier_names[t], describe(x).c_str(), x.is64 ? 64 : 32,
                       difference.c_str(), describe(x, in[n]).c_str());
            return true;
        }
        return false;
    }

    state in_[kMaxInputs], expected_[kMaxInputs], got_[kMaxInputs];
    const options &options_;
    native native_;
    bool any_stack_ = native_.loads_any_stack_pointer();
    guest guest_;
};

bool wanted(const options &o, const std::regex &names, const row &which)
{
    const note_row *note = find_note(which.mnemonic);
    return std::regex_match(which.name, names) && (o.kind.empty() || o.kind == kind_names[which.kind]) &&
           !(note && note->flags & NOTE_SKIP);
}

void show_progress(unsigned done, unsigned all, const totals &t, time_t since)
{
    enum { WIDTH = 40 };
    char bar[WIDTH + 1] = "";
    for (unsigned n = 0; n < WIDTH; n++)
        bar[n] = n * all < done * WIDTH ? '#' : '.';
    long spent = long(time(nullptr) - since);
    fprintf(stderr, "\r[%s] %u of %u rows, %llu cases, %u differ, %ld s left  ", bar, done, all,
            static_cast<unsigned long long>(t.cases), t.bad, done ? spent * long(all - done) / long(done) : 0);
    if (done == all)
        fputc('\n', stderr);
}

int run(options &o)
{
    static fuzzer f(o); // it is large
    if (o.modes & 1 && !f.runs_32bit()) {
        o.modes &= ~1u;
        printf("%s: 32-bit code: the host's kernel runs none\n", o.modes ? "left out" : "skipped");
    }
    if (!o.modes)
        return EXIT_SKIP;
    std::regex names(o.rows, std::regex::icase);
    std::vector<row> rows[2];
    std::vector<const row *> chosen;
    time_t since = time(nullptr);
    for (unsigned mode = 0; mode < 2; mode++) {
        if (!(o.modes >> mode & 1))
            continue;
        rows[mode] = find_rows(mode == 1);
        for (const row &which : rows[mode]) {
            if (wanted(o, names, which))
                chosen.push_back(&which);
        }
    }
    totals &t = f.total_;
    if (o.rows == ".*" && o.kind.empty())
        f.run_fixed();
    for (const row *which : chosen) {
        uint64_t before = t.cases;
        unsigned bad = f.run_row(*which, rows[which->is64]);
        t.rows++;
        t.bad += bad != 0;
        if (!o.quiet || bad)
            printf("%s %s: %u cases%s\n", which->is64 ? "64" : "32", which->name, unsigned(t.cases - before),
                   bad ? ", DIFFERS" : "");
        fflush(stdout);
        if (o.progress)
            show_progress(t.rows, unsigned(chosen.size()), t, since);
    }
    if (t.left_out)
        printf("left out: %llu results: the host faults where rsp is not canonical as a program is entered\n",
               static_cast<unsigned long long>(t.left_out));
    printf("%u rows, %llu cases (%llu of them ended by a signal), %u forms without a case, %u rows differ\n", t.rows,
           static_cast<unsigned long long>(t.cases), static_cast<unsigned long long>(t.signals), t.unreached, t.bad);
    return t.bad ? 1 : 0;
}

} // namespace

/* Where the system's tables lie (sidt, sgdt, str) differs from CPU to CPU. */
static void stay_on_one_cpu()
{
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(sched_getcpu(), &one);
    sched_setaffinity(0, sizeof one, &one);
}

} // namespace x86fuzz

int main(int argc, char **argv)
{
    x86fuzz::options o;
    if (!x86fuzz::parse(argc, argv, &o)) {
        fprintf(stderr, "usage: x86_fuzz [--rows REGEX] [--kind int|fpu|vec] [--count N] [--inputs N] [--seed N] "
                        "[--tiers interp,1,2] [--mode 32|64] [--failures N] [--quiet] [--progress] [--ir]\n");
        return 2;
    }
    if (!__builtin_cpu_supports("avx")) {
        printf("skipped: x86_fuzz: the host has no AVX, in whose registers inputs and results lie\n");
        return x86fuzz::EXIT_SKIP;
    }
    x86fuzz::stay_on_one_cpu();
    return x86fuzz::run(o);
}
