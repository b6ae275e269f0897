/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and appending.
 *
 * I1  Files are read with pread, never mapped: another machine may cut them short, which then is a short read.
 * I2  Whoever appends or removes holds the lock (flock) of idx. It is tried, never waited for. The kernel gives it back
 *     when its holder dies.
 * I3  A removal unlinks dat before idx, under the lock. An idx that still has a name therefore goes with the dat of
 *     its name, if that is opened under the lock.
 * I4  Under the lock, idx is cut to whole slots before anything is appended: what a killed writer left of a record
 *     goes. What it left in dat has no record, and stays unused.
 * I5  A file counts only if it is a regular one of the user's own, which nobody else may write to.
 */
#include "runtime/store/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/store/owner.h"

enum { NAME_SIZE = HASH128_TEXT + 4, BATCH = 64 };

void store_file_init(struct store_file *f, struct hash128 id)
{
    *f = (struct store_file){.id = id, .idx = -1, .dat = -1};
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

void store_file_forget(struct store_file *f)
{
    f->idx = f->dat = -1;
    f->dat_is_paired = false;
}

void store_file_close(struct store_file *f)
{
    close_fd(&f->idx);
    close_fd(&f->dat);
    f->dat_is_paired = false;
    f->known = 0;
}

static void file_name(const struct store_file *f, const char *suffix, char name[NAME_SIZE])
{
    char text[HASH128_TEXT];
    hash128_text(f->id, text);
    snprintf(name, NAME_SIZE, "%s%s", text, suffix);
}

/* Opens one of the pair, I5. -1: not there (*why is NULL), or not to be used. */
static int open_checked(const struct store_file *f, int dir, const char *suffix, int flags, const char **why)
{
    char name[NAME_SIZE];
    file_name(f, suffix, name);
    *why = NULL;
    flags |= O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY;
    int fd = openat(dir, name, flags, 0600);
    if (fd < 0 && (errno == EROFS || errno == EACCES)) /* a folder to read from */
        fd = openat(dir, name, (flags & ~(O_RDWR | O_CREAT)) | O_RDONLY);
    if (fd < 0) {
        if (errno != ENOENT)
            *why = "cannot be opened";
        return -1;
    }
    *why = store_not_ours(fd, S_IFREG);
    if (*why) {
        close_fd(&fd);
        errno = EPERM;
    }
    return fd < 0 ? -1 : store_high_fd(fd);
}

static bool read_all(int fd, void *to, size_t size, uint64_t at)
{
    uint8_t *p = to;
    while (size) {
        ssize_t n = pread(fd, p, size, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        p += n, at += (uint64_t)n, size -= (size_t)n;
    }
    return true;
}

static bool write_all(int fd, const void *from, size_t size, uint64_t at)
{
    const uint8_t *p = from;
    while (size) {
        ssize_t n = pwrite(fd, p, size, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        p += n, at += (uint64_t)n, size -= (size_t)n;
    }
    return true;
}

/* Reads the records behind those that are known, up to end. */
static bool read_records(struct store_file *f, uint64_t end, store_record_fn take, void *arg)
{
    struct store_record batch[BATCH];
    bool ok = true;
    while (f->known + STORE_SLOT <= end) {
        size_t n = (end - f->known) / STORE_SLOT;
        n = n < BATCH ? n : BATCH;
        if (!read_all(f->idx, batch, n * STORE_SLOT, f->known))
            return false;
        f->known += n * STORE_SLOT;
        for (size_t i = 0; i < n; i++) {
            if (!store_record_is_good(&batch[i]))
                f->damaged++;
            else
                ok = take(&batch[i], arg) && ok;
        }
    }
    return ok;
}

/* Does idx have the header that it should have? Then f->known is at least behind it. */
static bool header_is_good(struct store_file *f, struct hash128 folder)
{
    struct store_header h;
    if (!read_all(f->idx, &h, sizeof h, 0) || !store_header_is_good(&h, folder, f->id))
        return false;
    f->known = f->known < STORE_SLOT ? STORE_SLOT : f->known;
    return true;
}

bool store_file_load(struct store_file *f, int dir, struct hash128 folder, store_record_fn take, void *arg,
                     const char **why)
{
    struct stat st;
    f->idx = open_checked(f, dir, ".idx", O_RDWR, why);
    if (f->idx < 0)
        return false;
    f->dat = open_checked(f, dir, ".dat", O_RDWR, why);
    if (f->dat >= 0 && fstat(f->idx, &st) == 0 && header_is_good(f, folder)) {
        futimens(f->idx, NULL); /* used now: eviction takes what was not used for longest */
        return read_records(f, (uint64_t)st.st_size, take, arg);
    }
    *why = f->dat < 0 ? *why : "has no header of this build";
    store_file_close(f);
    return false;
}

bool store_file_read(const struct store_file *f, const struct store_record *r, uint8_t *data)
{
    return f->dat >= 0 && read_all(f->dat, data, r->size, r->offset) &&
           hash128_same(store_entry_hash(r, data), r->hash);
}

/* Makes the pair of descriptors that may be appended to. idx is locked, and has a name still. */
static bool pair(struct store_file *f, int dir)
{
    const char *why;
    if (f->dat_is_paired)
        return true;
    close_fd(&f->dat);
    f->dat = open_checked(f, dir, ".dat", O_RDWR | O_CREAT, &why);
    f->dat_is_paired = f->dat >= 0;
    return f->dat_is_paired;
}

/* Makes idx whole slots with a good header (I4). A header that is not good: the file is begun anew, under the names
 * that it has. *end: where the next record goes. */
static bool heal(struct store_file *f, struct hash128 folder, uint64_t size, uint64_t *end)
{
    *end = size - size % STORE_SLOT;
    if (*end && header_is_good(f, folder))
        return *end == size || ftruncate(f->idx, (off_t)*end) == 0;
    const struct store_header h = store_make_header(folder, f->id);
    if (ftruncate(f->idx, 0) != 0 || !write_all(f->idx, &h, sizeof h, 0))
        return false;
    *end = f->known = STORE_SLOT;
    return true;
}

/* Data, then record. On failure both files are cut to what they were. */
static bool write_entry(const struct store_file *f, struct store_record *r, const uint8_t *data, uint64_t end)
{
    struct stat st;
    if (fstat(f->dat, &st) != 0)
        return false;
    r->offset = (uint64_t)st.st_size;
    store_seal_record(r);
    if (write_all(f->dat, data, r->size, r->offset) && write_all(f->idx, r, sizeof *r, end))
        return true;
    int error = errno;
    if (ftruncate(f->idx, (off_t)end) != 0 || ftruncate(f->dat, st.st_size) != 0)
        error = errno;
    errno = error;
    return false;
}

static enum store_append append_locked(struct store_file *f, int dir, struct hash128 folder, struct store_record *r,
                                       const uint8_t *data, store_record_fn take, void *arg)
{
    struct stat st;
    uint64_t end;
    if (fstat(f->idx, &st) != 0)
        return STORE_FAILED;
    if (st.st_nlink == 0) { /* removed meanwhile */
        store_file_close(f);
        return STORE_BUSY;
    }
    if (!pair(f, dir) || !heal(f, folder, (uint64_t)st.st_size, &end) || !read_records(f, end, take, arg) ||
        !write_entry(f, r, data, end))
        return STORE_FAILED;
    f->known = end + STORE_SLOT;
    return STORE_APPENDED;
}

enum store_append store_file_append(struct store_file *f, int dir, struct hash128 folder, struct store_record *r,
                                    const uint8_t *data, store_record_fn take, void *arg)
{
    const char *why;
    if (f->idx < 0)
        f->idx = open_checked(f, dir, ".idx", O_RDWR | O_CREAT, &why);
    if (f->idx < 0)
        return STORE_FAILED;
    if (flock(f->idx, LOCK_EX | LOCK_NB) != 0)
        return errno == EWOULDBLOCK || errno == EINTR ? STORE_BUSY : STORE_FAILED;
    enum store_append result = append_locked(f, dir, folder, r, data, take, arg);
    int error = errno;
    if (f->idx >= 0)
        flock(f->idx, LOCK_UN);
    errno = error;
    return result;
}
