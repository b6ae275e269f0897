/* SPDX-License-Identifier: Apache-2.0 */
/* What a user can look at: logs of each stage (-d), timeline, perf map and jitdump, --explain, statistics. All of it
 * hangs on the engine's events. */
#ifndef TANDEM_RUNTIME_OBSERVE_OBSERVE_H
#define TANDEM_RUNTIME_OBSERVE_OBSERVE_H

#include <stddef.h>

#include "src/base/status.h"
#include "src/ir/region.h"

struct engine;
struct guest_mem;

/* Looks on from now on, as the engine's options say. mem: where symbols are looked for. On failure why says in words
 * what is wrong. */
enum status observe_create(struct engine *e, struct guest_mem *mem, char *why, size_t size);

#endif
