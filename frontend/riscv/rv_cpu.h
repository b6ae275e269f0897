/* SPDX-License-Identifier: Apache-2.0 */
/* The emulated CPU: model and features, initial state, FP state shown to the outside, signal frames. The functions
 * behind the fields of struct guest with the same names (frontend/guest.h). */
#ifndef TANDEM_FRONTEND_RISCV_RV_CPU_H
#define TANDEM_FRONTEND_RISCV_RV_CPU_H

#include "frontend/guest.h"

/* The kernel's struct rt_sigframe for riscv64: siginfo, struct ucontext (sigframe layout asserted in rv_signal.c). */
enum { RV_SIGFRAME_SIZE = 1088, RV_SIGFRAME_ALIGN = 16, RV_SIGRETURN_CODE_SIZE = 8 };

/* The time CSR ticks at 10 MHz, as QEMU's virt machine does: one tick is 100 ns of CLOCK_MONOTONIC. */
enum { RV_TIME_HZ = 10000000 };

TANDEM_BEGIN_DECLS
extern const char *const rv_cpu_models[];
extern const uint8_t rv_sigreturn_code[RV_SIGRETURN_CODE_SIZE];

bool rv_parse_cpu(const char *text, struct guest_config *config, char *message, size_t size);
uint64_t rv_hwcap(const struct guest_config *config);
uint64_t rv_hwcap2(const struct guest_config *config);
uint64_t rv_hwprobe(const struct guest_config *config, int64_t key, bool *known);
void rv_cpu_init(struct cpu *cpu, const struct guest_config *config, gaddr_t entry, gaddr_t sp);
uint32_t rv_mode(const struct cpu *cpu);
/* The accrued FP flags (enum fp_flag) of a cpu that is outside generated code. */
uint32_t rv_fflags(const struct cpu *cpu);
void rv_fp_to_guest(struct cpu *cpu);
void rv_fp_from_guest(struct cpu *cpu);
void rv_sigframe_fill(const struct cpu *cpu, const struct guest_signal *sig, gaddr_t frame, uint8_t *buf);
void rv_sigframe_enter(struct cpu *cpu, const struct guest_signal *sig, gaddr_t frame);
bool rv_sigframe_restore(struct cpu *cpu, const uint8_t *buf, struct guest_sigreturn *out);
TANDEM_END_DECLS

#endif
