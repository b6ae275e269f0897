/* SPDX-License-Identifier: Apache-2.0 */
/* Installing a compiled region. */
#ifndef TANDEM_RUNTIME_ENGINE_INSTALL_H
#define TANDEM_RUNTIME_ENGINE_INSTALL_H

#include "runtime/engine/engine.h"

struct lopt_result;
struct region_plan;

/* Places compiled code, links its exits and redirects the head to it. Outside of any section; section is the caller's,
 * and entered on success and after STATUS_STALE. */
enum status region_install(struct engine *e, const struct region_plan *plan, const struct lopt_result *result,
                           struct cc_chunk **affinity, uint64_t *section, struct tb **region);

#endif
