/* SPDX-License-Identifier: Apache-2.0 */
/* lopt.h in a build without tier 2: no compiler can be opened, so nothing is compiled, linked or shown. */
#include <stdlib.h>

#include "llvm-opt/lopt.h"

enum status lopt_open(const struct lopt_options *options, struct lopt **lopt, char *message, size_t size)
{
    *lopt = NULL;
    snprintf(message, size, "this build has no tier 2");
    return STATUS_LLVM_MISSING;
}

uint64_t lopt_load_cost(void) { return 0; }

void lopt_close(struct lopt *lopt) {}

enum status lopt_compile(struct lopt *lopt, const struct ir_region *region, struct lopt_result *result)
{
    *result = (struct lopt_result){0};
    return STATUS_LLVM_MISSING;
}

enum status lopt_link(const struct lopt_result *result, uint8_t *rw, const uint8_t *rx, const uint8_t *const *exit_addr)
{
    return STATUS_LLVM_MISSING;
}

const uint8_t *lopt_entry(const struct lopt_result *result, const uint8_t *rx, unsigned number) { return NULL; }

void lopt_result_fini(struct lopt_result *result) {}

size_t lopt_save(const struct lopt_result *result, uint8_t *to, size_t size) { return 0; }

enum status lopt_load(const uint8_t *from, size_t size, struct lopt_result *result)
{
    *result = (struct lopt_result){0};
    return STATUS_LLVM_MISSING;
}

unsigned lopt_recover(const struct lopt_faults *faults, uint32_t host, struct cpu *cpu, const void *context)
{
    return 0;
}

enum status lopt_explain(struct lopt *lopt, const struct ir_region *region, FILE *out) { return STATUS_LLVM_MISSING; }

enum status lopt_disas_host(const uint8_t *code, size_t size, uint64_t base, FILE *out) { return STATUS_LLVM_MISSING; }
