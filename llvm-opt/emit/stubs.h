/* SPDX-License-Identifier: Apache-2.0 */
/* The stubs of a region: made of its exit sites and LLVM's map of where their values are. */
#ifndef TANDEM_LLVM_OPT_STUBS_H
#define TANDEM_LLVM_OPT_STUBS_H

#include "llvm-opt/emit/stack_map.h"
#include "llvm-opt/emit/stub.h"
#include "src/base/status.h"

struct lopt_exit_site {
    unsigned exit; /* number of the exit */
    unsigned first_move, move_count;
    unsigned value_count; /* of its statepoint: struct cpu, then one a move that is not in_cpu */
};

/* The sites by the numbers of their statepoints. */
struct lopt_exit_table {
    bool wide, three_operands; /* see struct lopt_stub */
    struct lopt_exit_site *list;
    unsigned count, capacity;
    struct lopt_stub_move *moves; /* from is not known yet */
    unsigned move_count, move_capacity;
};

/* The stubs of a region's code. */
struct lopt_stubs {
    uint8_t *bytes; /* malloc, as the lists are */
    size_t size;
    struct lopt_stub_use *uses;
    size_t use_count;
    struct lopt_stub_end *ends;
    size_t end_count;
};
struct lopt_stub_use {
    uint32_t host, stub; /* behind the nops in the code; offset among the stubs */
};
struct lopt_stub_end {
    uint32_t at; /* offset among the stubs of the distance to the exit's code */
    unsigned exit;
};

TANDEM_BEGIN_DECLS
/* Writes the stubs of all sites. STATUS_EXIT_LOST: the map does not say where some value is, or in a way that is not
 * known here. stubs is for lopt_stubs_fini in any case. */
enum status lopt_stubs_make(const struct lopt_exit_table *sites, const struct lopt_object_maps *maps,
                            struct lopt_stubs *stubs);
void lopt_stubs_fini(struct lopt_stubs *stubs);
TANDEM_END_DECLS

#endif
