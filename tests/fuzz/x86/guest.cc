// SPDX-License-Identifier: Apache-2.0
// Instances in the interpreter, tier 1 and tier 2: lifted and compiled once, then run from each input.
//
// I1  A fault is caught here as the runtime would: in tier 1 the pinned registers are in the host's; a precise region
//     is left to the begin of a segment, from which the interpreter goes on; there and in C functions all are in
//     cpu->guest.
#include <csetjmp>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <map>
#include <ucontext.h>
#include <unistd.h>
#include <xmmintrin.h>

#include "frontend/block.h"
#include "frontend/guest_linux.h"
#include "frontend/x86/abi/x86_cpu.h"
#include "frontend/x86/common/x86_flags.h"
#include "frontend/x86/decode/x86_features.h"
#include "frontend/x86/x86.h"
#include "frontend/x86/x87/x86_fpstate.h"
#include "src/ir/build/verify.h"
#include "src/ir/interp/interp.h"
#include "src/ir/simplify/seal.h"
#include "src/ir/state.h"
#include "src/ir/text/print.h"
#include "tests/fuzz/x86/memory.h"
#include "tests/insn/insn_tiers.h"

namespace x86fuzz
{

const char *const tier_names[TIER_COUNT] = {"interpreter", "tier 1", "tier 2"};

namespace
{

enum { MAX_STEPS = 400, MAX_INSNS = 16, CS_64 = 0x33, CS_32 = 0x23, SS_USER = 0x2b };

// Where a fault in guest code goes.
struct catcher {
    sigjmp_buf back;
    volatile bool armed;
    struct cpu *cpu;
    const insn_tier1 *tier1; // not NULL while tier 1 runs
    const insn_tier2 *tier2; // not NULL while tier 2 runs
    unsigned replay;         // instructions to do one by one after a fault in tier 2
    gaddr_t pc;              // of the block
    const uint8_t *host;     // its code
    bool host_code;          // tier 1 or 2 runs
    int signo, code;
    uint64_t address;
};
catcher here;

// As the runtime does (fault.c): the kernel gave the handler a fresh x87 unit.
void keep_x87(const struct _libc_fpstate *fp)
{
    enum { ALL_MASKED = 0x3f, FLAGS = 0x7f };
    struct {
        uint32_t cw, sw, tw, rest[4];
    } env;
    __asm__ volatile("fninit\n\tfnstenv %0" : "=m"(env));
    env.cw = fp->cwd | ALL_MASKED;
    env.sw |= fp->swd & FLAGS;
    __asm__ volatile("fldenv %0" : : "m"(env));
}

void take_pins(struct cpu *cpu, const greg_t *g)
{
    static const int regs[CPU_PINNED_GPRS] = {REG_RBP, REG_R12, REG_RBX, REG_R14, REG_RSI,
                                              REG_RDI, REG_R8,  REG_R9,  REG_R15};
    for (unsigned k = 0; k < CPU_PINNED_GPRS && k < x86_state_table.pinned_gpr_count; k++) {
        const struct ir_state_row &row = x86_state_table.rows[x86_state_table.pinned_gpr[k]];
        memcpy(reinterpret_cast<uint8_t *>(cpu) + row.offset, &g[regs[k]], 8);
    }
}

void on_fault(int signo, siginfo_t *info, void *context)
{
    const greg_t *g = static_cast<ucontext_t *>(context)->uc_mcontext.gregs;
    if (!here.armed) {
        signal(signo, SIG_DFL);
        return;
    }
    here.armed = false;
    here.signo = signo;
    here.code = info->si_code;
    here.address = reinterpret_cast<uint64_t>(info->si_addr);
    keep_x87(static_cast<ucontext_t *>(context)->uc_mcontext.fpregs);
    if (here.host_code) // where the guest's MXCSR is the host's
        here.cpu->fp_env = static_cast<ucontext_t *>(context)->uc_mcontext.fpregs->mxcsr;
    auto *at = reinterpret_cast<void *>(g[REG_RIP]);
    if (here.tier1 && here.tier1->machine().holds(at)) {
        take_pins(here.cpu, g);
        struct tcg_pc_map map = here.tier1->map_at(here.host, at);
        here.cpu->pc = here.pc + map.guest_off;
        tcg_save_x87(here.cpu, &x86_state_table, map.x87, context);
    }
    if (here.tier2 && here.tier2->machine().holds(at))
        here.replay = here.tier2->recover(here.host, at, here.cpu, context);
    siglongjmp(here.back, 1);
}

void catch_faults()
{
    static uint8_t stack[64 << 10];
    stack_t alt = {};
    struct sigaction sa = {};
    alt.ss_sp = stack;
    alt.ss_size = sizeof stack;
    sigaltstack(&alt, nullptr);
    sa.sa_sigaction = on_fault;
    sa.sa_flags = SA_SIGINFO | SA_ONSTACK;
    for (int signo : {SIGSEGV, SIGBUS, SIGFPE, SIGILL})
        sigaction(signo, &sa, nullptr);
}

// ---- registers ----

bool is_mmx(const state &s)
{
    bool all = s.ftag == 0xff && !(s.fsw & 0x3800);
    for (const auto &st : s.st)
        all = all && st[8] == 0xff && st[9] == 0xff;
    return all;
}

// Registers that are all as MMX leaves them are MMX registers.
void load_fpu(struct cpu *cpu, const state &s)
{
    struct x86_xsave area = {};
    struct x86_state *g = x86_state_of(cpu);
    area.x87.fcw = s.fcw;
    area.x87.fsw = s.fsw;
    area.x87.ftw = s.ftag;
    area.x87.mxcsr = s.mxcsr;
    for (unsigned n = 0; n < 8; n++)
        memcpy(area.x87.st[n], s.st[((s.fsw >> 11) + n) & 7], 10);
    for (unsigned n = 0; n < 16; n++) {
        memcpy(&area.xmm[n], s.ymm[n], 16);
        memcpy(&area.ymmh[n], s.ymm[n] + 16, 16);
    }
    x86_fpstate_load(cpu, &area, X86_XF_ALL, X86_XF_ALL);
    if (!is_mmx(s))
        return;
    cpu->mode |= X86_MODE_MMX;
    for (unsigned n = 0; n < 8; n++)
        memcpy(&g->mm0 + n, s.st[n], 8);
}

void store_fpu(const struct cpu *cpu, state *s)
{
    struct x86_xsave area = {};
    x86_fpstate_store(cpu, &area, X86_XF_ALL);
    s->fcw = area.x87.fcw;
    s->fsw = area.x87.fsw;
    s->ftag = area.x87.ftw;
    s->mxcsr = area.x87.mxcsr;
    for (unsigned n = 0; n < 8; n++)
        memcpy(s->st[((s->fsw >> 11) + n) & 7], area.x87.st[n], 10);
    for (unsigned n = 0; n < 16; n++) {
        memcpy(s->ymm[n], &area.xmm[n], 16);
        memcpy(s->ymm[n] + 16, &area.ymmh[n], 16);
    }
}

void load(struct cpu *cpu, const state &s, bool is64)
{
    struct x86_state *g = x86_state_of(cpu);
    memset(cpu->guest, 0, sizeof cpu->guest);
    memcpy(&g->rax, s.gpr, sizeof s.gpr);
    g->fs_base = s.fs_base;
    g->gs_base = s.gs_base;
    g->cs = is64 ? CS_64 : CS_32;
    g->ss = g->ds = g->es = SS_USER;
    x86_set_eflags(g, s.eflags);
    cpu->pc = s.pc;
    cpu->mode = 0;
    load_fpu(cpu, s);
}

void store(struct cpu *cpu, state *s)
{
    const struct x86_state *g = x86_state_of(cpu);
    store_fpu(cpu, s);
    memcpy(s->gpr, &g->rax, sizeof s->gpr);
    s->fs_base = g->fs_base;
    s->gs_base = g->gs_base;
    s->eflags = x86_get_eflags(g);
    s->pc = cpu->pc;
    get_data(s);
}

// What the runtime makes of a trap (x86.c).
void take_trap(struct cpu *cpu, enum ir_trap trap)
{
    struct guest_trap t = {};
    x86_guest_x86_64.abi->trap(cpu, trap, &t);
    here.signo = t.signo;
    here.code = t.code;
    here.address = t.addr;
}

} // namespace

struct guest::impl {
    struct block {
        const struct ir_block *ir;
        const uint8_t *host[TIER_COUNT];
    };
    struct guest_config config;
    std::unique_ptr<struct cpu> cpu;
    std::unique_ptr<insn_tier> tiers[TIER_COUNT];
    struct arena arena;
    std::map<std::pair<uint64_t, uint32_t>, block> blocks;
    instance code;
    std::string message;
    unsigned replay = 0; // instructions that the interpreter does one by one (engine_step)

