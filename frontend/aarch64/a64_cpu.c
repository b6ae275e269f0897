/* SPDX-License-Identifier: Apache-2.0 */
/* CPU models and features, what the kernel tells a program about them, and the state of a new process.
 *
 * I1  -cpu is MODEL[,FEATURE=BOOL]...
 * I2  AT_HWCAP and AT_HWCAP2 say what the decoder accepts, nothing else. */
#include "frontend/aarch64/a64_cpu.h"

#include <stdio.h>
#include <string.h>

#include "frontend/aarch64/a64_decode.h"
#include "frontend/aarch64/a64_fpenv.h"
#include "frontend/aarch64/a64_state.h"
#include "frontend/cpu_option.h"

enum { N1 = 1, MAX = 0 }; /* max has all */
static const struct {
    const char *name;
    int8_t hwcap, hwcap2;
} features[A64_FEAT_COUNT] = {
#define A64_FEATURE(id, name, hwcap, hwcap2, models) [A64_FEAT_##id] = {name, hwcap, hwcap2},
#include "frontend/aarch64/a64_features.def"
#undef A64_FEATURE
};

static const uint64_t of_n1 = 0
#define A64_FEATURE(id, name, hwcap, hwcap2, models) | (uint64_t)(models) << A64_FEAT_##id
#include "frontend/aarch64/a64_features.def"
#undef A64_FEATURE
    ;
const char *const a64_cpu_models[] = {"neoverse-n1", "max", "any", NULL};

bool a64_parse_cpu(const char *text, struct guest_config *config, char *message, size_t size)
{
    const struct cpu_model models[] = {{"neoverse-n1", of_n1}, {"max", A64_FEAT_ALL}, {"any", A64_FEAT_ALL}};
    static const char *const names[A64_FEAT_COUNT] = {
#define A64_FEATURE(id, name, hwcap, hwcap2, models) [A64_FEAT_##id] = A64_FEAT_##id == A64_FEAT_BASE ? NULL : name,
#include "frontend/aarch64/a64_features.def"
#undef A64_FEATURE
    };
    const struct cpu_option option = {models, ARRAY_LEN(models), names, A64_FEAT_COUNT};
    return cpu_option_parse(&option, text, config, message, size);
}

uint64_t a64_hwcap(const struct guest_config *config)
{
    uint64_t bits = 0;
    for (unsigned n = 0; n < A64_FEAT_COUNT; n++)
        bits |= config->features >> n & 1 && features[n].hwcap >= 0 ? UINT64_C(1) << features[n].hwcap : 0;
    return bits;
}

uint64_t a64_hwcap2(const struct guest_config *config)
{
    uint64_t bits = 0;
    for (unsigned n = 0; n < A64_FEAT_COUNT; n++)
        bits |= config->features >> n & 1 && features[n].hwcap2 >= 0 ? UINT64_C(1) << features[n].hwcap2 : 0;
    return bits;
}

/* Linux: arch/arm64/kernel/cpuinfo.c. BogoMIPS follow from the timer's frequency, 1 GHz. */
void a64_cpuinfo(const struct guest_config *config, unsigned processor, const char *host, char *out, size_t size)
{
    char names[256] = "";
    size_t len = 0;
    (void)host;
    for (unsigned n = 0; n < A64_FEAT_COUNT; n++) {
        if ((config->features >> n & 1) && features[n].hwcap >= 0 && len < sizeof names)
            len += (size_t)snprintf(names + len, sizeof names - len, " %s", features[n].name);
    }
    snprintf(out, size,
             "processor\t: %u\nBogoMIPS\t: 2000.00\nFeatures\t:%s\nCPU implementer\t: 0x41\n"
             "CPU architecture: 8\nCPU variant\t: 0x4\nCPU part\t: 0xd0c\nCPU revision\t: 1\n\n",
             processor, names);
}

void a64_cpu_init(struct cpu *cpu, const struct guest_config *config, gaddr_t entry, gaddr_t sp)
{
    struct a64_state *state = a64_state_of(cpu);
    memset(cpu->guest, 0, sizeof cpu->guest);
    a64_set_nzcv(state, 0);
    state->sp = sp;
    cpu->pc = entry;
    cpu->resv.addr = ~UINT64_C(0);
    a64_fp_from_guest(cpu);
}
