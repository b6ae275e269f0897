/* SPDX-License-Identifier: Apache-2.0 */
/* The argument of -cpu for guests whose CPUs are a model and features by name: MODEL[,FEATURE=BOOL]... */
#ifndef TANDEM_FRONTEND_CPU_OPTION_H
#define TANDEM_FRONTEND_CPU_OPTION_H

#include "frontend/guest.h"

struct cpu_model {
    const char *name;
    uint64_t features;
};

struct cpu_option {
    const struct cpu_model *models; /* the first one is the default */
    unsigned model_count;
    const char *const *features; /* by bit; NULL: always there */
    unsigned feature_count;
};

/* struct guest_cpu's parse: sets model and features of config. False and a message if the text is not understood. Any
 * thread. */
bool cpu_option_parse(const struct cpu_option *option, const char *text, struct guest_config *config, char *message,
                      size_t size);

#endif
