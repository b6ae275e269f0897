/* SPDX-License-Identifier: Apache-2.0 */
/* The guest's accrued FP flags without reading the FPU's environment.
 *
 * Reading it waits for every FP operation in flight, and some guests read their flags around each comparison. The
 * flags are sticky, so they seldom change: once they have been read a few times, the exceptions whose flags are still
 * clear are unmasked, and the flags are known until the host traps. Generated code then finds them in cpu->fp_watch.
 *
 * I1  cpu->fp_watch is 0: nothing is known, whatever the masks are; or FP_WATCHED | flags: those are the five IEEE
 *     flags of the guest's environment, live or in cpu->fp_env, and the exceptions of all others are unmasked there.
 * I2  Whoever clears flags or masks in the environment calls fp_watch_stop first. Setting flags is left to FP
 *     instructions, which trap.
 * I3  A trap masks everything and ends the watch; the instruction runs again and raises its flags as ever. The flags
 *     that the trap itself set are removed: an unmasked underflow is also reported for exact results, which raise
 *     nothing.
 * I4  Every end of a watch makes the next one wait for twice as many readings, up to a limit, so that a trap costs
 *     little against the readings without a watch.
 *
 * Any thread, on its own cpu; fp_watch_trap is async-signal-safe. */
#ifndef TANDEM_IR_FP_WATCH_H
#define TANDEM_IR_FP_WATCH_H

#include "src/base/cpu.h"
#include "src/base/fp.h"

#define FP_WATCHED UINT32_C(0x80000000)
enum { FP_WATCH_FLAGS = FP_IEEE_FLAGS };

TANDEM_BEGIN_DECLS
/* The five accrued flags (enum fp_flag) while the guest's environment is in the host's FPU. May begin a watch. */
uint32_t fp_watch_read(struct cpu *cpu);
/* The same with the guest's environment in cpu->fp_env. */
uint32_t fp_watch_flags(const struct cpu *cpu);
/* Ends a watch and masks all exceptions in *env. */
void fp_watch_stop(struct cpu *cpu, uint32_t *env);
/* For the SIGFPE handler, with the environment of the interrupted code: true if the signal came from a watch; returning
 * repeats the instruction. */
bool fp_watch_trap(struct cpu *cpu, uint32_t *env);
TANDEM_END_DECLS

#endif
