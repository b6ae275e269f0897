/* SPDX-License-Identifier: Apache-2.0 */
/* --timeline: Chrome's trace-event format. Any thread. */
#ifndef TANDEM_RUNTIME_OBSERVE_TIMELINE_H
#define TANDEM_RUNTIME_OBSERVE_TIMELINE_H

#include "src/base/status.h"

struct timeline;

enum status timeline_open(const char *path, struct timeline **t);
/* One complete slice on track tid; times in nanoseconds since the start of the run. */
void timeline_slice(struct timeline *t, unsigned tid, const char *category, const char *name, uint64_t begin,
                    uint64_t end, const char *args_json);
void timeline_track(struct timeline *t, unsigned tid, const char *name);
void timeline_close(struct timeline *t);
/* Closes the file of a run that did not begin, and frees t. */
void timeline_destroy(struct timeline *t);

#endif
