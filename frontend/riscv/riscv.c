/* SPDX-License-Identifier: Apache-2.0 */
/* struct guest of riscv64: the psABI's and the Linux kernel's facts, and where the rest is. */
#include "frontend/riscv/riscv.h"

#include <elf.h>

#include "frontend/riscv/rv_cpu.h"
#include "frontend/riscv/rv_disas.h"
#include "frontend/riscv/rv_lift.h"
#include "frontend/riscv/rv_state.h"

const struct guest rv_guest_riscv64 = {
    .name = "riscv64",
    .abi = GUEST_ABI_RISCV64,
    .elf_machine = EM_RISCV,
    .elf_class = ELFCLASS64,
    .elf_data = ELFDATA2LSB,
    .pie_base = 0x4000000000u,
    .uname_machine = "riscv64",
    .platform = NULL,
    .state = &rv_state_table,
    .row_sp = RV_ROW_x2,
    .row_tls = RV_ROW_x4,
    .row_sysno = RV_ROW_x17,
    .row_sysarg = {RV_ROW_x10, RV_ROW_x11, RV_ROW_x12, RV_ROW_x13, RV_ROW_x14, RV_ROW_x15},
    .row_sysret = RV_ROW_x10,
    .parse_cpu = rv_parse_cpu,
    .cpu_models = rv_cpu_models,
    .hwcap = rv_hwcap,
    .hwcap2 = rv_hwcap2,
    .cpu_init = rv_cpu_init,
    .lifter = &rv_lifter_riscv64,
    .disas = rv_disas,
    .mode = rv_mode,
    .fp_to_guest = rv_fp_to_guest,
    .fp_from_guest = rv_fp_from_guest,
    .sigframe_size = RV_SIGFRAME_SIZE,
    .sigframe_align = RV_SIGFRAME_ALIGN,
    .sigframe_fill = rv_sigframe_fill,
    .sigframe_enter = rv_sigframe_enter,
    .rt_frame = {.restore = rv_sigframe_restore},
    .vdso = {[GUEST_VDSO_RT_SIGRETURN] = {"__vdso_rt_sigreturn", rv_sigreturn_code, RV_SIGRETURN_CODE_SIZE}},
    .syscall_insn_bytes = 4,
    .hwprobe = rv_hwprobe,
};
