/* SPDX-License-Identifier: Apache-2.0 */
/* LLVM's stack map section: where values are in the code of a region. */
#ifndef TANDEM_LLVM_OPT_STACK_MAP_H
#define TANDEM_LLVM_OPT_STACK_MAP_H

#include "llvm-opt/emit/track.h"

/* In the number of a statepoint: it is not behind accesses, but in front of them (points.h); it is a way out
 * (exit_sites.h). */
enum { LOPT_POINT_BEGIN = 1 << 30, LOPT_EXIT_SITE = 1 << 29 };

/* What the object has besides code. */
struct lopt_object_maps {
    const uint8_t *records; /* LLVM's stack map section; NULL: there is none */
    size_t bytes;
    uint32_t entry; /* offset of the function in the code */
};

/* A record: of one statepoint, at one place of the code. */
struct lopt_map_record {
    uint32_t number;       /* of the statepoint (statepoint.h) */
    uint32_t host;         /* offset in the code, behind the statepoint */
    const uint8_t *values; /* where its values are, LLVM's form */
    unsigned count;        /* values */
};

/* A walk through the records. */
struct lopt_map_walk {
    const struct lopt_object_maps *maps;
    const uint8_t *constants, *at;
    size_t left;    /* records that are to come */
    uint64_t frame; /* bytes of the function's frame; UINT64_MAX: they vary */
    bool broken;    /* the section is not of the form that is known */
};

TANDEM_BEGIN_DECLS
void lopt_map_begin(struct lopt_map_walk *walk, const struct lopt_object_maps *maps);
/* The next record; false: there is none, or the section is broken. */
bool lopt_map_next(struct lopt_map_walk *walk, struct lopt_map_record *record);
/* Where value number i of the record is, of which this many bytes count. False: somewhere that is not known here. */
bool lopt_map_value(const struct lopt_map_walk *walk, const struct lopt_map_record *record, unsigned i, unsigned bytes,
                    struct lopt_location *l);
TANDEM_END_DECLS

#endif
