/* SPDX-License-Identifier: Apache-2.0 */
/* The indirect-branch translation cache of a guest thread (cpu.h), as the dispatcher fills it. Only the thread itself
 * changes it, and only outside of generated code.
 *
 * It grows by use: twice the size, when a part of it is filled. An entry in the other slot of a pair is found by code
 * that all jumps share, whose target the host predicts badly: with a fourth of the entries perl was 1.6 times slower,
 * though it missed as little.
 *
 * An entry is a hint of where a block is entered. A block that begins or ends to count its executions, or that gets a
 * region, is entered elsewhere; an older entry leads to code that is as right. */
#ifndef TANDEM_RUNTIME_ENGINE_IBTC_H
#define TANDEM_RUNTIME_ENGINE_IBTC_H

#include "runtime/engine/tb.h"
#include "runtime/engine/thread.h"

/* Empties it: of what was retired, or of another mode. */
void ibtc_empty(struct engine_thread *t);
/* tb was reached by an indirect jump. */
void ibtc_remember(struct engine_thread *t, struct tb *tb);
/* If it has tb, it leads to where tb is entered now. */
void ibtc_correct(struct engine_thread *t, const struct tb *tb);

#endif
