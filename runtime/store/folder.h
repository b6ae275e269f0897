/* SPDX-License-Identifier: Apache-2.0 */
/* The folder of the cache, and what can be done with all that is in it.
 *
 *   ROOT/KEY/NAME.idx, NAME.dat     KEY: hash of build, options and host; NAME: hash of a file of the guest's
 *
 * Any thread and any process may do all of this at the same time. */
#ifndef TANDEM_RUNTIME_STORE_FOLDER_H
#define TANDEM_RUNTIME_STORE_FOLDER_H

#include "src/base/hash.h"

/* What lies in a folder. */
struct store_sums {
    uint64_t folders; /* KEYs */
    uint64_t files;   /* NAMEs */
    uint64_t entries;
    uint64_t bytes;
};

TANDEM_BEGIN_DECLS
/* Where the cache is: dir if given, else below XDG_CACHE_HOME or HOME/.cache. An absolute path (malloc); NULL:
 * nowhere. */
char *store_root_path(const char *dir);
/* Opens ROOT/KEY, which is made if make is set. -1: why says what is wrong, or is NULL if it is not there. */
int store_open_folder(const char *root, struct hash128 key, bool make, const char **why);
/* Adds up what is there. False: there is no such folder, or it is not to be used (why). */
bool store_sum(const char *root, struct store_sums *sums, const char **why);
/* If there is more than limit bytes, removes the pairs that were not used for longest until there is an eighth less
 * than that; pairs that are being written stay. Returns how many bytes were removed. */
uint64_t store_evict(const char *root, uint64_t limit);
TANDEM_END_DECLS

#endif
