/* SPDX-License-Identifier: Apache-2.0 */
/* Follows values through host code, from where a map says that they are back to an earlier instruction. */
#ifndef TANDEM_LLVM_OPT_TRACK_H
#define TANDEM_LLVM_OPT_TRACK_H

#include "llvm-opt/lopt.h"

struct lopt_track; /* the code of one region, decoded as far as it was looked at */

/* Where a value is: what is there, shifted to the left, plus add; then, if so said, extended from 32 bits. */
struct lopt_location {
    uint8_t where;         /* enum lopt_where */
    uint8_t bytes;         /* how many of it count */
    uint8_t shift, extend; /* extend: enum lopt_extend */
    int64_t at, add;       /* a constant is at; the others have 32 bits */
};

/* code must outlive the result. NULL: no memory. */
struct lopt_track *lopt_track_open(const uint8_t *code, size_t size);
void lopt_track_close(struct lopt_track *track);

/* Offset of the first instruction behind the one at offset at, in the order of the code, that makes a marked access
 * (host.h). at: SIZE_MAX for the first of all. SIZE_MAX: there is none. */
size_t lopt_track_next_access(struct lopt_track *track, size_t at);
/* Ways end at this offset: number is what lopt_track_way then returns. */
void lopt_track_end_at(struct lopt_track *track, uint32_t at, uint32_t number);
/* Finds a way that the code may go from offset from to where ways end, the first on it. Returns its number.
 * -1: there is none. */
int64_t lopt_track_way(struct lopt_track *track, uint32_t from);
/* Along that way, back from its end to its begin: changes *l, where a value is at the end, to where it is before the
 * instruction at the begin. False: the value is not there yet. */
bool lopt_track_back(const struct lopt_track *track, struct lopt_location *l);
/* The value of a location that is a constant. */
int64_t lopt_track_constant(const struct lopt_location *l);
/* Where register number dwarf of the host is; false: not among those that LLVM uses for values. */
bool lopt_track_register(unsigned dwarf, struct lopt_location *l);
bool lopt_track_is_stack_pointer(unsigned dwarf);

#endif
