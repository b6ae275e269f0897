/* SPDX-License-Identifier: Apache-2.0 */
/* struct guest_ops of the x86 guests: the psABI's and the Linux kernel's facts, and where the rest is. */
#include "frontend/x86/x86.h"

#include <elf.h>

#include "frontend/x86/x86_cpu.h"
#include "frontend/x86/x86_lift.h"

static enum status lift_64(const struct guest_lift *req, struct ir_builder *b) { return x86_lift_block(req, b, true); }

/* mov eax, 15 (rt_sigreturn); syscall */
static const uint8_t sigreturn_64[] = {0xb8, 0x0f, 0x00, 0x00, 0x00, 0x0f, 0x05};

const struct guest_ops x86_guest_x86_64 = {
    .name = "x86_64",
    .abi = GUEST_ABI_X86_64,
    .elf_machine = EM_X86_64,
    .elf_class = ELFCLASS64,
    .elf_data = ELFDATA2LSB,
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
    .lift = lift_64,
    .disas = x86_64_disas,
    .mode = x86_mode,
    .fp_to_guest = x86_fp_to_guest,
    .fp_from_guest = x86_fp_from_guest,
    .sigframe_size = X86_SIGFRAME_SIZE,
    .sigframe_align = X86_SIGFRAME_ALIGN,
    .sigframe_redzone = 128,
    .sigframe_sp_offset = -16, /* the handler's ret has taken the return address, which lies 8 bytes up */
    .sigframe_core = X86_SIGFRAME_CORE,
    .sigframe_part = x86_sigframe_part,
    .sigframe_fill = x86_sigframe_fill,
    .sigframe_enter = x86_sigframe_enter,
    .sigframe_restore = x86_sigframe_restore,
    .coherent_code = true,
    .fp_traps = true,
    .sigreturn_code = sigreturn_64,
    .sigreturn_size = sizeof sigreturn_64,
    .syscall_insn_bytes = 2,
};
