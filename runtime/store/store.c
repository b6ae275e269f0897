/* SPDX-License-Identifier: Apache-2.0 */
/* The files that this process has to do with, and their indexes.
 *
 * I1  The list of files and all indexes are under lock. Files' descriptors are only used by the cache's thread.
 * I2  A file is never taken from the list: its index stays until the process ends.
 * I3  After the first entry that could not be written, this process writes no more.
 * I4  A process that has changed its root folder since the store was made has no cache: the path leads elsewhere.
 * I5  In the child of a fork the descriptors are the parent's: they are forgotten, not closed. When the cache's thread
 *     has ended, its table of descriptors is gone, and they are forgotten, too.
 */
#include "runtime/store/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/store/build.h"
#include "runtime/store/file.h"
#include "runtime/store/folder.h"
#include "runtime/store/index.h"
#include "src/base/log.h"

enum { LIMIT_LOOKS = 64, MIN_LOOK = 1 << 20 }; /* the folder's size is looked at after so many parts of the limit */

struct known_file {
    struct known_file *next;
    struct store_file file;
    struct store_index index;
    bool loaded;
};

struct store {
    struct store_queue queue;
    struct store_setup setup;
    char *root; /* owned */
    struct stat top;
    pthread_mutex_t lock;
    struct known_file *files;
    /* Of the cache's thread. */
    struct hash128 key;
    bool has_key, no_key, is_full; /* no_key: there is no folder to be used */
    int dir;                       /* -1: not open */
    uint64_t written;              /* bytes since the folder's size was looked at */
};

struct store *store_create(const struct store_setup *setup)
{
    struct store *s = calloc(1, sizeof *s);
    if (!s || !(s->root = strdup(setup->root))) {
        free(s);
        return NULL;
    }
    s->setup = *setup;
    s->setup.root = s->root;
    s->no_key = stat("/", &s->top) != 0;
    s->dir = -1;
    s->written = UINT64_MAX;
    store_queue_init(&s->queue, setup->shares);
    pthread_mutex_init(&s->lock, NULL);
    return s;
}

void store_destroy(struct store *s)
{
    if (!s)
        return;
    for (struct known_file *f = s->files, *next; f; f = next) {
        next = f->next;
        store_file_close(&f->file);
        store_index_fini(&f->index);
        free(f);
    }
    if (s->dir >= 0)
        close(s->dir);
    free(s->root);
    free(s);
}

struct store_queue *store_queue(struct store *s) { return &s->queue; }

static struct known_file *find_file_locked(const struct store *s, struct hash128 id)
{
    struct known_file *f = s->files;
    while (f && !hash128_same(f->file.id, id))
        f = f->next;
    return f;
}

enum store_answer store_look(struct store *s, struct hash128 file, gaddr_t pc, uint32_t mode)
{
    uint32_t at = STORE_NEWEST;
    pthread_mutex_lock(&s->lock);
    const struct known_file *f = find_file_locked(s, file);
    enum store_answer answer = !f || !f->loaded                             ? STORE_UNKNOWN
                               : store_index_find(&f->index, pc, mode, &at) ? STORE_PRESENT
                                                                            : STORE_ABSENT;
    pthread_mutex_unlock(&s->lock);
    return answer;
}

static void say(const struct store *s, struct hash128 file, const char *what)
{
    char text[HASH128_TEXT];
    hash128_text(file, text);
    if (what && log_on(LOG_CACHE))
        log_printf("cache: %s: %s %s\n", s->root, text, what);
}

/* I4 */
static bool has_other_root(const struct store *s)
{
    struct stat now;
    return stat("/", &now) != 0 || now.st_dev != s->top.st_dev || now.st_ino != s->top.st_ino;
}

/* The folder of this build, options and host. */
static bool open_dir(struct store *s, bool make)
{
    const char *why = NULL;
    struct hash128 build;
    s->no_key = s->no_key || (s->dir < 0 && has_other_root(s));
    if (s->no_key)
        return false;
    if (!s->has_key) {
        s->no_key = !store_build_hash(&build);
        s->key = s->setup.key(s->setup.arg);
        s->key = hash128_of(s->key, &build, sizeof build);
        s->has_key = true;
    }
    if (s->dir < 0 && !s->no_key)
        s->dir = store_open_folder(s->root, s->key, make, &why);
    if (why) { /* it is not looked at again */
        s->no_key = true;
        if (log_on(LOG_CACHE))
            log_printf("cache: %s %s\n", s->root, why);
    }
    return s->dir >= 0;
}

struct taking {
    struct store *s;
    struct known_file *f;
    const struct store_record *like; /* an entry that is about to be stored */
    bool is_there;                   /* it is there */
};

static bool take_record(const struct store_record *r, void *arg)
{
    struct taking *t = arg;
    pthread_mutex_lock(&t->s->lock);
    bool ok = store_index_add(&t->f->index, r);
    pthread_mutex_unlock(&t->s->lock);
    if (!ok)
        errno = ENOMEM;
    if (t->like && r->pc == t->like->pc && r->mode == t->like->mode && r->flags == t->like->flags &&
        r->size == t->like->size && hash128_same(r->hash, t->like->hash)) {
        t->is_there = true;
        ok = false;
    }
    return ok;
}

