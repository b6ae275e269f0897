/* SPDX-License-Identifier: Apache-2.0 */
/* Linux on aarch64: numbers and registers of system calls. */
#include "frontend/aarch64/a64_linux.h"

#include <elf.h>
#include <stdio.h>

#include "frontend/aarch64/a64_cpu.h"
#include "frontend/aarch64/a64_state.h"

static const struct guest_call numbers[] = {
#define NR(number, call) [number] = {.name = LINUX_##call + 1},
#include "frontend/numbers/generic.def"
#undef NR
};

/* mov x8, #139 (rt_sigreturn); svc #0: unwinders know frames by it */
static const uint8_t sigreturn[] = {0x68, 0x11, 0x80, 0xd2, 0x01, 0x00, 0x00, 0xd4};

static const struct guest_vdso vdso = {
    .version = "LINUX_2.6.39",
    .code = {[GUEST_VDSO_RT_SIGRETURN] = GUEST_VDSO_CODE("__kernel_rt_sigreturn", sigreturn)},
};

/* Linux: arch/arm64/kernel/cpuinfo.c */
static void cpuinfo(const struct guest_config *config, unsigned processor, const char *host, char *out, size_t size)
{
    snprintf(out, size,
             "processor\t: %u\nCPU implementer\t: 0x41\nCPU architecture: 8\nCPU variant\t: 0x4\nCPU part\t: 0xd0c\n"
             "CPU revision\t: 1\n\n",
             processor);
}

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
    .sigframe = {.align = 16},
    .vdso = &vdso,
    .cpuinfo = cpuinfo,
};
