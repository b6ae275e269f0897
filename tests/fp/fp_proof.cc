// SPDX-License-Identifier: Apache-2.0
// Proves floating point exact, case by case: every F and D instruction in every rounding mode (static, and dynamic with
// each frm) on hard operands. MPFR says what is right (oracle.h); qemu-riscv64, the interpreter and every tier have to
// give the same bits and flags. The guest program's loops are described in gen_kernels.py.
//
//   fp_proof --tandem build/default/tandem --program build/default/tests/fp/fp_worker [--cases 10000000]
//
// Exits with 0 if there was no mismatch, 1 if there was, 77 if it could not run.
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <sstream>

#include "tests/fp/coverage.h"
#include "tests/fp/executors.h"
#include "tests/fp/operands.h"
#include "tests/fp/oracle.h"

namespace
{

// Share of the cases: of variants that the oracle has to compute anew; of the interpreter with the guest program's
// loops around; of the oracle's own check.
enum { kSkipped = 77, kVariantShare = 4, kLoopShare = 50, kCheckShare = 64, kShown = 5 };
static_assert(FP_BATCH % FP_GROUP == 0, "kernels run whole groups");

struct Options {
    std::string tandem, program, illegal, insn, modes, rm, variant;
    uint64_t cases = 100000, seed = 1;
    long batch = -1;
    bool progress = false;
};

struct Mode {
    const char *name;
    std::vector<std::string> arguments;
    bool reference, only_fma, few;
};

const std::vector<Mode> kModes = {
    {"qemu", {}, true, false, false},
    {"interp", {}, false, false, false}, // in this process
    {"interp-loop", {"--tier=interp"}, false, false, true},
    {"tier1", {"--tier=1"}, false, false, false},
    {"tier2", {"--tier=2", "--hot-threshold=1", "--opt-threads=0", "--llvm-level=1"}, false, false, false},
    {"mixed", {"--tier=mixed", "--hot-threshold=1"}, false, false, false},
    {"tier1-no-fma", {"--tier=1", "--host-fma=0"}, false, true, false},
    {"tier2-no-fma",
     {"--tier=2", "--hot-threshold=1", "--opt-threads=0", "--llvm-level=1", "--host-fma=0"},
     false,
     true,
     false},
};

// One kernel with one frm, and where its results go.
struct Run {
    const fp_kernel *kernel;
    unsigned frm, rm; // rm: the mode that is in force
    unsigned count;
    size_t values, flags;
    bool grouped() const { return kernel->variant != FP_EXACT; }
    unsigned flag_count() const { return grouped() ? count / FP_GROUP : count; }
};

using Expected = std::vector<fp_result>;

bool listed(const std::string &list, const std::string &word)
{
    return list.empty() || ("," + list + ",").find("," + word + ",") != std::string::npos;
}

std::string flag_text(unsigned flags)
{
    static const char *const names[] = {"NX", "UF", "OF", "DZ", "NV"};
    std::string text;
    for (unsigned n = 0; n < 5; n++)
        text += flags >> n & 1 ? std::string(text.empty() ? "" : "|") + names[n] : "";
    return text.empty() ? "none" : text;
}

class Proof
{
  public:
    explicit Proof(const Options &o) : options_(o), operands_(FP_OPERANDS_SIZE)
    {
        for (const Mode &mode : kModes) {
            if (!listed(o.modes, mode.name))
                continue;
            if (!strcmp(mode.name, "interp"))
                interpreter_ = std::make_unique<FpInterpreter>();
            else
                start(mode);
        }
        own_.resize(FP_RESULTS_SIZE);
    }
    int run();

