/* SPDX-License-Identifier: Apache-2.0 */
/* struct guest of the x86 guests: the psABI's and the Linux kernel's facts, and where the rest is. */
#include "frontend/x86/x86.h"

#include <elf.h>

#include "frontend/x86/abi/x86_cpu.h"
#include "frontend/x86/abi/x86_signal.h"
#include "frontend/x86/abi/x86_signal32.h"
#include "frontend/x86/decode/x86_disas.h"
#include "frontend/x86/decode/x86_features.h"
#include "frontend/x86/system/x86_segment.h"
#include "frontend/x86/x86_lift.h"

/* mov eax, 15 (rt_sigreturn); syscall */
static const uint8_t sigreturn_64[] = {0xb8, 0x0f, 0x00, 0x00, 0x00, 0x0f, 0x05};

const struct guest x86_guest_x86_64 = {
    .name = "x86_64",
    .abi = GUEST_ABI_X86_64,
    .elf_machine = EM_X86_64,
    .elf_class = ELFCLASS64,
    .elf_data = ELFDATA2LSB,
    .pie_base = 0x4000000000u,
    .uname_machine = "x86_64",
    .platform = "x86_64",
    .state = &x86_state_table,
    .row_sp = X86_ROW_rsp,
    .row_tls = X86_ROW_fs_base,
    .row_gs = X86_ROW_gs_base,
    .row_sysno = X86_ROW_rax,
    .row_sysarg = {X86_ROW_rdi, X86_ROW_rsi, X86_ROW_rdx, X86_ROW_r10, X86_ROW_r8, X86_ROW_r9},
    .row_sysret = X86_ROW_rax,
    .parse_cpu = x86_parse_cpu,
    .cpu_models = x86_cpu_models,
    .hwcap = x86_hwcap,
    .hwcap2 = x86_hwcap2,
    .cpu_init = x86_64_cpu_init,
    .lifter = &x86_lifter_64,
    .disas = x86_64_disas,
    .mode = x86_mode,
    .fp_to_guest = x86_fp_to_guest,
    .fp_from_guest = x86_fp_from_guest,
    .trap = x86_trap,
    .sigframe_size = X86_SIGFRAME_SIZE,
    .sigframe_align = X86_SIGFRAME_ALIGN,
    .sigframe_redzone = 128,
    .sigframe_fill = x86_sigframe_fill,
    .sigframe_enter = x86_sigframe_enter,
    /* the handler's ret has taken the return address, which lies 8 bytes up */
    .rt_frame = {.sp_offset = -16,
                 .core = X86_SIGFRAME_CORE,
                 .part = x86_sigframe_part,
                 .restore = x86_sigframe_restore},
    .coherent_code = true,
    .fp_traps = true,
    .vdso = {[GUEST_VDSO_RT_SIGRETURN] = {"__vdso_rt_sigreturn", sigreturn_64, sizeof sigreturn_64}},
    .syscall_insn_bytes = 2,
};

/* The kernel's own code, byte for byte: unwinders know frames by it. */
/* pop eax; mov eax, 119 (sigreturn); int 0x80 */
static const uint8_t sigreturn_32[] = {0x58, 0xb8, 0x77, 0x00, 0x00, 0x00, 0xcd, 0x80};
/* mov eax, 173 (rt_sigreturn); int 0x80 */
static const uint8_t rt_sigreturn_32[] = {0xb8, 0xad, 0x00, 0x00, 0x00, 0xcd, 0x80};
/* int 0x80; ret: sysenter would be no faster */
static const uint8_t vsyscall_32[] = {0xcd, 0x80, 0xc3};

/* As a 64-bit kernel shows it to i386 programs: selectors, 4 GiB of user addresses. */
const struct guest x86_guest_i386 = {
    .name = "i386",
    .abi = GUEST_ABI_I386,
    .elf_machine = EM_386,
    .elf_class = ELFCLASS32,
    .elf_data = ELFDATA2LSB,
    .address_end = 0xffffe000,
    .pie_base = 0x56555000,
    .uname_machine = "i686",
    .platform = "i686",
    .state = &x86_state_table,
    .row_sp = X86_ROW_rsp,
    .row_tls = X86_ROW_gs_base,
    .row_gs = X86_ROW_gs_base,
    .row_sysno = X86_ROW_rax,
    .row_sysarg = {X86_ROW_rbx, X86_ROW_rcx, X86_ROW_rdx, X86_ROW_rsi, X86_ROW_rdi, X86_ROW_rbp},
    .row_sysret = X86_ROW_rax,
    .parse_cpu = x86_parse_cpu,
    .cpu_models = x86_cpu_models,
    .hwcap = x86_hwcap,
    .hwcap2 = x86_hwcap2,
    .cpu_init = x86_i386_cpu_init,
    .lifter = &x86_lifter_32,
    .disas = x86_i386_disas,
    .mode = x86_mode,
    .fp_to_guest = x86_fp_to_guest,
    .fp_from_guest = x86_fp_from_guest,
    .trap = x86_trap,
    .sigframe_size = X86_SIGFRAME32_SIZE,
    .sigframe_align = X86_SIGFRAME32_ALIGN,
    .sigframe_fill = x86_sigframe32_fill,
    .sigframe_enter = x86_sigframe32_enter,
    /* the handler's ret has taken the return address; sigreturn's code, the signal number, too */
    .rt_frame = {.sp_offset = -4,
                 .core = X86_SIGFRAME32_CORE,
                 .part = x86_sigframe32_part,
                 .restore = x86_sigframe32_restore},
    .old_frame = {.sp_offset = -8,
                  .core = X86_SIGFRAME32_OLD_CORE,
                  .part = x86_sigframe32_old_part,
                  .restore = x86_sigframe32_old_restore},
    .coherent_code = true,
    .fp_traps = true,
    .vdso = {[GUEST_VDSO_RT_SIGRETURN] = {"__kernel_rt_sigreturn", rt_sigreturn_32, sizeof rt_sigreturn_32},
             [GUEST_VDSO_SIGRETURN] = {"__kernel_sigreturn", sigreturn_32, sizeof sigreturn_32},
             [GUEST_VDSO_SYSCALL] = {"__kernel_vsyscall", vsyscall_32, sizeof vsyscall_32}},
    .syscall_insn_bytes = 2,
    .set_segment = x86_set_segment,
    .get_segment = x86_get_segment,
    .set_ldt = x86_set_ldt,
    .read_ldt = x86_read_ldt,
};
