/* SPDX-License-Identifier: Apache-2.0 */
/* Linux on aarch64: numbers and registers of system calls. */
#include "frontend/aarch64/a64_linux.h"

#include "frontend/aarch64/a64_cpu.h"
#include "frontend/aarch64/a64_ptrace.h"
#include "frontend/aarch64/a64_signal.h"
#include "frontend/aarch64/a64_state.h"
#include "frontend/aarch64/a64_vdso.h"

static const struct guest_call numbers[] = {
#define NR(number, call) [number] = {.name = LINUX_##call + 1},
#include "frontend/numbers/generic.def"
    NR(38, renameat)
#undef NR
};

const struct guest_linux a64_linux = {
    .uname_machine = "aarch64",
    .platform = "aarch64",
    .pie_base = 0x4000000000u,
    .row_sp = A64_ROW_sp,
    .row_tls = A64_ROW_tpidr_el0,
    .hwcap = a64_hwcap,
    .hwcap2 = a64_hwcap2,
    .call = {.numbers = numbers,
             .count = ARRAY_LEN(numbers),
             .number = A64_ROW_x8,
             .arg = {A64_ROW_x0, A64_ROW_x1, A64_ROW_x2, A64_ROW_x3, A64_ROW_x4, A64_ROW_x5},
             .result = A64_ROW_x0,
             .insn_bytes = 4,
             .clone_tls = 3,
             .clone_child_tid = 4},
    .structs = GUEST_STRUCTS_GENERIC,
    .align64 = 8,
    .arm_open_flags = true,
    .min_signal_stack = 5120, /* uapi asm/signal.h */
    .sigframe = {.size = A64_SIGFRAME_SIZE,
                 .align = A64_SIGFRAME_ALIGN,
                 .fill = a64_sigframe_fill,
                 .enter = a64_sigframe_enter,
                 .rt = {.restore = a64_sigframe_restore},
                 .has_restorer = true},
    .ptrace = &a64_ptrace,
    .vdso = &a64_vdso,
    .cpuinfo = a64_cpuinfo,
};
