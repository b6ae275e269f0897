/* SPDX-License-Identifier: Apache-2.0 */
/* The cache on disk as one process sees it: entries of bytes, named by a file of the guest's, an address and a mode.
 *
 * What an entry holds is the caller's. What is found was written by the same build with the same options on the same
 * kind of host (the key), and is whole. Whether it fits what the guest has in memory is for the caller to see.
 *
 * Making a store costs nothing: folder and files are looked for when the first job needs them. */
#ifndef TANDEM_RUNTIME_STORE_STORE_H
#define TANDEM_RUNTIME_STORE_STORE_H

#include "runtime/store/format.h"
#include "runtime/store/queue.h"

struct store;

struct store_setup {
    const char *root; /* store_root_path; copied */
    uint64_t limit;   /* bytes on disk; 0: none */
    bool shares;      /* store_queue.shares */
    /* Hash of all that entries depend on besides the guest's bytes and the build. Asked once, on the cache's thread. */
    struct hash128 (*key)(void *arg);
    void *arg;
};

enum store_answer { STORE_UNKNOWN, STORE_ABSENT, STORE_PRESENT };

/* Why a put failed. */
enum store_put { STORE_PUT_OK, STORE_PUT_BUSY, STORE_PUT_NEEDLESS, STORE_PUT_FAILED };

TANDEM_BEGIN_DECLS
/* NULL: no memory. It lives as long as the process. */
struct store *store_create(const struct store_setup *setup);
/* Only if nothing was posted: no thread has the store. NULL: nothing to do. */
void store_destroy(struct store *s);
struct store_queue *store_queue(struct store *s);
/* Is there an entry? UNKNOWN: the index of this file was not read yet. Any thread. */
enum store_answer store_look(struct store *s, struct hash128 file, gaddr_t pc, uint32_t mode);

/* ---- on the cache's thread ---- */
/* The newest entry, then the next older one: *at begins as STORE_NEWEST. False: no more. Reads the index if need be. */
bool store_find(struct store *s, struct hash128 file, gaddr_t pc, uint32_t mode, uint32_t *at,
                struct store_record *record);
/* The entry's bytes (malloc). NULL: they are not what was written; then the entry is not found any more. */
uint8_t *store_get(struct store *s, struct hash128 file, uint32_t at, const struct store_record *record);
/* The same into bytes of the caller's, record->size of them. False: they are not what was written. */
bool store_get_into(struct store *s, struct hash128 file, uint32_t at, const struct store_record *record,
                    uint8_t *data);
/* Stores an entry. BUSY: another process writes, try again later. NEEDLESS: it is there. */
enum store_put store_put(struct store *s, struct hash128 file, const struct store_record *what, const uint8_t *data);

/* Ends the cache's thread; the next job starts it again. */
void store_end_thread(struct store *s);
void store_fork_prepare(struct store *s);
void store_fork_parent(struct store *s);
void store_fork_child(struct store *s);
TANDEM_END_DECLS

#endif
