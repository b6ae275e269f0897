/* SPDX-License-Identifier: Apache-2.0 */
/* Adds up what threads have counted. */
#include "runtime/engine/stats.h"

void stats_add(struct stats *sum, const struct stats *s)
{
#define STAT(field, unit, text) sum->field += s->field;
#include "runtime/engine/stats.def"
#undef STAT
    for (unsigned i = 0; i < STATUS_COUNT; i++)
        sum->aborts[i] += s->aborts[i];
    for (unsigned i = 0; i < TIME_COUNT; i++)
        sum->times[i] += s->times[i];
    ir_eval_counts_add(&sum->evals, &s->evals);
}
