/* SPDX-License-Identifier: Apache-2.0 */
/* Log channels, the address filter and messages.
 *
 * A piece of output is one line, or all that is written between log_begin and log_end.
 *
 * Invariants
 * I1  log_mask and log_state are written by src/cli before the first thread starts, and are const afterwards. So they
 *     need no lock and may be at file scope.
 * I2  The guest may close the log's descriptor, and open a file of its own under that number. So the descriptor is
 *     written to only if it still leads to the log's file; else the file is opened for the piece.
 * I3  A piece is collected in memory and leaves by one write(2). So pieces of several threads or processes do not mix.
 */
#include "src/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/background.h"

enum { LINE_MAX_BYTES = 1024, LOG_FD_MIN = 900 };

uint32_t log_mask;

struct log_range {
    gaddr_t first, last;
};

static struct { /* I1 */
    int fd;     /* 0: stderr */
    char *path; /* of the file, whatever the directory is */
    dev_t dev;  /* the file itself */
    ino_t ino;
    struct log_range *ranges;
    size_t range_count;
} log_state;

static void write_all(int fd, const char *data, size_t size)
{
    while (size) {
        ssize_t n = write(fd, data, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return;
        data += n;
        size -= (size_t)n;
    }
}

/* On threads with descriptors of their own, STDERR_FILENO is any file of theirs. */
static void write_stderr(const char *data, size_t size)
{
    const int fd = background_stderr();
    write_all(fd, data, size);
    if (fd >= 0 && fd != STDERR_FILENO)
        close(fd);
}

/* I2 */
static bool is_the_log(int fd)
{
    struct stat st;
    return fstat(fd, &st) == 0 && st.st_dev == log_state.dev && st.st_ino == log_state.ino;
}

static void write_log(const char *data, size_t size)
{
    if (!log_state.fd) {
        write_stderr(data, size);
    } else if (is_the_log(log_state.fd)) {
        write_all(log_state.fd, data, size);
    } else {
        int fd = log_state.path ? open(log_state.path, O_WRONLY | O_APPEND | O_CLOEXEC) : -1;
        if (fd < 0)
            return;
        if (is_the_log(fd))
            write_all(fd, data, size);
        close(fd);
    }
}

/* Formats into line, or into memory of malloc if it does not fit there. Returns the text, *len bytes. */
static char *format_line(char *line, size_t size, size_t *len, const char *fmt, va_list ap)
{
    va_list again;
    va_copy(again, ap);
    int n = vsnprintf(line, size, fmt, ap);
    char *text = line;
    if (n < 0)
        n = 0;
    if ((size_t)n >= size) {
        text = malloc((size_t)n + 1);
        if (text)
            vsnprintf(text, (size_t)n + 1, fmt, again);
        else
            text = line, n = (int)size - 1;
    }
    va_end(again);
    *len = (size_t)n;
    return text;
}

/* --- channels --- */

static bool find_channel(const char *name, size_t len, uint32_t *bit)
{
    static const char *const texts[LOG_CHANNEL_COUNT] = {
#define X(id, text, help) [LOG_##id] = text,
        LOG_CHANNELS(X)
#undef X
    };
    for (unsigned i = 0; i < LOG_CHANNEL_COUNT; i++)
        if (strlen(texts[i]) == len && !memcmp(texts[i], name, len)) {
            *bit = UINT32_C(1) << i;
            return true;
        }
    if (len == 3 && !memcmp(name, "all", 3)) {
        *bit = (UINT32_C(1) << LOG_CHANNEL_COUNT) - 1;
        return true;
    }
    return false;
}

bool log_parse(const char *items, uint32_t *mask, char *bad, size_t size)
{
    *mask = 0;
    for (const char *p = items; *p;) {
        size_t len = strcspn(p, ",");
        uint32_t bit;
        if (len && !find_channel(p, len, &bit)) {
            snprintf(bad, size, "%.*s", (int)len, p);
            return false;
        }
        if (len)
            *mask |= bit;
        p += len + (p[len] == ',');
    }
    return true;
}

/* --- where it goes --- */

bool log_open(const char *name)
{
    free(log_state.path);
    log_state.path = NULL;
    if (!name) {
        log_state.fd = 0;
        return true;
    }
    char *path = NULL;
    const char *d = strstr(name, "%d");
    if (d ? asprintf(&path, "%.*s%d%s", (int)(d - name), name, (int)getpid(), d + 2) < 0 : !(path = strdup(name)))
        return false;
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666);
    struct stat st;
    if (fd >= 0 && fstat(fd, &st) == 0) {
        log_state.dev = st.st_dev;
        log_state.ino = st.st_ino;
        log_state.path = realpath(path, NULL);
    }
    free(path);
    if (fd < 0)
        return false;
    /* The guest expects low numbers for its own descriptors. */
    int high = fcntl(fd, F_DUPFD_CLOEXEC, LOG_FD_MIN);
    if (high >= 0) {
        close(fd);
        fd = high;
    }
    log_state.fd = fd;
    return true;
}

