// SPDX-License-Identifier: Apache-2.0
// A SIGFPE handler for tests that run generated code while the guest's FP flags are watched (src/ir/fp_watch.h).
#ifndef TANDEM_TESTS_HARNESS_FP_TRAPS_H
#define TANDEM_TESTS_HARNESS_FP_TRAPS_H

#include <csignal>
#include <cstdlib>
#include <ucontext.h>

#include "src/host/context.h"
#include "src/host/fpenv.h"
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
    // As if the guest had read its flags often enough. cpu->fp_env is the guest's.
    static void begin_watch(struct cpu *cpu)
    {
        cpu->fp_watch = FP_WATCHED | (host_fp_flags(cpu->fp_env) & FP_WATCH_FLAGS);
        cpu->fp_env = host_fp_unmask(cpu->fp_env, FP_WATCH_FLAGS & ~host_fp_flags(cpu->fp_env));
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
        uint32_t env;
        if (!current() || !host_context_fpenv(uc, &env) || !fp_watch_trap(current(), &env))
            abort();
        host_context_set_fpenv(uc, env);
    }
    struct sigaction before_;
};

#endif
