// SPDX-License-Identifier: Apache-2.0
// The host as the oracle. A child process runs each input from one signal handler: it puts the input's registers into
// the signal frame, and returning from the handler loads them all, vectors and FPU included; the int3 behind the
// instruction, or the signal that it raised, comes back with all registers in the next frame. 32-bit code runs by a
// frame with the segment of compatibility mode.
//
// I1  While an input runs, fs and gs are the instruction's: the handler puts them right before it calls anything.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include <asm/prctl.h>

#include "tests/fuzz/x86/memory.h"
#include "tests/harness/host.h"

namespace x86fuzz
{

struct native::shared {
    instance_code code;
    unsigned count;
    unsigned at; // the input that runs
    state states[kMaxInputs];
};

namespace
{

enum {
    CS_64 = 0x33,
    CS_32 = 0x23,
    SS_USER = 0x2b,
    XSTATE_HEADER = 512,
    XSTATE_YMM = 576,
    XSTATE_SIZE = 832,
    XSTATE_ALL = 7
};
constexpr uint8_t kFiller = 0xcc; // int3

struct child {
    native::shared *work;
    bool running;
    bool fsgsbase;             // else the kernel reads and writes the bases
    uint64_t fs_base, gs_base; // of the process itself
    greg_t gregs[NGREG];
    uint8_t fpu[XSTATE_SIZE];
};
child self;

const int kGregs[16] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
                        REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};

uint8_t *fpu_of(ucontext_t *uc) { return reinterpret_cast<uint8_t *>(uc->uc_mcontext.fpregs); }

unsigned top_of(uint16_t fsw) { return fsw >> 11 & 7; }

void load_fpu(uint8_t *fpu, const state &s)
{
    uint64_t all = XSTATE_ALL;
    memcpy(fpu, &s.fcw, 2);
    memcpy(fpu + 2, &s.fsw, 2);
    fpu[4] = s.ftag;
    memset(fpu + 6, 0, 18); // the last instruction: none
    memcpy(fpu + 24, &s.mxcsr, 4);
    for (unsigned n = 0; n < 8; n++)
        memcpy(fpu + 32 + 16 * n, s.st[(top_of(s.fsw) + n) & 7], 10);
    for (unsigned n = 0; n < 16; n++) {
        memcpy(fpu + 160 + 16 * n, s.ymm[n], 16);
        memcpy(fpu + XSTATE_YMM + 16 * n, s.ymm[n] + 16, 16);
    }
    memcpy(fpu + XSTATE_HEADER, &all, 8);
}

void store_fpu(const uint8_t *fpu, state *s)
{
    uint64_t valid;
    static const uint8_t zero[16] = {};
    memcpy(&valid, fpu + XSTATE_HEADER, 8);
    memcpy(&s->mxcsr, fpu + 24, 4);
    for (unsigned n = 0; n < 16; n++) {
        memcpy(s->ymm[n], valid & 2 ? fpu + 160 + 16 * n : zero, 16);
        memcpy(s->ymm[n] + 16, valid & 4 ? fpu + XSTATE_YMM + 16 * n : zero, 16);
    }
    s->fcw = 0x37f, s->fsw = 0, s->ftag = 0; // the initial state
    if (valid & 1) {
        memcpy(&s->fcw, fpu, 2);
        memcpy(&s->fsw, fpu + 2, 2);
        s->ftag = fpu[4];
    }
    for (unsigned n = 0; n < 8; n++)
        memcpy(s->st[(top_of(s->fsw) + n) & 7], valid & 1 ? fpu + 32 + 16 * n : zero, 10);
}

void load(ucontext_t *uc, const state &s)
{
    greg_t *g = uc->uc_mcontext.gregs;
    for (unsigned n = 0; n < 16; n++)
        g[kGregs[n]] = greg_t(s.gpr[n]);
    g[REG_RIP] = kCodeAt;
    g[REG_EFL] = s.eflags;
    g[REG_CSGSFS] = greg_t(uint64_t(SS_USER) << 48 | (self.work->code.is64 ? CS_64 : CS_32));
    load_fpu(fpu_of(uc), s);
    set_data(s);
}

// What the program is told of its signal. A stack address that is not canonical is a fault like others here.
void store_signal(int signo, const siginfo_t *info, state *s)
{
    s->signo = signo == SIGBUS ? SIGSEGV : signo;
    s->sigcode = info->si_code;
    s->sigaddr = reinterpret_cast<uint64_t>(info->si_addr);
}

void store(ucontext_t *uc, int signo, const siginfo_t *info, state *s)
{
    const greg_t *g = uc->uc_mcontext.gregs;
    for (unsigned n = 0; n < 16; n++)
        s->gpr[n] = uint64_t(g[kGregs[n]]);
    s->pc = uint64_t(g[REG_RIP]);
    s->eflags = uint32_t(g[REG_EFL]);
    store_signal(signo, info, s);
    bool inside = s->pc - 1 >= kCodeAt && s->pc - 1 < kCodeAt + self.work->code.length;
    if (signo == SIGTRAP && !inside)
        s->pc--, s->signo = s->sigcode = 0, s->sigaddr = 0;
    store_fpu(fpu_of(uc), s);
    get_data(s);
}

// arch_prctl, without the C library: errno lies at fs.
void base_call(long code, uint64_t argument)
{
    long result = SYS_arch_prctl;
    __asm__ volatile("syscall" : "+a"(result) : "D"(code), "S"(argument) : "rcx", "r11", "memory");
}

uint64_t read_base(bool fs)
{
    uint64_t base = 0;
    if (!self.fsgsbase)
        base_call(fs ? ARCH_GET_FS : ARCH_GET_GS, reinterpret_cast<uint64_t>(&base));
    else if (fs)
        __asm__ volatile("rdfsbase %0" : "=r"(base));
    else
        __asm__ volatile("rdgsbase %0" : "=r"(base));
    return base;
}

void write_bases(uint64_t fs, uint64_t gs)
{
    if (self.fsgsbase) {
        __asm__ volatile("wrfsbase %0; wrgsbase %1" : : "r"(fs), "r"(gs));
        return;
    }
    base_call(ARCH_SET_FS, fs);
    base_call(ARCH_SET_GS, gs);
}

// Puts the code in its place for the first input.
void place_code()
{
    uint8_t *page = reinterpret_cast<uint8_t *>(kCode);
    memset(page, kFiller, kPage);
    memcpy(reinterpret_cast<uint8_t *>(kCodeAt), self.work->code.bytes, self.work->code.length);
}

void next(ucontext_t *uc, int signo, const siginfo_t *info)
{
    native::shared *w = self.work;
    if (self.running) {
        store(uc, signo, info, &w->states[w->at++]);
    } else {
        memcpy(self.gregs, uc->uc_mcontext.gregs, sizeof self.gregs);
        memcpy(self.fpu, fpu_of(uc), sizeof self.fpu);
        place_code();
    }
    self.running = w->at < w->count;
    if (self.running) {
        load(uc, w->states[w->at]);
        return;
    }
    memcpy(uc->uc_mcontext.gregs, self.gregs, sizeof self.gregs);
    memcpy(fpu_of(uc), self.fpu, sizeof self.fpu);
}

// I1
__attribute__((no_stack_protector)) void on_signal(int signo, siginfo_t *info, void *context)
{
    uint64_t fs = read_base(true), gs = read_base(false);
    write_bases(self.fs_base, self.gs_base);
    // returning from a signal keeps NT and ID, which popf may have set
    __asm__ volatile("pushfq; andl %0, (%%rsp); popfq" : : "i"(~0x204000) : "memory", "cc");
    if (self.running) {
        self.work->states[self.work->at].fs_base = fs;
        self.work->states[self.work->at].gs_base = gs;
    }
    next(static_cast<ucontext_t *>(context), signo, info);
    if (self.running)
        write_bases(self.work->states[self.work->at].fs_base, self.work->states[self.work->at].gs_base);
}

void prepare_child(native::shared *work)
{
    self.work = work;
    self.fsgsbase = harness::has_fsgsbase();
    self.fs_base = read_base(true);
    self.gs_base = read_base(false);
    static uint8_t stack[64 << 10];
    stack_t alt = {};
    alt.ss_sp = stack;
    alt.ss_size = sizeof stack;
    sigaltstack(&alt, nullptr);
    struct sigaction sa = {};
    sa.sa_sigaction = on_signal;
    sa.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
    for (int signo : {SIGTRAP, SIGSEGV, SIGBUS, SIGILL, SIGFPE})
        sigaction(signo, &sa, nullptr);
    uint16_t user = SS_USER; // 32-bit code needs real segments
    __asm__ volatile("mov %0, %%ds; mov %0, %%es" : : "r"(user));
}

[[noreturn]] void child_main(native::shared *work, int from, int to)
{
    char byte;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prepare_child(work);
    while (read(from, &byte, 1) == 1) {
        alarm(10); // an instruction that never ends
        __asm__ volatile("int3" : : : "memory", "cc");
        alarm(0);
        if (write(to, &byte, 1) != 1)
            break;
    }
    _exit(0);
}

} // namespace

