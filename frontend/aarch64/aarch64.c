/* SPDX-License-Identifier: Apache-2.0 */
/* struct guest of aarch64: where everything is. */
#include "frontend/aarch64/aarch64.h"

#include <elf.h>

#include "frontend/aarch64/a64_cpu.h"
#include "frontend/aarch64/a64_disas.h"
#include "frontend/aarch64/a64_fpenv.h"
#include "frontend/aarch64/a64_lift.h"
#include "frontend/aarch64/a64_linux.h"
#include "frontend/aarch64/a64_state.h"

const struct guest a64_guest = {
    .name = "aarch64",
    .elf = {EM_AARCH64, ELFCLASS64, ELFDATA2LSB},
    .state = &a64_state_table,
    .cpu = {.parse = a64_parse_cpu,
            .models = a64_cpu_models,
            .init = a64_cpu_init,
            .mode = a64_mode,
            .settle = a64_settle},
    .fp = {.to_guest = a64_fp_to_guest, .from_guest = a64_fp_from_guest},
    .weak_loads = true, /* DDI 0487, B2.3 */
    .lifter = &a64_lifter_aarch64,
    .disas = a64_disas,
    .abi = &a64_linux,
};