  private:
    struct Worker {
        const Mode *mode;
        std::unique_ptr<FpWorker> process;
    };
    void start(const Mode &mode)
    {
        std::vector<std::string> command = {mode.reference ? "qemu-riscv64" : options_.tandem};
        command.insert(command.end(), mode.arguments.begin(), mode.arguments.end());
        command.push_back(options_.program);
        workers_.push_back({&mode, std::make_unique<FpWorker>(mode.name, command, operands_, FP_RESULTS_SIZE)});
    }
    const uint64_t *operands() const { return reinterpret_cast<const uint64_t *>(operands_.data()); }
    std::vector<Run> plan(unsigned insn, unsigned count) const;
    unsigned share(const Mode &mode, const Run &run) const;
    bool takes(const Mode &mode, const Run &run) const;
    bool prove(unsigned insn, double done, double part);
    bool batch(unsigned insn, uint64_t number, unsigned count);
    void expect(const fp_insn &insn, unsigned count);
    Expected expect_chain(const fp_insn &insn, const Run &run) const;
    Expected expect_merge(const fp_insn &insn, const Run &run) const;
    Expected expect_feed(const fp_insn &insn, const Run &run) const;
    void judge(const Run &run, uint64_t batch);
    void compare(const Run &run, const Expected &e, const std::string &mode, unsigned count, const uint8_t *results,
                 uint64_t batch);
    void report(const Run &run, const std::string &mode, uint64_t batch, unsigned n, const fp_result &expected,
                const fp_result &got);
    void show_progress(double done, const std::string &name) const;
    int summary() const;

