/* SPDX-License-Identifier: Apache-2.0 */
/* NAME.idx and NAME.dat of one file of the guest's: opening, reading, appending.
 *
 * Used by one thread. Other processes, on other machines too, read and append at the same time; each of them may be
 * killed at any moment. */
#ifndef TANDEM_RUNTIME_STORE_FILE_H
#define TANDEM_RUNTIME_STORE_FILE_H

#include "runtime/store/format.h"

struct store_file {
    struct hash128 id;  /* of the guest's file */
    int idx, dat;       /* descriptors; -1: not open */
    bool dat_is_paired; /* dat was opened while idx was locked: it may be appended to */
    uint64_t known;     /* bytes of idx that were read */
    uint32_t damaged;   /* records that were not good */
};

/* Takes a record that was read. False: what reads is not to succeed (errno says why); the other records come, too. */
typedef bool (*store_record_fn)(const struct store_record *r, void *arg);

/* What came of an append. */
enum store_append { STORE_APPENDED, STORE_BUSY, STORE_FAILED };

TANDEM_BEGIN_DECLS
void store_file_init(struct store_file *f, struct hash128 id);
void store_file_close(struct store_file *f);
/* The descriptors are another process's: they are not closed. What is known of the records stays. */
void store_file_forget(struct store_file *f);
/* Opens the pair in folder dir if it is there and ours, and reads its records. why: what is wrong with it, or NULL. */
bool store_file_load(struct store_file *f, int dir, struct hash128 folder, store_record_fn take, void *arg,
                     const char **why);
/* Reads the entry's bytes to data (r->size of them) and checks them. */
bool store_file_read(const struct store_file *f, const struct store_record *r, uint8_t *data);
/* Appends an entry (r: pc, mode, flags, size, hash), making the pair if it is not there. Records that others have
 * appended meanwhile are given to take first. On STORE_APPENDED r is the whole record. STORE_BUSY: another one appends,
 * or the pair was just removed: try again later. STORE_FAILED: errno says why, ENOSPC for one. */
enum store_append store_file_append(struct store_file *f, int dir, struct hash128 folder, struct store_record *r,
                                    const uint8_t *data, store_record_fn take, void *arg);
TANDEM_END_DECLS

#endif
