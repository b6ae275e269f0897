/* SPDX-License-Identifier: Apache-2.0 */
/* PUTs that a side exit's own code does. See sink.c. */
#ifndef TANDEM_TCG_COMMON_SINK_H
#define TANDEM_TCG_COMMON_SINK_H

#include "tcg/common/context.h"

/* For liveness: marks the PUTs (TCG_VF_SUNK) in front of the EXIT_IF that only it sees; their operands live until it.
 */
void tcg_find_sunk(struct tcg *t, ir_ref exit);
/* A marked PUT has come, and is not emitted. */
void tcg_sink(struct tcg *t, ir_ref put);
/* For the emitter of EXIT_IF, when nothing but jumps will come before the exit: notes where the values are that were
 * put since the last exit. False: none was. */
struct tcg_stores {
    uint32_t first, count;
};
bool tcg_take_sunk(struct tcg *t, struct tcg_stores *stores);
/* Emits them, in front of the jump to the exit's target. It may use every scratch register. */
void tcg_emit_stores(struct tcg *t, struct tcg_stores stores);

#endif