    Options options_;
    FpShared operands_;
    std::vector<Worker> workers_;
    std::unique_ptr<FpInterpreter> interpreter_;
    std::vector<uint8_t> own_;  // results of the interpreter
    Expected expected_[FP_RMS]; // of exact cases
    std::map<std::string, uint64_t> compared_;
    FpCoverage coverage_;                   // of the instruction that is being proven
    std::map<std::string, unsigned> shown_; // mismatches by mode
    uint64_t mismatches_ = 0;
    std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

const fp_insn &addition(const fp_format *f)
{
    const auto &all = fp_insns();
    return *std::find_if(all.begin(), all.end(), [&](const fp_insn &i) { return i.op == OP_ADD && i.from == f; });
}

// Each kernel of the instruction; a dynamic one with each frm, if that matters.
std::vector<Run> Proof::plan(unsigned insn, unsigned count) const
{
    std::vector<Run> runs;
    size_t at = 0;
    for (const fp_kernel &k : fp_kernels()) {
        if (k.insn != insn || (!options_.variant.empty() && options_.variant != fp_variant_name(k.variant)))
            continue;
        bool full = k.variant == FP_EXACT || k.variant == FP_GROUPED;
        bool modes = k.rm == FP_DYN && (fp_insns()[insn].has_rm || !full); // the others have an addition
        unsigned n = full ? count : std::max(count / kVariantShare / FP_GROUP, 1u) * FP_GROUP;
        for (unsigned frm = 0, frms = modes ? unsigned(FP_RMS) : 1; frm < frms; frm++) {
            unsigned rm = k.rm == FP_DYN ? frm : k.rm;
            // a static mode runs under another dynamic one
            Run run = {&k, k.rm == FP_DYN ? frm : (k.rm + 2u) % FP_RMS, rm, n, at, at + size_t(n) * 8};
            if (!listed(options_.rm, fp_rm_name(rm)))
                continue;
            at += size_t(n) * 8 + (run.flag_count() + 7) / 8 * 8;
            runs.push_back(run);
        }
    }
    return runs;
}

unsigned Proof::share(const Mode &mode, const Run &run) const
{
    return mode.few ? std::min(run.count, std::max(run.count / kLoopShare / FP_GROUP, 1u) * FP_GROUP) : run.count;
}

bool Proof::takes(const Mode &mode, const Run &run) const
{
    return !mode.only_fma || fp_insns()[run.kernel->insn].op == OP_FMA;
}

bool Proof::batch(unsigned insn, uint64_t number, unsigned count)
{
    const fp_insn &i = fp_insns()[insn];
    fp_fill_operands(i, options_.seed, number, reinterpret_cast<uint64_t *>(operands_.data()), count);
    std::vector<Run> runs = plan(insn, count);
    for (Worker &w : workers_) {
        for (const Run &run : runs) {
            if (takes(*w.mode, run))
                w.process->send({run.kernel->number, run.frm, share(*w.mode, run), static_cast<uint32_t>(run.values),
                                 static_cast<uint32_t>(run.flags)});
        }
    }
    expect(i, count);
    for (const Run &run : runs) {
        if (interpreter_ && run.kernel->variant == FP_EXACT &&
            !interpreter_->run(*run.kernel, run.frm, operands(), run.count,
                               reinterpret_cast<uint64_t *>(&own_[run.values]), &own_[run.flags])) {
            printf("interp: %s %s trapped\n", i.name.c_str(), fp_rm_name(run.kernel->rm));
            mismatches_++;
        }
    }
    for (Worker &w : workers_) {
        for (const Run &run : runs) {
            std::string why;
            if (takes(*w.mode, run) && !w.process->wait(&why)) {
                printf("%s in %s %s, %s\n", why.c_str(), i.name.c_str(), fp_rm_name(run.kernel->rm),
                       fp_variant_name(run.kernel->variant));
                return false;
            }
        }
    }
    for (const Run &run : runs)
        judge(run, number);
    return true;
}

void Proof::expect(const fp_insn &insn, unsigned count)
{
    const uint64_t *v = operands();
    for (Expected &e : expected_)
        e.resize(count);
    for (unsigned n = 0; n < count; n++, v += FP_OPERANDS) {
        fp_result all[FP_RMS];
        fp_oracle(insn, v, all);
        for (unsigned rm = 0; rm < FP_RMS; rm++)
            expected_[rm][n] = all[rm];
        coverage_.note(insn, all);
        if (n % kCheckShare == 0 && !fp_oracle_agrees(insn, v, all)) {
            printf("oracle: %s of %#lx %#lx %#lx: MPFR's own rounding gives something else\n", insn.name.c_str(), v[0],
                   v[1], v[2]);
            mismatches_++;
        }
    }
}

// gen_kernels.py: chain
Expected Proof::expect_chain(const fp_insn &insn, const Run &run) const
{
    const fp_format &f = *insn.to;
    const fp_insn &add = addition(&f);
    Expected e(run.count);
    uint64_t carried = f.box(0);
    for (unsigned n = 0; n < run.count; n++) {
        const fp_result &r = expected_[run.rm][n];
        e[n].flags = r.flags;
        if (operands()[n * FP_OPERANDS] & 1) {
            uint64_t v[3] = {carried, r.value, 0};
            fp_result sum = fp_oracle_in(add, v, static_cast<fp_rm>(run.rm));
            e[n] = {sum.value, uint8_t(r.flags | sum.flags)};
        } else {
            uint64_t shown = f.width() == 32 ? static_cast<uint64_t>(static_cast<int32_t>(carried)) : carried;
            e[n].value = shown ^ fp_classify(f, f.unbox(r.value));
        }
        carried = r.value;
    }
    return e;
}

// gen_kernels.py: merge
Expected Proof::expect_merge(const fp_insn &insn, const Run &run) const
{
    const fp_format &f = *insn.to;
    const fp_insn &add = addition(&f);
    Expected e(run.count);
    uint64_t carried = f.box(0);
    for (unsigned n = 0; n < run.count; n++) {
        const uint64_t *v = operands() + n * FP_OPERANDS;
        const fp_result &r = expected_[run.rm][n];
        uint64_t bits = v[1] ^ v[1] >> 9, choice = bits & 7, twice[3] = {carried, carried, 0};
        switch (bits >> 3 & 3) {
        case 0:
            e[n] = {carried, 0};
            break;
        case 1:
            e[n] = fp_oracle_in(add, twice, static_cast<fp_rm>(run.rm));
            break;
        case 2:
            e[n] = {f.box(f.unbox(carried) ^ f.sign_bit()), 0};
            break;
        default:
            e[n] = {fp_classify(f, f.unbox(carried)), 0};
        }
        if (choice > 2)
            e[n].flags |= r.flags;
        carried = choice == 0 ? v[2] : choice == 1 ? carried : choice == 2 ? fp_single.box(v[2] & 0xffffffff) : r.value;
    }
    return e;
}

// gen_kernels.py: feed
Expected Proof::expect_feed(const fp_insn &insn, const Run &run) const
{
    const fp_insn &add = addition(insn.from);
    Expected e(run.count);
    for (unsigned n = 0; n < run.count; n++) {
        const uint64_t *v = operands() + n * FP_OPERANDS;
        uint64_t terms[3] = {v[0], v[2], 0};
        fp_result sum = fp_oracle_in(add, terms, static_cast<fp_rm>(run.rm));
        uint64_t fed[3] = {sum.value, v[1], v[2]};
        e[n] = fp_oracle_in(insn, fed, static_cast<fp_rm>(run.rm));
        e[n].flags |= sum.flags;
    }
    return e;
}

void Proof::judge(const Run &run, uint64_t batch)
{
    const fp_insn &insn = fp_insns()[run.kernel->insn];
    Expected own;
    if (run.kernel->variant == FP_CHAIN)
        own = expect_chain(insn, run);
    else if (run.kernel->variant == FP_MERGE)
        own = expect_merge(insn, run);
    else if (run.kernel->variant == FP_FEED)
        own = expect_feed(insn, run);
    const Expected &e = own.empty() ? expected_[run.rm] : own;
    for (const Worker &w : workers_) {
        if (takes(*w.mode, run))
            compare(run, e, w.mode->name, share(*w.mode, run), w.process->results(), batch);
    }
    if (interpreter_ && run.kernel->variant == FP_EXACT)
        compare(run, e, "interp", run.count, own_.data(), batch);
}

void Proof::compare(const Run &run, const Expected &e, const std::string &mode, unsigned count, const uint8_t *results,
                    uint64_t batch)
{
    auto *values = reinterpret_cast<const uint64_t *>(results + run.values);
    const uint8_t *flags = results + run.flags;
    unsigned group = 0;
    for (unsigned n = 0; n < count; n++) {
        bool last = !run.grouped() || n % FP_GROUP == FP_GROUP - 1;
        uint8_t seen = flags[run.grouped() ? n / FP_GROUP : n];
        group = (run.grouped() && n % FP_GROUP ? group : 0) | e[n].flags;
        if (values[n] != e[n].value || (last && seen != group))
            report(run, mode, batch, n, {e[n].value, uint8_t(group)}, {values[n], last ? seen : uint8_t(group)});
    }
    compared_[mode] += count;
}

void Proof::report(const Run &run, const std::string &mode, uint64_t batch, unsigned n, const fp_result &expected,
                   const fp_result &got)
{
    const fp_insn &insn = fp_insns()[run.kernel->insn];
    mismatches_++;
    if (++shown_[mode] > kShown)
        return;
    const uint64_t *v = operands() + n * FP_OPERANDS;
    printf(
        "MISMATCH %s, rounding %s (%s, frm %u), mode %s, %s, case %u of batch %lu\n"
        "  operands %016lx %016lx %016lx\n  expected %016lx flags %s\n  got      %016lx flags %s%s\n"
        "  again: fp_proof --seed %lu --batch %lu --insn %s --rm %s --modes %s --variant %s --tandem %s --program %s\n",
        insn.name.c_str(), fp_rm_name(run.rm), run.kernel->rm == FP_DYN ? "dynamic" : "static", run.frm, mode.c_str(),
        fp_variant_name(run.kernel->variant), n, batch, v[0], v[1], v[2], expected.value,
        flag_text(expected.flags).c_str(), got.value, flag_text(got.flags).c_str(),
        run.grouped() ? " (flags: of the group until here)" : "", options_.seed, batch, insn.name.c_str(),
        fp_rm_name(run.rm), mode.c_str(), fp_variant_name(run.kernel->variant), options_.tandem.c_str(),
        options_.program.c_str());
}

void Proof::show_progress(double done, const std::string &name) const
{
    const unsigned width = 40;
    double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
    std::string bar(static_cast<size_t>(done * width), '#');
    bar.resize(width, '.');
    fprintf(stderr, "\r[%s] %5.1f%%  %-10s %6.0f s, %6.0f s to go, %lu mismatches ", bar.c_str(), done * 100,
            name.c_str(), seconds, done > 0 ? seconds / done - seconds : 0, mismatches_);
}

// All batches of one instruction, or the chosen one. False: a process has ended.
bool Proof::prove(unsigned insn, double done, double part)
{
    const std::string &name = fp_insns()[insn].name;
    uint64_t batches = (options_.cases + FP_BATCH - 1) / FP_BATCH;
    coverage_ = FpCoverage();
    if (options_.batch >= 0)
        return batch(insn, static_cast<uint64_t>(options_.batch), FP_BATCH);
    for (uint64_t b = 0; b < batches; b++) {
        uint64_t left = std::min<uint64_t>(options_.cases - b * FP_BATCH, FP_BATCH);
        if (options_.progress)
            show_progress(done + part * static_cast<double>(b) / static_cast<double>(batches), name);
        if (!batch(insn, b, static_cast<unsigned>((left + FP_GROUP - 1) / FP_GROUP * FP_GROUP)))
            return false;
    }
    std::string missing = coverage_.missing(fp_insns()[insn], options_.cases);
    if (!missing.empty()) {
        printf("%s: the operands hardly lead to: %s\n", name.c_str(), missing.c_str());
        mismatches_++;
    }
    return true;
}

int Proof::run()
{
    std::vector<unsigned> chosen;
    for (unsigned i = 0; i < fp_insns().size(); i++) {
        if (listed(options_.insn, fp_insns()[i].name))
            chosen.push_back(i);
    }
    double part = 1 / static_cast<double>(chosen.size());
    for (size_t n = 0; n < chosen.size(); n++) {
        if (!prove(chosen[n], static_cast<double>(n) * part, part))
            return 1;
    }
    if (options_.progress)
        show_progress(1, "done"), fputc('\n', stderr);
    return summary();
}

int Proof::summary() const
{
    struct rusage own;
    getrusage(RUSAGE_SELF, &own);
    printf("%-14s %14s %10s\n", "mode", "results", "CPU s");
    for (const auto &mode : compared_) {
        double cpu = 0;
        for (const Worker &w : workers_)
            cpu = mode.first == w.mode->name ? w.process->cpu_seconds() : cpu;
        printf("%-14s %14lu %10.1f\n", mode.first.c_str(), mode.second, cpu);
    }
    printf("MPFR, interp   %14s %10.1f\n%lu mismatches\n", "",
           static_cast<double>(own.ru_utime.tv_sec + own.ru_stime.tv_sec) +
               1e-6 * static_cast<double>(own.ru_utime.tv_usec),
           mismatches_);
    return mismatches_ != 0;
}

// Invalid rounding modes, under each emulator.
int check_illegal(const Options &o)
{
    int bad = 0;
    for (const Mode &mode : kModes) {
        if (mode.only_fma || !strcmp(mode.name, "interp") || !listed(o.modes, mode.name))
            continue;
        std::string command = mode.reference ? "qemu-riscv64" : "'" + o.tandem + "'";
        for (const std::string &word : mode.arguments)
            command += " " + word;
        command += " '" + o.illegal + "'";
        printf("%s: ", mode.name);
        fflush(stdout);
        bad |= system(command.c_str());
    }
    return bad != 0;
}

[[noreturn]] void usage()
{
    puts("fp_proof --tandem BINARY --program WORKER [--illegal PROGRAM] [--cases N] [--seed N] [--progress]\n"
         "         [--insn NAME,...] [--rm rne,rtz,rdn,rup,rmm] [--modes MODE,...] [--variant "
         "exact|group|chain|merge|feed] [--batch N]\n"
         "modes:");
    for (const Mode &mode : kModes)
        printf("  %s\n", mode.name);
    exit(2);
}

Options parse(int argc, char **argv)
{
    Options o;
    o.progress = isatty(2);
    std::map<std::string, std::string *> texts = {
        {"--tandem", &o.tandem}, {"--program", &o.program}, {"--illegal", &o.illegal}, {"--insn", &o.insn},
        {"--modes", &o.modes},   {"--rm", &o.rm},           {"--variant", &o.variant}};
    for (int n = 1; n < argc; n++) {
        std::string name = argv[n];
        if (name == "--progress") {
            o.progress = true;
            continue;
        }
        if (++n == argc)
            usage();
        if (texts.count(name))
            *texts[name] = argv[n];
        else if (name == "--cases")
            o.cases = strtoull(argv[n], nullptr, 0);
        else if (name == "--seed")
            o.seed = strtoull(argv[n], nullptr, 0);
        else if (name == "--batch")
            o.batch = strtol(argv[n], nullptr, 0);
        else
            usage();
    }
    return o;
}

} // namespace

int main(int argc, char **argv)
{
    Options o = parse(argc, argv);
    if (o.program.empty() || access(o.program.c_str(), X_OK)) {
        printf("skipped: no guest program (package gcc-riscv64-linux-gnu)\n");
        return kSkipped;
    }
    if (system("command -v qemu-riscv64 >/dev/null")) {
        printf("skipped: no qemu-riscv64 (package qemu-user)\n");
        return kSkipped;
    }
    signal(SIGPIPE, SIG_IGN); // a worker that died is found out when its answer is read
    setvbuf(stdout, nullptr, _IOLBF, 0);
    int illegal = o.illegal.empty() ? 0 : check_illegal(o);
    return Proof(o).run() | illegal;
}
