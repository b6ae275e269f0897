/* SPDX-License-Identifier: Apache-2.0 */
/* Linux on riscv64: numbers and registers of system calls, and the calls that only RISC-V has. */
#include "frontend/riscv/rv_linux.h"

#include <errno.h>

#include "frontend/riscv/rv_cpu.h"
#include "frontend/riscv/rv_ptrace.h"
#include "frontend/riscv/rv_signal.h"
#include "frontend/riscv/rv_state.h"
#include "frontend/riscv/rv_vdso.h"

static const struct guest_call numbers[] = {
#define NR(number, call) [number] = {.name = LINUX_##call + 1},
#include "frontend/numbers/generic.def"
    NR(258, riscv_hwprobe) NR(259, riscv_flush_icache)
#undef NR
};

/* riscv_hwprobe(pairs, count, cpusetsize, cpus, flags): all CPUs are the same, so the set only has to be readable. */
static long hwprobe(const struct guest_arch_call *c)
{
    struct {
        int64_t key;
        uint64_t value;
    } pair;
    if (c->arg[4] || (!c->arg[2] != !c->arg[3]))
        return -EINVAL;
    for (uint64_t i = 0; i < c->arg[1]; i++) {
        const gaddr_t at = c->arg[0] + i * sizeof pair;
        if (c->read(c->ctx, &pair, at, sizeof pair))
            return -EFAULT;
        bool known = false;
        pair.value = rv_hwprobe(c->config, pair.key, &known);
        if (!known) {
            pair.key = -1;
            pair.value = 0;
        }
        if (c->write(c->ctx, at, &pair, sizeof pair))
            return -EFAULT;
    }
    return 0;
}

/* riscv_flush_icache(start, end, flags) */
static long flush_icache(const struct guest_arch_call *c)
{
    if (c->arg[2] & ~UINT64_C(1)) /* SYS_RISCV_FLUSH_ICACHE_LOCAL is the one flag */
        return -EINVAL;
    if (c->arg[1] > c->arg[0])
        c->code_changed(c->ctx, c->arg[0], c->arg[1]);
    return 0;
}

static long arch_syscall(const struct guest_arch_call *c)
{
    switch (c->name) {
    case LINUX_riscv_hwprobe:
        return hwprobe(c);
    case LINUX_riscv_flush_icache:
        return flush_icache(c);
    default:
        return -ENOSYS;
    }
}

const struct guest_linux rv_linux_riscv64 = {
    .uname_machine = "riscv64",
    .pie_base = 0x4000000000u,
    .row_sp = RV_ROW_x2,
    .row_tls = RV_ROW_x4,
    .hwcap = rv_hwcap,
    .call = {.numbers = numbers,
             .count = ARRAY_LEN(numbers),
             .number = RV_ROW_x17,
             .arg = {RV_ROW_x10, RV_ROW_x11, RV_ROW_x12, RV_ROW_x13, RV_ROW_x14, RV_ROW_x15},
             .result = RV_ROW_x10,
             .insn_bytes = 4,
             .clone_tls = 3,
             .clone_child_tid = 4},
    .structs = GUEST_STRUCTS_GENERIC,
    .align64 = 8,
    .sigframe = {.size = RV_SIGFRAME_SIZE,
                 .align = RV_SIGFRAME_ALIGN,
                 .fill = rv_sigframe_fill,
                 .enter = rv_sigframe_enter,
                 .rt = {.restore = rv_sigframe_restore}},
    .ptrace = &rv_ptrace,
    .vdso = &rv_vdso,
    .cpuinfo = rv_cpuinfo,
    .arch_syscall = arch_syscall,
};
