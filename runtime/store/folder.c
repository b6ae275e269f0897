/* SPDX-License-Identifier: Apache-2.0 */
/* Making, walking and emptying the folder.
 *
 * I1  Only names of the form that the cache gives are looked at or removed: whatever else lies there stays.
 * I2  A pair is removed under its lock, dat first (file.c I3). Folders go when they are empty.
 */
#include "runtime/store/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/store/format.h"
#include "runtime/store/owner.h"

enum { DIGITS = HASH128_TEXT - 1, PAIR_NAME = DIGITS + 5 };

/* A pair, as eviction sees it. */
struct pair {
    char key[HASH128_TEXT], name[HASH128_TEXT];
    uint64_t bytes, entries;
    struct timespec used;
};

struct pairs {
    struct pair *list; /* malloc */
    size_t count, capacity;
    uint64_t folders, bytes, entries;
};

/* The guest may change its folder before the path is used. */
static char *absolute_path(const char *dir)
{
    char *here = getcwd(NULL, 0), *path = NULL;
    if (!here || asprintf(&path, "%s/%s", here, dir) < 0)
        path = NULL;
    free(here);
    return path;
}

char *store_root_path(const char *dir)
{
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    char *path = NULL;
    int n = -1;
    if (dir && dir[0] == '/')
        return strdup(dir);
    if (dir)
        return dir[0] ? absolute_path(dir) : NULL;
    if (cache && cache[0] == '/')
        n = asprintf(&path, "%s/tandem", cache);
    else if (home && home[0] == '/')
        n = asprintf(&path, "%s/.cache/tandem", home);
    return n < 0 ? NULL : path;
}

/* mkdir -p, each folder for the user alone. */
static void make_path(const char *path)
{
    char *copy = strdup(path);
    for (char *p = copy; p && *p; p++) {
        if (p > copy && *p == '/') {
            *p = 0;
            mkdir(copy, 0700);
            *p = '/';
        }
    }
    if (copy)
        mkdir(copy, 0700);
    free(copy);
}

static int open_folder(int at, const char *name, int flags, const char **why)
{
    *why = NULL;
    int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | flags);
    if (fd < 0) {
        *why = errno == ENOENT ? NULL : "cannot be opened";
        return -1;
    }
    *why = store_not_ours(fd, S_IFDIR);
    if (*why) {
        close(fd);
        return -1;
    }
    return store_high_fd(fd);
}

int store_open_folder(const char *root, struct hash128 key, bool make, const char **why)
{
    char text[HASH128_TEXT];
    hash128_text(key, text);
    int top = open_folder(AT_FDCWD, root, 0, why);
    if (top < 0 && !*why && make) {
        make_path(root);
        top = open_folder(AT_FDCWD, root, 0, why);
        if (top < 0 && !*why)
            *why = "cannot be made";
    }
    if (top < 0)
        return -1;
    if (make && mkdirat(top, text, 0700) != 0 && errno != EEXIST)
        *why = "cannot be written";
    int fd = *why ? -1 : open_folder(top, text, O_NOFOLLOW, why);
    close(top);
    return fd;
}

/* Are these so many hexadecimal digits and then suffix? (I1) */
static bool has_form(const char *name, const char *suffix)
{
    return strspn(name, "0123456789abcdef") == DIGITS && strcmp(name + DIGITS, suffix) == 0;
}

static void pair_file(const struct pair *p, const char *suffix, char name[PAIR_NAME])
{
    snprintf(name, PAIR_NAME, "%s%s", p->name, suffix);
}

static bool add_pair(struct pairs *all, const struct pair *p)
{
    if (all->count == all->capacity) {
        size_t n = all->capacity ? all->capacity * 2 : 64;
        struct pair *list = realloc(all->list, n * sizeof *list);
        if (!list)
            return false;
        all->list = list;
        all->capacity = n;
    }
    all->list[all->count++] = *p;
    all->bytes += p->bytes;
    all->entries += p->entries;
    return true;
}

