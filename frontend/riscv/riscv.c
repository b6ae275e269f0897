/* SPDX-License-Identifier: Apache-2.0 */
/* struct guest of riscv64: where everything is. */
#include "frontend/riscv/riscv.h"

#include <elf.h>

#include "frontend/riscv/rv_cpu.h"
#include "frontend/riscv/rv_disas.h"
#include "frontend/riscv/rv_lift.h"
#include "frontend/riscv/rv_linux.h"
#include "frontend/riscv/rv_state.h"

const struct guest rv_guest_riscv64 = {
    .name = "riscv64",
    .elf = {EM_RISCV, ELFCLASS64, ELFDATA2LSB},
    .state = &rv_state_table,
    .cpu = {.parse = rv_parse_cpu, .models = rv_cpu_models, .init = rv_cpu_init, .mode = rv_mode},
    .fp = {.to_guest = rv_fp_to_guest, .from_guest = rv_fp_from_guest},
    .weak_loads = true, /* unprivileged ISA, chapter RVWMO */
    .lifter = &rv_lifter_riscv64,
    .disas = rv_disas,
    .abi = &rv_linux_riscv64,
};
