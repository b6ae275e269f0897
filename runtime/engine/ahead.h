/* SPDX-License-Identifier: Apache-2.0 */
/* The order in which a program asks for its pieces of tier-1 code (units.h), kept in the cache on disk: the next run
 * reads ahead of the guest, which then need not wait for each piece. All on the cache's thread, but for ahead_create,
 * ahead_destroy and ahead_is_new. */
#ifndef TANDEM_RUNTIME_ENGINE_AHEAD_H
#define TANDEM_RUNTIME_ENGINE_AHEAD_H

#include "runtime/engine/warm_thread.h"

struct ahead;

/* A piece, by some address of guest code in it and the guest's file that this is of. */
struct ahead_piece {
    struct hash128 file;
    gaddr_t pc;
};

/* NULL: no memory; then nothing is read ahead. */
struct ahead *ahead_create(struct warm_thread *on);
/* NULL: nothing to do, here and below. */
void ahead_destroy(struct ahead *a);
/* The guest asks for the piece. How many are to be read ahead now: more the better that went so far. */
unsigned ahead_asked(struct ahead *a, const struct ahead_piece *piece);
/* The next piece of the order that is likely to be asked for. NULL: there is none. */
const struct ahead_piece *ahead_next(struct ahead *a);
/* The guest may still have to ask for ahead_next's last answer: the window ends before it. */
void ahead_put_back(struct ahead *a);
/* The number of the window that ahead_asked opened last. */
unsigned ahead_window(const struct ahead *a);
/* The piece was read ahead, in this window. */
void ahead_loaded(struct ahead *a, const struct ahead_piece *piece, unsigned window);
/* Blocks of the piece were translated, and are stored. */
void ahead_made(struct ahead *a, const struct ahead_piece *piece);
/* Is this run's order so much another one that it is worth storing? Any thread. */
bool ahead_is_new(const struct ahead *a);
/* Stores it if so. */
void ahead_save(struct ahead *a);

#endif
