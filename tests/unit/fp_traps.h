// SPDX-License-Identifier: Apache-2.0
// A SIGFPE handler for tests that run generated code while the guest's FP flags are watched (src/ir/fp_watch.h).
#ifndef TANDEM_TESTS_FP_TRAPS_H
#define TANDEM_TESTS_FP_TRAPS_H

#include <csignal>
#include <cstdlib>
#include <ucontext.h>

#include "src/ir/fp_watch.h"
#include "src/ir/softfp/softfp.h"

// While it lives, traps belong to this cpu. One at a time.
class FpTraps
{
  public:
    explicit FpTraps(struct cpu *cpu)
    {
        current() = cpu;
        count() = 0;
        struct sigaction sa = {};
        sa.sa_sigaction = handle;
        sa.sa_flags = SA_SIGINFO;
        sigaction(SIGFPE, &sa, &before_);
    }
    ~FpTraps()
    {
        sigaction(SIGFPE, &before_, nullptr);
        current() = nullptr;
    }
    FpTraps(const FpTraps &) = delete;
    FpTraps &operator=(const FpTraps &) = delete;

    static unsigned &count()
    {
        static unsigned n;
        return n;
    }
    // As if the guest had read its flags often enough. cpu->mxcsr is the guest's.
    static void begin_watch(struct cpu *cpu)
    {
        cpu->fp_watch = FP_WATCHED | (fp_flags_from_mxcsr(cpu->mxcsr) & FP_WATCH_FLAGS);
        cpu->mxcsr = (cpu->mxcsr & ~0x1f80u) | ((cpu->mxcsr & 0x3f) | 2) << 7;
    }

  private:
    static struct cpu *&current()
    {
        static struct cpu *cpu;
        return cpu;
    }
    static void handle(int, siginfo_t *, void *context)
    {
        ucontext_t *uc = static_cast<ucontext_t *>(context);
        count()++;
        if (!current() || !fp_watch_trap(current(), &uc->uc_mcontext.fpregs->mxcsr))
            abort();
    }
    struct sigaction before_;
};

#endif
