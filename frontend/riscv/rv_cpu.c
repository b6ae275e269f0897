/* SPDX-License-Identifier: Apache-2.0 */
/* CPU models and features, what the kernel tells a program about them, and the state of a new process.
 *
 * I1  -cpu is MODEL[,EXTENSION=BOOL]...; a feature set is consistent: D needs F, F needs Zicsr.
 * I2  AT_HWCAP and hwprobe say what the decoder accepts, nothing else.
 */
#include "frontend/riscv/rv_cpu.h"

#include <stdio.h>
#include <string.h>

#include "frontend/cpu_option.h"
#include "frontend/riscv/rv_decode.h"
#include "frontend/riscv/rv_state.h"
#include "src/host/fpenv.h"
#include "src/ir/fp_watch.h"

struct ext_info {
    const char *name;
    int hwcap, hwprobe;
};
static const struct ext_info exts[RV_EXT_COUNT] = {
#define RV_EXT(id, name, hwcap, hwprobe) [RV_EXT_INDEX_##id] = {name, hwcap, hwprobe},
#include "frontend/riscv/rv_ext.def"
#undef RV_EXT
};

enum { RV64GC = RV_EXT_I | RV_EXT_M | RV_EXT_A | RV_EXT_F | RV_EXT_D | RV_EXT_C | RV_EXT_ZICSR | RV_EXT_ZIFENCEI };
#define MODELS(X)                                                                                                      \
    X("rv64", RV_EXT_ALL)                                                                                              \
    X("max", RV_EXT_ALL)                                                                                               \
    X("any", RV_EXT_ALL)                                                                                               \
    X("sifive-u54", RV64GC)

static const struct cpu_model models[] = {
#define X(name, features) {name, features},
    MODELS(X)
#undef X
};
const char *const rv_cpu_models[] = {
#define X(name, features) name,
    MODELS(X) NULL
#undef X
};

static bool check_features(uint64_t features, char *message, size_t size)
{
    if (!(features & RV_EXT_I))
        snprintf(message, size, "CPU property i cannot be off");
    else if ((features & RV_EXT_D) && !(features & RV_EXT_F))
        snprintf(message, size, "CPU property d needs f");
    else if ((features & RV_EXT_F) && !(features & RV_EXT_ZICSR))
        snprintf(message, size, "CPU property f needs zicsr");
    else
        return true;
    return false;
}

bool rv_parse_cpu(const char *text, struct guest_config *config, char *message, size_t size)
{
    static const char *const names[RV_EXT_COUNT] = {
#define RV_EXT(id, name, hwcap, hwprobe) [RV_EXT_INDEX_##id] = name,
#include "frontend/riscv/rv_ext.def"
#undef RV_EXT
    };
    static const struct cpu_option option = {models, ARRAY_LEN(models), names, RV_EXT_COUNT};
    return cpu_option_parse(&option, text, config, message, size) && check_features(config->features, message, size);
}

uint64_t rv_hwcap(const struct guest_config *config)
{
    uint64_t bits = 0;

    for (unsigned n = 0; n < RV_EXT_COUNT; n++) {
        if ((config->features >> n & 1) && exts[n].hwcap >= 0)
            bits |= UINT64_C(1) << exts[n].hwcap;
    }
    return bits;
}

/* Linux: arch/riscv/kernel/cpu.c. Extensions of one letter, then the others behind underscores. */
void rv_cpuinfo(const struct guest_config *config, unsigned processor, const char *host, char *out, size_t size)
{
    char isa[128] = "rv64";
    for (unsigned letters = 2; letters-- > 0;) {
        for (unsigned n = 0; n < RV_EXT_COUNT; n++) {
            const size_t used = strlen(isa);
            if ((config->features >> n & 1) && (exts[n].name[1] == 0) == letters)
                snprintf(isa + used, sizeof isa - used, letters ? "%s" : "_%s", exts[n].name);
        }
    }
    snprintf(out, size,
             "processor\t: %u\nhart\t\t: %u\nisa\t\t: %s\nmmu\t\t: sv48\n"
             "mvendorid\t: 0x0\nmarchid\t\t: 0x0\nmimpid\t\t: 0x0\n\n",
             processor, processor, isa);
}

/* Keys of riscv_hwprobe(2), linux/Documentation/arch/riscv/hwprobe.rst. */
enum {
    HWPROBE_MVENDORID,
    HWPROBE_MARCHID,
    HWPROBE_MIMPID,
    HWPROBE_BASE_BEHAVIOR,
    HWPROBE_IMA_EXT_0,
    HWPROBE_CPUPERF_0,
    HWPROBE_ZICBOZ_BLOCK_SIZE,
    HWPROBE_HIGHEST_VIRT_ADDRESS,
    HWPROBE_TIME_CSR_FREQ,
    HWPROBE_MISALIGNED_SCALAR_PERF,
    HWPROBE_BASE_BEHAVIOR_IMA = 1,
    HWPROBE_MISALIGNED_FAST = 3
};

static uint64_t ima_ext_0(const struct guest_config *config)
{
    uint64_t bits = 0;

    for (unsigned n = 0; n < RV_EXT_COUNT; n++) {
        if ((config->features >> n & 1) && exts[n].hwprobe >= 0)
            bits |= UINT64_C(1) << exts[n].hwprobe;
    }
    return bits;
}

uint64_t rv_hwprobe(const struct guest_config *config, int64_t key, bool *known)
{
    const uint64_t ima = RV_EXT_I | RV_EXT_M | RV_EXT_A;

    *known = true;
    switch (key) {
    case HWPROBE_MVENDORID:
    case HWPROBE_MARCHID:
    case HWPROBE_MIMPID:
    case HWPROBE_ZICBOZ_BLOCK_SIZE:
        return 0;
    case HWPROBE_BASE_BEHAVIOR:
        return (config->features & ima) == ima ? HWPROBE_BASE_BEHAVIOR_IMA : 0;
    case HWPROBE_IMA_EXT_0:
        return ima_ext_0(config);
    case HWPROBE_CPUPERF_0:
    case HWPROBE_MISALIGNED_SCALAR_PERF:
        return HWPROBE_MISALIGNED_FAST;
    case HWPROBE_HIGHEST_VIRT_ADDRESS:
        return (UINT64_C(1) << 47) - 1;
    case HWPROBE_TIME_CSR_FREQ:
        return RV_TIME_HZ;
    }
    *known = false;
    return 0;
}

void rv_cpu_init(struct cpu *cpu, const struct guest_config *config, gaddr_t entry, gaddr_t sp)
{
    struct rv_state *state = rv_state_of(cpu);

    memset(cpu->guest, 0, sizeof(cpu->guest));
    state->x2 = sp;
    cpu->pc = entry;
    cpu->resv.addr = ~UINT64_C(0);
    rv_fp_from_guest(cpu);
}

uint32_t rv_mode(const struct cpu *cpu) { return rv_mode_of_frm(rv_state_const(cpu)->frm); }

uint32_t rv_fflags(const struct cpu *cpu) { return fp_watch_flags(cpu); }

void rv_fp_to_guest(struct cpu *cpu) { rv_state_of(cpu)->fflags = rv_fflags(cpu); }

void rv_fp_from_guest(struct cpu *cpu)
{
    const struct rv_state *state = rv_state_of(cpu);

    cpu->fp_flags = state->fflags & RV_FFLAGS_MASK;
    fp_watch_stop(cpu, &cpu->fp_env);
    cpu->fp_env = host_fp_with_rounding(host_fp_default(), state->frm < RV_FRM_RMM ? state->frm : FP_TO_NEAREST);
    cpu->mode = rv_mode(cpu);
}
