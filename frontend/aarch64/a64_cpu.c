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

enum { MODEL_N1 = 1, MODEL_MAX = 2, N1 = MODEL_N1 | MODEL_MAX, MAX = MODEL_MAX };
static const struct {
    const char *name;
    int8_t hwcap, hwcap2;
    uint8_t models;
} features[A64_FEAT_COUNT] = {
#define A64_FEATURE(id, name, hwcap, hwcap2, models) [A64_FEAT_##id] = {name, hwcap, hwcap2, models},
#include "frontend/aarch64/a64_features.def"
#undef A64_FEATURE
};

static const struct {
    const char *name;
    uint8_t bit;
} models[] = {{"neoverse-n1", MODEL_N1}, {"max", MODEL_MAX}, {"any", MODEL_MAX}};
const char *const a64_cpu_models[] = {"neoverse-n1", "max", "any", NULL};

static bool is_word(const char *word, const char *text, size_t len)
{
    return strlen(word) == len && memcmp(word, text, len) == 0;
}

static bool find_model(const char *name, size_t len, uint64_t *set)
{
    for (size_t m = 0; m < ARRAY_LEN(models); m++) {
        if (!is_word(models[m].name, name, len))
            continue;
        for (unsigned n = 0; n < A64_FEAT_COUNT; n++)
            *set |= features[n].models & models[m].bit ? UINT64_C(1) << n : 0;
        return true;
    }
    return false;
}

static bool parse_bool(const char *text, size_t len, bool *value)
{
    static const char *const words[] = {"false", "off", "no", "0", "true", "on", "yes", "1"};
    for (size_t n = 0; n < ARRAY_LEN(words); n++) {
        if (is_word(words[n], text, len)) {
            *value = n >= ARRAY_LEN(words) / 2;
            return true;
        }
    }
    return false;
}

/* One "FEATURE=BOOL" of len bytes. */
static bool apply_toggle(const char *item, size_t len, uint64_t *set, char *message, size_t size)
{
    const char *equals = memchr(item, '=', len);
    size_t name_len = equals ? (size_t)(equals - item) : len;
    bool value = true;
    for (unsigned n = A64_FEAT_BASE + 1; n < A64_FEAT_COUNT; n++) {
        if (!is_word(features[n].name, item, name_len))
            continue;
        if (!equals || !parse_bool(equals + 1, len - name_len - 1, &value)) {
            snprintf(message, size, "CPU property '%.*s' needs =true or =false", (int)name_len, item);
            return false;
        }
        *set = value ? *set | UINT64_C(1) << n : *set & ~(UINT64_C(1) << n);
        return true;
    }
    snprintf(message, size, "unknown CPU property '%.*s'", (int)name_len, item);
    return false;
}

bool a64_parse_cpu(const char *text, struct guest_config *config, char *message, size_t size)
{
    const char *name = text ? text : models[0].name;
    size_t len = strcspn(name, ",");
    const char *item = name + len;
    memset(config, 0, sizeof *config);
    if (!find_model(name, len, &config->features)) {
        snprintf(message, size, "unknown CPU '%.*s'", (int)len, name);
        return false;
    }
    while (*item == ',') {
        size_t item_len = strcspn(++item, ",");
        if (!apply_toggle(item, item_len, &config->features, message, size))
            return false;
        item += item_len;
    }
    snprintf(config->model, sizeof config->model, "%.*s", (int)len, name);
    return true;
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