    void start(const instance &x);
    block *find(uint64_t pc);
    block *lift(uint64_t pc, unsigned max_insns);
    block one; // to be replayed
    bool step(tier t);
    bool ready(block *b, tier t);
    void execute(const block &b, tier t, struct ir_exit *exit);
    bool faults(const block &b, tier t, struct ir_exit *exit);
};

void guest::impl::start(const instance &x)
{
    if (code.length == x.length && memcmp(code.code, x.code, sizeof x.code) == 0 && code.is64 == x.is64)
        return;
    code = x;
    blocks.clear();
    arena_fini(&arena);
    arena_init(&arena);
    for (auto &t : tiers) {
        if (t)
            t->reset();
    }
}

guest::impl::block *guest::impl::find(uint64_t pc)
{
    auto found = blocks.find({pc, cpu->mode});
    return replay ? lift(pc, 1) : found != blocks.end() ? &found->second : lift(pc, MAX_INSNS);
}

guest::impl::block *guest::impl::lift(uint64_t pc, unsigned max_insns)
{
    uint64_t offset = pc - kCodeAt;
    struct guest_lift req = {pc, code.code + offset, code.length - offset, cpu->mode, max_insns, false, &config, 0, 0,
                             0};
    struct ir_builder b;
    char text[256] = "";
    ir_builder_init(&b, &arena, &x86_state_table, pc, req.mode);
    enum status s = guest_lift_block(code.is64 ? &x86_guest_x86_64 : &x86_guest_i386, &req, &b);
    const struct ir_block *ir = s == STATUS_OK ? ir_builder_seal(&b) : nullptr;
    if (!ir || !ir_verify(ir, text, sizeof text)) {
        message = ir ? std::string("broken IR: ") + text : "not lifted";
        return nullptr;
    }
    return &((max_insns == 1 ? one : blocks[{pc, cpu->mode}]) = {ir, {}});
}

bool guest::impl::ready(block *b, tier t)
{
    if (t == TIER_1 && !b->host[t]) // some with registers chosen at random
        static_cast<insn_tier1 *>(tiers[t].get())->random_seed = code.code[0] & 1 ? code.code[1] : 0;
    if (t != TIER_INTERP && !b->host[t])
        b->host[t] = tiers[t]->load(b->ir, &message);
    return t == TIER_INTERP || b->host[t];
}

void guest::impl::execute(const block &b, tier t, struct ir_exit *exit)
{
    if (t == TIER_INTERP)
        ir_interp(cpu.get(), b.ir, exit);
    else
        tiers[t]->run(cpu.get(), b.host[t], exit);
}

// True: it faulted.
bool guest::impl::faults(const block &b, tier t, struct ir_exit *exit)
{
    uint32_t host_mxcsr = _mm_getcsr();
    if (sigsetjmp(here.back, 1) == 0) {
        here.armed = true;
        execute(b, t, exit);
        here.armed = false;
        return false;
    }
    __asm__ volatile("cld");
    _mm_setcsr(host_mxcsr);
    here.armed = false;
    return true;
}

// One block, or one instruction that is done again. False: the run is over, or message says what went wrong.
bool guest::impl::step(tier wanted)
{
    const tier t = replay ? TIER_INTERP : wanted;
    struct ir_exit exit = {};
    if (replay)
        x86_settle(cpu.get());
    block *b = find(cpu->pc);
    if (!b || !ready(b, t))
        return false;
    here.cpu = cpu.get();
    here.tier1 = t == TIER_1 ? static_cast<const insn_tier1 *>(tiers[t].get()) : nullptr;
    here.tier2 = t == TIER_2 ? static_cast<const insn_tier2 *>(tiers[t].get()) : nullptr;
    here.pc = cpu->pc;
    here.host = b->host[t];
    here.host_code = t != TIER_INTERP;
    here.signo = 0;
    here.replay = 0;
    replay -= replay ? 1 : 0;
    if (faults(*b, t, &exit)) {
        exit.pc = cpu->pc;
        replay = here.replay;
        if (replay) { // one of them will fault
            here.signo = 0;
            return true;
        }
    }
    cpu->pc = exit.pc;
    if (!here.signo && exit.reason == CPU_EXIT_TRAP && exit.trap == IR_TRAP_SETTLE)
        x86_settle(cpu.get());
    else if (!here.signo && exit.reason == CPU_EXIT_TRAP)
        take_trap(cpu.get(), exit.trap);
    else if (!here.signo && (exit.pc < kCode || exit.pc >= kCode + kPage))
        here.signo = SIGSEGV, here.code = SEGV_MAPERR, here.address = exit.pc; // nothing to fetch
    else if (here.signo == SIGFPE) // where in the host's code: of no interest
        here.address = exit.pc;
    return !here.signo && cpu->pc >= kCodeAt && cpu->pc < kCodeAt + code.length;
}

guest::guest(unsigned which) : impl_(new impl())
{
    impl_->cpu = std::make_unique<struct cpu>();
    impl_->config.features = x86_host_features();
    arena_init(&impl_->arena);
    if (which & 1 << TIER_1)
        impl_->tiers[TIER_1] = std::make_unique<insn_tier1>(&x86_state_table);
    if (which & 1 << TIER_2)
        impl_->tiers[TIER_2] = std::make_unique<insn_tier2>(&x86_state_table, true);
    catch_faults();
}

guest::~guest() { arena_fini(&impl_->arena); }

std::string guest::run(const instance &x, tier t, state *states, unsigned count)
{
    impl &m = *impl_;
    m.start(x);
    m.message.clear();
    for (unsigned n = 0; n < count; n++) {
        unsigned steps = 0;
        m.replay = 0;
        set_data(states[n]);
        load(m.cpu.get(), states[n], x.is64);
        here.signo = here.code = 0;
        here.address = 0;
        while (m.step(t)) {
            if (++steps == MAX_STEPS)
                m.message = "it does not end";
            if (!m.message.empty())
                break;
        }
        if (!m.message.empty())
            return m.message;
        store(m.cpu.get(), &states[n]);
        states[n].signo = here.signo;
        states[n].sigcode = here.code;
        states[n].sigaddr = x.is64 ? here.address : uint32_t(here.address); // as the runtime tells it
    }
    return "";
}

void guest::print_ir(const instance &x) const
{
    if (impl_->code.length == x.length && memcmp(impl_->code.code, x.code, x.length) == 0) {
        for (const auto &b : impl_->blocks)
            ir_print(stdout, b.second.ir);
    }
}

} // namespace x86fuzz