static uint64_t size_of(int dir, const char *name, struct timespec *used)
{
    struct stat st;
    if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return 0;
    *used = st.st_mtim;
    return (uint64_t)st.st_size;
}

static void list_folder(int dir, const char *key, struct pairs *all)
{
    DIR *d = fdopendir(dir); /* closes dir with it */
    const struct dirent *entry;
    all->folders++;
    while (d && (entry = readdir(d))) {
        struct pair p = {.bytes = 0};
        struct timespec dat_used;
        char dat[PAIR_NAME];
        if (!has_form(entry->d_name, ".idx"))
            continue;
        memcpy(p.key, key, sizeof p.key);
        memcpy(p.name, entry->d_name, DIGITS);
        pair_file(&p, ".dat", dat);
        p.bytes = size_of(dirfd(d), entry->d_name, &p.used);
        p.entries = p.bytes > STORE_SLOT ? p.bytes / STORE_SLOT - 1 : 0;
        p.bytes += size_of(dirfd(d), dat, &dat_used);
        if (!add_pair(all, &p))
            break;
    }
    if (d)
        closedir(d);
    else
        close(dir);
}

/* All pairs below root. False: root is not there, or not to be used. */
static bool list_all(const char *root, struct pairs *all, const char **why)
{
    *all = (struct pairs){0};
    int top = open_folder(AT_FDCWD, root, 0, why);
    DIR *d = top < 0 ? NULL : fdopendir(top);
    const struct dirent *entry;
    if (!d)
        return false;
    while ((entry = readdir(d))) {
        const char *inner;
        int dir = has_form(entry->d_name, "") ? open_folder(dirfd(d), entry->d_name, O_NOFOLLOW, &inner) : -1;
        if (dir >= 0)
            list_folder(dir, entry->d_name, all);
    }
    closedir(d);
    return true;
}

bool store_sum(const char *root, struct store_sums *sums, const char **why)
{
    struct pairs all;
    *sums = (struct store_sums){0};
    if (!list_all(root, &all, why))
        return false;
    *sums = (struct store_sums){all.folders, all.count, all.entries, all.bytes};
    free(all.list);
    return true;
}

/* I2. False: it is being written. */
static bool remove_pair(int dir, const struct pair *p)
{
    char idx[PAIR_NAME], dat[PAIR_NAME];
    pair_file(p, ".idx", idx);
    pair_file(p, ".dat", dat);
    int fd = openat(dir, idx, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    bool removed = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0;
    if (removed) {
        unlinkat(dir, dat, 0);
        removed = unlinkat(dir, idx, 0) == 0;
    }
    if (fd >= 0)
        close(fd);
    return removed;
}

static int by_use(const void *a, const void *b)
{
    const struct timespec *x = &((const struct pair *)a)->used, *y = &((const struct pair *)b)->used;
    if (x->tv_sec != y->tv_sec)
        return x->tv_sec < y->tv_sec ? -1 : 1;
    return x->tv_nsec < y->tv_nsec ? -1 : x->tv_nsec > y->tv_nsec;
}

uint64_t store_evict(const char *root, uint64_t limit)
{
    struct pairs all;
    const char *why;
    uint64_t removed = 0;
    if (!list_all(root, &all, &why))
        return 0;
    if (all.bytes > limit) {
        qsort(all.list, all.count, sizeof *all.list, by_use);
        limit -= limit / 8; /* room until the next time */
    } else {
        limit = all.bytes;
    }
    int top = open_folder(AT_FDCWD, root, 0, &why);
    for (size_t i = 0; i < all.count && top >= 0 && all.bytes - removed > limit; i++) {
        int dir = open_folder(top, all.list[i].key, O_NOFOLLOW, &why);
        if (dir < 0)
            continue;
        if (remove_pair(dir, &all.list[i]))
            removed += all.list[i].bytes;
        close(dir);
        unlinkat(top, all.list[i].key, AT_REMOVEDIR); /* if it is empty */
    }
    if (top >= 0)
        close(top);
    free(all.list);
    return removed;
}
