/* SPDX-License-Identifier: Apache-2.0 */
/* Linux on x86-64, and on i386 as a 64-bit kernel shows it: numbers and registers of system calls, and where the rest
 * is. */
#include "frontend/x86/abi/x86_linux.h"

#include "frontend/x86/abi/x86_arch_calls.h"
#include "frontend/x86/abi/x86_odd_address.h"
#include "frontend/x86/abi/x86_ptrace.h"
#include "frontend/x86/abi/x86_signal.h"
#include "frontend/x86/abi/x86_signal32.h"
#include "frontend/x86/abi/x86_vdso.h"
#include "frontend/x86/common/x86_state.h"
#include "frontend/x86/decode/x86_features.h"

/* ---- x86-64 ---- */

static const struct guest_call numbers_64[] = {
#define NR(number, call) [number] = {.name = LINUX_##call + 1},
#include "frontend/numbers/x86_64.def"
#undef NR
};

static const struct guest_call_page vsyscall = {.start = 0xffffffffff600000,
                                                .end = 0xffffffffff601000,
                                                .step = 0x400,
                                                .count = 3,
                                                .calls = {LINUX_gettimeofday, LINUX_time, LINUX_getcpu}};

const struct guest_linux x86_linux_x86_64 = {
    .uname_machine = "x86_64",
    .uname_machine32 = "i686",
    .calls_at = &vsyscall,
    .platform = "x86_64",
    .pie_base = 0x4000000000u,
    .row_sp = X86_ROW_rsp,
    .row_tls = X86_ROW_fs_base,
    .hwcap = x86_hwcap,
    .hwcap2 = x86_hwcap2,
    .call = {.numbers = numbers_64,
             .count = ARRAY_LEN(numbers_64),
             .number = X86_ROW_rax,
             .arg = {X86_ROW_rdi, X86_ROW_rsi, X86_ROW_rdx, X86_ROW_r10, X86_ROW_r8, X86_ROW_r9},
             .result = X86_ROW_rax,
             .insn_bytes = 2,
             .clone_tls = 4,
             .clone_child_tid = 3},
    .structs = GUEST_STRUCTS_X86_64,
    .align64 = 8,
    .packed_epoll = true,
    .has_map_32bit = true,
    .sigframe = {.size = X86_SIGFRAME_SIZE,
                 .align = X86_SIGFRAME_ALIGN,
                 .redzone = 128,
                 .fill = x86_sigframe_fill,
                 .enter = x86_sigframe_enter,
                 /* the handler's ret has taken the return address, which lies 8 bytes up */
                 .rt = {.sp_offset = -16,
                        .core = X86_SIGFRAME_CORE,
                        .part = x86_sigframe_part,
                        .restore = x86_sigframe_restore},
                 .has_restorer = true,
                 .kernel_si_code = true},
    .ptrace = &x86_ptrace_64,
    .vdso = &x86_vdso_64,
    .cpuinfo = x86_cpuinfo,
    .trap = x86_trap,
    .odd_address = x86_odd_address,
    .steps = x86_steps,
    .arch_syscall = x86_64_arch_syscall,
};

/* ---- i386 ---- */

static const struct guest_call numbers_32[] = {
#define NR(number, call, ...) [number] = {.name = LINUX_##call + 1, __VA_ARGS__},
#include "frontend/numbers/i386.def"
#undef NR
};

const struct guest_linux x86_linux_i386 = {
    .uname_machine = "i686",
    .platform = "i686",
    .pie_base = 0x56555000,
    .old_programs_execute_data = true,
    .row_sp = X86_ROW_rsp,
    .row_tls = X86_ROW_gs_base,
    .hwcap = x86_hwcap,
    .hwcap2 = x86_hwcap2,
    .call = {.numbers = numbers_32,
             .count = ARRAY_LEN(numbers_32),
             .number = X86_ROW_rax,
             .arg = {X86_ROW_rbx, X86_ROW_rcx, X86_ROW_rdx, X86_ROW_rsi, X86_ROW_rdi, X86_ROW_rbp},
             .result = X86_ROW_rax,
             .insn_bytes = 2,
             .clone_tls = 3,
             .clone_child_tid = 4},
    .structs = GUEST_STRUCTS_32,
    .align64 = 4,
    .packed_epoll = true,
    .has_map_32bit = true,
    .sigframe = {.size = X86_SIGFRAME32_SIZE,
                 .align = X86_SIGFRAME32_ALIGN,
                 .fill = x86_sigframe32_fill,
                 .enter = x86_sigframe32_enter,
                 /* the handler's ret has taken the return address; sigreturn's code, the signal number, too */
                 .rt = {.sp_offset = -4,
                        .core = X86_SIGFRAME32_CORE,
                        .part = x86_sigframe32_part,
                        .restore = x86_sigframe32_restore},
                 .old = {.sp_offset = -8,
                         .core = X86_SIGFRAME32_OLD_CORE,
                         .part = x86_sigframe32_old_part,
                         .restore = x86_sigframe32_old_restore},
                 .has_restorer = true,
                 .kernel_si_code = true},
    .ptrace = &x86_ptrace_32,
    .vdso = &x86_vdso_32,
    .cpuinfo = x86_cpuinfo,
    .trap = x86_trap,
    .steps = x86_steps,
    .arch_syscall = x86_i386_arch_syscall,
    .read_tls = x86_i386_read_tls,
    .set_tls = x86_i386_set_tls,
};
