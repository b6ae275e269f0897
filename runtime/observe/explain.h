/* SPDX-License-Identifier: Apache-2.0 */
/* --explain: one place of the guest through all stages. */
#ifndef TANDEM_RUNTIME_OBSERVE_EXPLAIN_H
#define TANDEM_RUNTIME_OBSERVE_EXPLAIN_H

#include <stdio.h>

struct engine;
struct symbols;

/* place: an address or a symbol; symbols may be NULL. At the end of the run. */
void explain_place(struct engine *e, struct symbols *symbols, const char *place, FILE *out);

#endif
