/* SPDX-License-Identifier: Apache-2.0 */
/* See cpu_option.h. */
#include "frontend/cpu_option.h"

#include <stdio.h>
#include <string.h>

static bool is_word(const char *word, const char *text, size_t len)
{
    return word && strlen(word) == len && memcmp(word, text, len) == 0;
}

static const struct cpu_model *find_model(const struct cpu_option *option, const char *name, size_t len)
{
    for (unsigned n = 0; n < option->model_count; n++) {
        if (is_word(option->models[n].name, name, len))
            return &option->models[n];
    }
    return NULL;
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
static bool apply_toggle(const struct cpu_option *option, const char *item, size_t len, uint64_t *features,
                         char *message, size_t size)
{
    const char *equals = memchr(item, '=', len);
    size_t name_len = equals ? (size_t)(equals - item) : len;
    bool value = true;
    for (unsigned n = 0; n < option->feature_count; n++) {
        if (!is_word(option->features[n], item, name_len))
            continue;
        if (!equals || !parse_bool(equals + 1, len - name_len - 1, &value)) {
            snprintf(message, size, "CPU property '%.*s' needs =true or =false", (int)name_len, item);
            return false;
        }
        *features = value ? *features | UINT64_C(1) << n : *features & ~(UINT64_C(1) << n);
        return true;
    }
    snprintf(message, size, "unknown CPU property '%.*s'", (int)name_len, item);
    return false;
}

bool cpu_option_parse(const struct cpu_option *option, const char *text, struct guest_config *config, char *message,
                      size_t size)
{
    const char *name = text ? text : option->models[0].name;
    size_t len = strcspn(name, ",");
    const char *item = name + len;
    const struct cpu_model *model = find_model(option, name, len);
    memset(config, 0, sizeof *config);
    if (!model) {
        snprintf(message, size, "unknown CPU '%.*s'", (int)len, name);
        return false;
    }
    config->features = model->features;
    while (*item == ',') {
        size_t item_len = strcspn(++item, ",");
        if (!apply_toggle(option, item, item_len, &config->features, message, size))
            return false;
        item += item_len;
    }
    snprintf(config->model, sizeof config->model, "%.*s", (int)len, name);
    return true;
}
