// SPDX-License-Identifier: Apache-2.0
// Processes and the interpreter. See executors.h.
#include "tests/fp/executors.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "frontend/block.h"
#include "frontend/riscv/rv_cpu.h"
#include "frontend/riscv/rv_state.h"
#include "src/ir/interp/interp.h"
#include "src/ir/simplify/seal.h"

namespace
{

[[noreturn]] void die(const char *what)
{
    perror(what);
    exit(2);
}

// In the child: its descriptors, then the program.
[[noreturn]] void become(const std::vector<std::string> &command, int in, int out, int operands, int results)
{
    std::vector<char *> argv;
    for (const std::string &word : command)
        argv.push_back(const_cast<char *>(word.c_str()));
    argv.push_back(nullptr);
    // first out of the way of the numbers that they get
    int from[] = {in, out, operands, results}, to[] = {0, 1, FP_OPERANDS_FD, FP_RESULTS_FD};
    for (int &fd : from)
        fd = fcntl(fd, F_DUPFD_CLOEXEC, 10);
    for (int n = 0; n < 4; n++)
        dup2(from[n], to[n]);
    execvp(argv[0], argv.data());
    perror(argv[0]);
    _exit(127);
}

} // namespace

FpShared::FpShared(size_t size) : fd_(memfd_create("fp", MFD_CLOEXEC)), size_(size)
{
    if (fd_ < 0 || ftruncate(fd_, static_cast<off_t>(size)))
        die("memfd_create");
    void *p = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd_, 0);
    if (p == MAP_FAILED)
        die("mmap");
    data_ = static_cast<uint8_t *>(p);
}

FpShared::~FpShared()
{
    munmap(data_, size_);
    close(fd_);
}

FpWorker::FpWorker(std::string name, std::vector<std::string> command, const FpShared &operands, size_t results_size)
    : name_(std::move(name)), results_(results_size)
{
    int down[2], up[2];
    if (pipe2(down, O_CLOEXEC) || pipe2(up, O_CLOEXEC))
        die("pipe2");
    pid_ = fork();
    if (pid_ < 0)
        die("fork");
    if (pid_ == 0)
        become(command, down[0], up[1], operands.fd(), results_.fd());
    close(down[0]);
    close(up[1]);
    to_ = down[1];
    from_ = up[0];
}

FpWorker::~FpWorker()
{
    close(to_); // its end of file ends the program
    close(from_);
    waitpid(pid_, nullptr, 0);
}

void FpWorker::send(const fp_command &command)
{
    // A pipe holds all commands of a batch. If the process has ended, wait() says so.
    if (write(to_, &command, sizeof command) != sizeof command && errno != EPIPE)
        die("write");
}

bool FpWorker::wait(std::string *why)
{
    char done;
    if (read(from_, &done, 1) == 1)
        return true;
    siginfo_t info = {};
    waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT);
    *why = name_ + (info.si_code == CLD_EXITED ? " ended with status " : " died of signal ") +
           std::to_string(info.si_status);
    return false;
}

double FpWorker::cpu_seconds() const
{
    clockid_t clock;
    struct timespec t = {};
    if (clock_getcpuclockid(pid_, &clock) || clock_gettime(clock, &t))
        return 0;
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

struct FpInterpreter::State {
    struct cpu cpu;
    struct guest_config config;
    struct arena arena;
};

FpInterpreter::FpInterpreter() : state_(std::make_unique<State>())
{
    char reason[128];
    if (!rv_parse_cpu(nullptr, &state_->config, reason, sizeof reason))
        die(reason);
    rv_cpu_init(&state_->cpu, &state_->config, 0, 0);
}

FpInterpreter::~FpInterpreter() = default;

bool FpInterpreter::run(const fp_kernel &kernel, unsigned frm, const uint64_t *operands, unsigned count,
                        uint64_t *values, uint8_t *flags)
{
    enum { PC = 0x1000 };
    const fp_insn &insn = fp_insns()[kernel.insn];
    const struct guest *guest = guest_find_name("riscv64");
    struct cpu *cpu = &state_->cpu;
    struct rv_state *r = rv_state_of(cpu);
    struct ir_builder b;
    struct ir_exit exit = {};
    r->frm = frm;
    rv_fp_from_guest(cpu);
    cpu->mode = rv_mode(cpu);
    struct guest_lift req = {
        PC, reinterpret_cast<const uint8_t *>(&kernel.word), 4, cpu->mode, 1, false, &state_->config, 0, 0, 0};
    arena_init(&state_->arena);
    ir_builder_init(&b, &state_->arena, guest->state, PC, req.mode);
    const struct ir_block *block = guest_lift_block(guest, &req, &b) == STATUS_OK ? ir_builder_seal(&b) : nullptr;
    bool int_source = insn.op == OP_FROM_INT || insn.op == OP_MOVE_IN, int_dest = !insn.to || insn.op == OP_MOVE_OUT;
    for (unsigned n = 0; block && n < count; n++, operands += 3) {
        values[n] = 0;
        r->f10 = operands[0], r->f11 = operands[1], r->f12 = operands[2];
        r->x10 = reinterpret_cast<uint64_t>(operands), r->x11 = reinterpret_cast<uint64_t>(&values[n]);
        r->x6 = int_source ? operands[0] : 0;
        cpu->fp_flags = 0;
        ir_interp(cpu, block, &exit);
        if (insn.op != OP_STORE)
            values[n] = int_dest ? r->x7 : r->f13;
        flags[n] = static_cast<uint8_t>(cpu->fp_flags);
    }
    arena_fini(&state_->arena);
    return block && exit.reason != CPU_EXIT_TRAP;
}
