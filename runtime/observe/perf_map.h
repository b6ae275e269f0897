/* SPDX-License-Identifier: Apache-2.0 */
/* --perf-map and --jitdump: names of generated code for perf. Any thread. */
#ifndef TANDEM_RUNTIME_OBSERVE_PERF_MAP_H
#define TANDEM_RUNTIME_OBSERVE_PERF_MAP_H

#include "src/base/options.h"
#include "src/base/status.h"

struct perf_output;

/* Opens what the options ask for. */
enum status perf_open(const struct options *o, struct perf_output **p);
/* Code of size bytes at rx (readable there) is called name from now on. */
void perf_code(struct perf_output *p, const uint8_t *rx, size_t size, const char *name);
void perf_close(struct perf_output *p);
void perf_destroy(struct perf_output *p);

#endif