static void load(struct store *s, struct known_file *f)
{
    const char *why = NULL;
    struct taking t = {s, f, NULL, false};
    if (open_dir(s, false))
        store_file_load(&f->file, s->dir, s->key, take_record, &t, &why);
    say(s, f->file.id, why);
    say(s, f->file.id, f->file.damaged ? "has damaged records" : NULL);
    pthread_mutex_lock(&s->lock);
    f->loaded = true;
    pthread_mutex_unlock(&s->lock);
}

/* The file, with its index read. NULL: no memory. */
static struct known_file *open_file(struct store *s, struct hash128 id)
{
    pthread_mutex_lock(&s->lock);
    struct known_file *f = find_file_locked(s, id);
    if (!f && (f = calloc(1, sizeof *f))) {
        store_file_init(&f->file, id);
        f->next = s->files;
        s->files = f;
    }
    pthread_mutex_unlock(&s->lock);
    if (f && !f->loaded)
        load(s, f);
    return f;
}

bool store_find(struct store *s, struct hash128 file, gaddr_t pc, uint32_t mode, uint32_t *at,
                struct store_record *record)
{
    struct known_file *f = open_file(s, file);
    if (!f)
        return false;
    pthread_mutex_lock(&s->lock);
    const struct store_record *r = store_index_find(&f->index, pc, mode, at);
    if (r)
        *record = *r;
    pthread_mutex_unlock(&s->lock);
    return r;
}

bool store_get_into(struct store *s, struct hash128 file, uint32_t at, const struct store_record *record, uint8_t *data)
{
    struct known_file *f = open_file(s, file);
    const char *why;
    if (!f)
        return false;
    if (f->file.dat < 0 && open_dir(s, false)) { /* the child of a fork has the index alone */
        struct taking none = {s, f, NULL, false};
        f->file.known = UINT64_MAX;
        store_file_load(&f->file, s->dir, s->key, take_record, &none, &why);
    }
    if (store_file_read(&f->file, record, data))
        return true;
    say(s, file, "has a damaged entry");
    pthread_mutex_lock(&s->lock);
    store_index_drop(&f->index, at);
    pthread_mutex_unlock(&s->lock);
    return false;
}

uint8_t *store_get(struct store *s, struct hash128 file, uint32_t at, const struct store_record *record)
{
    uint8_t *data = malloc(record->size);
    if (data && !store_get_into(s, file, at, record, data)) {
        free(data);
        return NULL;
    }
    return data;
}

/* From time to time, keeps the folder within its limit. */
static void look_at_limit(struct store *s, uint64_t bytes)
{
    uint64_t limit = s->setup.limit, step = limit / LIMIT_LOOKS;
    step = step < MIN_LOOK ? MIN_LOOK : step;
    if (!limit || (s->written != UINT64_MAX && (s->written += bytes) < step))
        return;
    s->written = 0;
    uint64_t removed = store_evict(s->root, limit);
    if (removed && log_on(LOG_CACHE))
        log_printf("cache: %s: %llu bytes of what was not used for longest are removed\n", s->root,
                   (unsigned long long)removed);
}

static enum store_put put_failed(struct store *s, struct hash128 file)
{
    if (errno == ENOENT) { /* the folder was removed meanwhile */
        close(s->dir);
        s->dir = -1;
        return STORE_PUT_BUSY;
    }
    s->is_full = true; /* I3 */
    say(s, file, errno == ENOSPC || errno == EDQUOT ? "has no room on the disk" : "cannot be written");
    return STORE_PUT_FAILED;
}

enum store_put store_put(struct store *s, struct hash128 file, const struct store_record *what, const uint8_t *data)
{
    struct known_file *f = s->is_full ? NULL : open_file(s, file);
    struct store_record r = *what;
    if (!f || !r.size || r.size > STORE_MAX_ENTRY || !open_dir(s, true))
        return STORE_PUT_FAILED;
    look_at_limit(s, r.size);
    r.hash = store_entry_hash(&r, data);
    struct taking t = {s, f, &r, false};
    switch (store_file_append(&f->file, s->dir, s->key, &r, data, take_record, &t)) {
    case STORE_APPENDED:
        t.like = NULL;
        take_record(&r, &t);
        return STORE_PUT_OK;
    case STORE_BUSY:
        return STORE_PUT_BUSY;
    default:
        return t.is_there ? STORE_PUT_NEEDLESS : put_failed(s, file);
    }
}

void store_fork_prepare(struct store *s)
{
    store_queue_fork_prepare(&s->queue);
    pthread_mutex_lock(&s->lock);
}

void store_fork_parent(struct store *s)
{
    pthread_mutex_unlock(&s->lock);
    store_queue_fork_parent(&s->queue);
}

/* I5 */
static void forget_descriptors(struct store *s)
{
    s->dir = -1;
    for (struct known_file *f = s->files; f; f = f->next)
        store_file_forget(&f->file);
}

void store_end_thread(struct store *s)
{
    store_queue_end(&s->queue);
    if (!s->queue.shares)
        forget_descriptors(s);
}

void store_fork_child(struct store *s)
{
    pthread_mutex_unlock(&s->lock);
    pthread_mutex_init(&s->lock, NULL);
    forget_descriptors(s);
    store_queue_fork_child(&s->queue);
}