/* --- the filter --- */

/* Reads one range at *text, and moves *text behind it. */
static bool parse_range(const char **text, struct log_range *r)
{
    char *end;
    errno = 0;
    uint64_t a = strtoull(*text, &end, 0);
    if (end == *text || errno)
        return false;
    const char *op = end;
    size_t op_len = !strncmp(op, "..", 2) ? 2 : 1;
    if (op_len == 1 && *op != '+' && *op != '-')
        return false;
    const char *second = op + op_len;
    uint64_t b = strtoull(second, &end, 0);
    if (end == second || errno)
        return false;
    if (op_len == 2)
        *r = (struct log_range){a, b};
    else if (*op == '+')
        *r = (struct log_range){a, a + b - 1};
    else
        *r = (struct log_range){a - (b - 1), a};
    *text = end;
    return r->first <= r->last;
}

bool log_set_filter(const char *ranges)
{
    free(log_state.ranges);
    log_state.ranges = NULL;
    log_state.range_count = 0;
    if (!ranges || !*ranges)
        return true;
    size_t most = 1;
    for (const char *p = ranges; *p; p++)
        most += *p == ',';
    log_state.ranges = calloc(most, sizeof *log_state.ranges);
    if (!log_state.ranges)
        return false;
    for (const char *p = ranges;; p++) {
        if (!parse_range(&p, &log_state.ranges[log_state.range_count]))
            return false;
        log_state.range_count++;
        if (!*p)
            return true;
        if (*p != ',')
            return false;
    }
}

bool log_in_filter(gaddr_t pc)
{
    if (!log_state.range_count)
        return true;
    for (size_t i = 0; i < log_state.range_count; i++)
        if (pc >= log_state.ranges[i].first && pc <= log_state.ranges[i].last)
            return true;
    return false;
}

/* --- output --- */

void log_printf(const char *fmt, ...)
{
    char line[LINE_MAX_BYTES];
    size_t len;
    va_list ap;
    va_start(ap, fmt);
    char *text = format_line(line, sizeof line, &len, fmt, ap);
    va_end(ap);
    write_log(text, len);
    if (text != line)
        free(text);
}

void message(const char *fmt, ...)
{
    char line[LINE_MAX_BYTES];
    size_t len;
    va_list ap;
    va_start(ap, fmt);
    char *text = format_line(line, sizeof line, &len, fmt, ap);
    va_end(ap);
    char *whole;
    int n = asprintf(&whole, "tandem: %.*s\n", (int)len, text);
    if (n > 0) {
        write_stderr(whole, (size_t)n);
        free(whole);
    } else {
        write_stderr(text, len);
    }
    if (text != line)
        free(text);
}

void out_of_memory(const char *for_what)
{
    enum { CANNOT_RUN = 126 };
    char line[128];
    const int n = snprintf(line, sizeof line, "tandem: out of memory for %s\n", for_what);
    write_stderr(line, (size_t)n < sizeof line ? (size_t)n : sizeof line - 1);
    _exit(CANNOT_RUN);
}

/* A piece of output under construction (I3): the cookie of the stream that log_begin returns. */
struct piece {
    char *data;
    size_t used, capacity;
};

static ssize_t piece_write(void *cookie, const char *data, size_t size)
{
    struct piece *p = cookie;
    if (p->capacity - p->used < size) {
        size_t capacity = (p->capacity + size) * 2;
        char *grown = realloc(p->data, capacity);
        if (!grown)
            return 0;
        p->data = grown;
        p->capacity = capacity;
    }
    memcpy(p->data + p->used, data, size);
    p->used += size;
    return (ssize_t)size;
}

static int piece_close(void *cookie)
{
    struct piece *p = cookie;
    write_log(p->data, p->used);
    free(p->data);
    free(p);
    return 0;
}

FILE *log_begin(void)
{
    struct piece *p = calloc(1, sizeof *p);
    FILE *f = p ? fopencookie(p, "w", (cookie_io_functions_t){.write = piece_write, .close = piece_close}) : NULL;
    if (!f)
        out_of_memory("the log");
    return f;
}

void log_end(FILE *f) { fclose(f); }
