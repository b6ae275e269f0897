/* SPDX-License-Identifier: Apache-2.0 */
/* Finding the block at a guest pc, which is translated if it is not there. */
#ifndef TANDEM_RUNTIME_ENGINE_TRANSLATE_H
#define TANDEM_RUNTIME_ENGINE_TRANSLATE_H

#include "src/base/types.h"

struct engine_thread;
struct ir_block;
struct tb;

/* The block at pc and mode, translated now if need be. Inside a read section (which it may leave and re-enter). NULL:
 * nothing executable is there. */
struct tb *translate_find(struct engine_thread *t, gaddr_t pc, uint32_t mode);
/* The one instruction at pc as it is now, in the thread's arena, for the interpreter. NULL: nothing executable is
 * there. */
const struct ir_block *translate_single(struct engine_thread *t, gaddr_t pc, uint32_t mode);

#endif
