/* SPDX-License-Identifier: Apache-2.0 */
/* The emulated CPU: model and features, initial state, FP state shown to the outside. The functions behind the fields
 * of struct guest and struct guest_linux with the same names. */
#ifndef TANDEM_FRONTEND_RISCV_RV_CPU_H
#define TANDEM_FRONTEND_RISCV_RV_CPU_H

#include "frontend/guest.h"

/* The time CSR ticks at 10 MHz, as QEMU's virt machine does: one tick is 100 ns of CLOCK_MONOTONIC. */
enum { RV_TIME_HZ = 10000000 };

TANDEM_BEGIN_DECLS
extern const char *const rv_cpu_models[];

bool rv_parse_cpu(const char *text, struct guest_config *config, char *message, size_t size);
uint64_t rv_hwcap(const struct guest_config *config);
/* The host's lines are of no use to a RISC-V processor. */
void rv_cpuinfo(const struct guest_config *config, unsigned processor, const char *host, char *out, size_t size);
/* riscv_hwprobe(2): the value of a key; *known false: no such key. */
uint64_t rv_hwprobe(const struct guest_config *config, int64_t key, bool *known);
void rv_cpu_init(struct cpu *cpu, const struct guest_config *config, gaddr_t entry, gaddr_t sp);
uint32_t rv_mode(const struct cpu *cpu);
/* The accrued FP flags (enum fp_flag) of a cpu that is outside generated code. */
uint32_t rv_fflags(const struct cpu *cpu);
void rv_fp_to_guest(struct cpu *cpu);
void rv_fp_from_guest(struct cpu *cpu);
TANDEM_END_DECLS

#endif
