/* SPDX-License-Identifier: Apache-2.0 */
/* /proc/cpuinfo: the host's lines of a processor, but for what CPUID says otherwise to the guest. */
#include <stdio.h>
#include <string.h>

#include "frontend/x86/decode/x86_features.h"

/* Names of features as Linux has them (arch/x86/include/asm/cpufeatures.h); "" is not shown. */
static const char *linux_name(const char *name)
{
    static const char *const others[][2] = {{"base", "fpu"},  {"sse3", "pni"},   {"lahf", "lahf_lm"},
                                            {"lzcnt", "abm"}, {"sha", "sha_ni"}, {"prefetchw", "3dnowprefetch"},
                                            {"osxsave", ""}};
    for (unsigned i = 0; i < ARRAY_LEN(others); i++) {
        if (!strcmp(name, others[i][0]))
            return others[i][1];
    }
    return name;
}

static size_t put_flags(const struct guest_config *config, char *out, size_t size)
{
    static const char *const names[X86_FEATURE_COUNT] = {
#define X86_FEATURE(name, leaf, reg, bit, offered) #name,
#include "frontend/x86/decode/x86_features.def"
    };
    size_t n = (size_t)snprintf(out, size, "flags\t\t:");
    for (unsigned i = 0; i < X86_FEATURE_COUNT && n < size; i++) {
        const char *name = linux_name(names[i]);
        if (*name && x86_cpu_feature(config, (enum x86_feature)i))
            n += (size_t)snprintf(out + n, size - n, " %s", name);
    }
    return n < size ? n + (size_t)snprintf(out + n, size - n, "\n") : n;
}

void x86_cpuinfo(const struct guest_config *config, unsigned processor, const char *host, char *out, size_t size)
{
    uint32_t leaf[4];
    size_t n = 0;
    x86_cpuid(config, 0, 0, leaf);
    if (strncmp(host, "processor\t", 10)) /* not of an x86 host */
        host = "";
    if (!*host)
        n = (size_t)snprintf(out, size, "processor\t: %u\n", processor);
    bool flags = false;
    for (const char *line = host, *next; *line && n < size; line = next) {
        next = line + strcspn(line, "\n");
        next += *next == '\n';
        if (!strncmp(line, "flags\t", 6)) {
            n += put_flags(config, out + n, size - n);
            flags = true;
        } else if (!strncmp(line, "cpuid level\t", 12)) {
            n += (size_t)snprintf(out + n, size - n, "cpuid level\t: %u\n", leaf[0]);
        } else {
            n += (size_t)snprintf(out + n, size - n, "%.*s", (int)(next - line), line);
        }
    }
    if (!flags && n < size)
        n += put_flags(config, out + n, size - n);
    if (n < size)
        snprintf(out + n, size - n, "\n");
}
