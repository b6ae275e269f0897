/* SPDX-License-Identifier: Apache-2.0 */
/* The emulated CPU: model and features, initial state, FP state shown to the outside. The functions behind the fields
 * of struct guest and struct guest_linux with the same names. */
#ifndef TANDEM_FRONTEND_AARCH64_A64_CPU_H
#define TANDEM_FRONTEND_AARCH64_A64_CPU_H

#include "frontend/guest.h"

TANDEM_BEGIN_DECLS
extern const char *const a64_cpu_models[];

bool a64_parse_cpu(const char *text, struct guest_config *config, char *message, size_t size);
uint64_t a64_hwcap(const struct guest_config *config);
uint64_t a64_hwcap2(const struct guest_config *config);
void a64_cpu_init(struct cpu *cpu, const struct guest_config *config, gaddr_t entry, gaddr_t sp);
TANDEM_END_DECLS

#endif
