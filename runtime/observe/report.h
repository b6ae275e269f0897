/* SPDX-License-Identifier: Apache-2.0 */
/* --stats: the account of the whole run. */
#ifndef TANDEM_RUNTIME_OBSERVE_REPORT_H
#define TANDEM_RUNTIME_OBSERVE_REPORT_H

#include <stdbool.h>
#include <stdio.h>

struct engine;

/* Writes it: text for people, or one JSON object. */
void report_print(struct engine *e, FILE *out, bool json);

#endif