native::native()
{
    map_memory();
    void *p = mmap(nullptr, sizeof *shared_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        abort();
    shared_ = static_cast<shared *>(p);
}

native::~native()
{
    if (pid_ > 0) {
        close(to_);
        close(from_);
        waitpid(pid_, nullptr, 0);
    }
    munmap(shared_, sizeof *shared_);
}

void native::start()
{
    int down[2], up[2];
    if (pipe(down) != 0 || pipe(up) != 0)
        abort();
    pid_ = fork();
    if (pid_ == 0) {
        close(down[1]);
        close(up[0]);
        child_main(shared_, down[0], up[1]);
    }
    close(down[0]);
    close(up[1]);
    to_ = down[1];
    from_ = up[0];
}

bool native::runs_32bit() { return harness::may_run_compat32() && runs_nop(false, kData + kPage); }

bool native::loads_any_stack_pointer() { return runs_nop(true, UINT64_C(1) << 62); }

bool native::runs_nop(bool is64, uint64_t stack)
{
    instance nop = {};
    static state s;
    nop.is64 = is64;
    nop.code[0] = 0x90;
    nop.length = 1;
    s = {};
    s.gpr[4] = stack;
    s.eflags = 0x202;
    s.mxcsr = 0x1f80;
    s.fcw = 0x37f;
    run(nop, &s, 1);
    return s.signo == 0 && s.pc == kCodeAt + 1;
}

// If the child dies, the input at hand killed it: its signal is the result, and a new child does the rest.
void native::run(const instance &x, state *states, unsigned count)
{
    char byte = 0;
    shared_->code.is64 = x.is64;
    shared_->code.length = x.length;
    memcpy(shared_->code.bytes, x.code, sizeof x.code);
    memcpy(shared_->states, states, count * sizeof *states);
    shared_->count = count;
    shared_->at = 0;
    while (shared_->at < count) {
        int status;
        if (pid_ < 0)
            start();
        if (write(to_, &byte, 1) == 1 && read(from_, &byte, 1) == 1)
            continue;
        waitpid(pid_, &status, 0);
        pid_ = -1;
        close(to_);
        close(from_);
        shared_->states[shared_->at].signo = WIFSIGNALED(status) ? WTERMSIG(status) : SIGKILL;
        shared_->at++;
    }
    memcpy(states, shared_->states, count * sizeof *states);
}

} // namespace x86fuzz
