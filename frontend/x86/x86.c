/* SPDX-License-Identifier: Apache-2.0 */
/* struct guest of the x86 guests: where everything is. */
#include "frontend/x86/x86.h"

#include <elf.h>

#include "frontend/x86/abi/x86_cpu.h"
#include "frontend/x86/abi/x86_linux.h"
#include "frontend/x86/common/x86_state.h"
#include "frontend/x86/decode/x86_disas.h"
#include "frontend/x86/decode/x86_features.h"
#include "frontend/x86/x86_lift.h"

const struct guest x86_guest_x86_64 = {
    .name = "x86_64",
    .elf = {EM_X86_64, ELFCLASS64, ELFDATA2LSB},
    .state = &x86_state_table,
    .cpu = {.parse = x86_parse_cpu,
            .models = x86_cpu_models,
            .init = x86_64_cpu_init,
            .mode = x86_mode,
            .settle = x86_settle},
    .fp = {.to_guest = x86_fp_to_guest, .from_guest = x86_fp_from_guest, .traps = true, .has_x87 = true},
    .coherent_code = true,
    .lifter = &x86_lifter_64,
    .disas = x86_64_disas,
    .abi = &x86_linux_x86_64,
};

/* As a 64-bit kernel shows it to i386 programs: selectors, 4 GiB of user addresses. */
const struct guest x86_guest_i386 = {
    .name = "i386",
    .elf = {EM_386, ELFCLASS32, ELFDATA2LSB},
    .address_end = 0xffffe000,
    .state = &x86_state_table,
    .cpu = {.parse = x86_parse_cpu,
            .models = x86_cpu_models,
            .init = x86_i386_cpu_init,
            .mode = x86_mode,
            .settle = x86_settle},
    .fp = {.to_guest = x86_fp_to_guest, .from_guest = x86_fp_from_guest, .traps = true, .has_x87 = true},
    .coherent_code = true,
    .lifter = &x86_lifter_32,
    .disas = x86_i386_disas,
    .abi = &x86_linux_i386,
};
