/* SPDX-License-Identifier: Apache-2.0 */
/* --timeline: a Chrome trace-event file (JSON array format), to be opened in chrome://tracing or Perfetto. One track
 * per guest thread and per optimizer thread. Each event is one line, so that a file cut short is still readable. */
#include "runtime/observe/timeline.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct timeline {
    FILE *out;
    pthread_mutex_t lock;
    bool any;
    int pid;
};

enum status timeline_open(const char *path, struct timeline **result)
{
    struct timeline *t = calloc(1, sizeof *t);
    if (!t || !(t->out = fopen(path, "we"))) {
        free(t);
        return STATUS_SYSTEM;
    }
    pthread_mutex_init(&t->lock, NULL);
    t->pid = (int)getpid();
    fputs("[\n", t->out);
    *result = t;
    return STATUS_OK;
}

static void separator_locked(struct timeline *t)
{
    if (t->any)
        fputs(",\n", t->out);
    t->any = true;
}

void timeline_slice(struct timeline *t, unsigned tid, const char *category, const char *name, uint64_t begin,
                    uint64_t end, const char *args_json)
{
    pthread_mutex_lock(&t->lock);
    separator_locked(t);
    fprintf(
        t->out,
        "{\"ph\":\"X\",\"pid\":%d,\"tid\":%u,\"cat\":\"%s\",\"name\":\"%s\",\"ts\":%.3f,\"dur\":%.3f,\"args\":{%s}}",
        t->pid, tid, category, name, (double)begin / 1e3, (double)(end - begin) / 1e3, args_json ? args_json : "");
    pthread_mutex_unlock(&t->lock);
}

void timeline_track(struct timeline *t, unsigned tid, const char *name)
{
    pthread_mutex_lock(&t->lock);
    separator_locked(t);
    fprintf(t->out, "{\"ph\":\"M\",\"pid\":%d,\"tid\":%u,\"name\":\"thread_name\",\"args\":{\"name\":\"%s\"}}", t->pid,
            tid, name);
    pthread_mutex_unlock(&t->lock);
}

void timeline_close(struct timeline *t)
{
    pthread_mutex_lock(&t->lock);
    fputs("\n]\n", t->out);
    fclose(t->out);
    t->out = NULL;
    /* the lock stays held: threads that still run must not write any more */
}

void timeline_destroy(struct timeline *t)
{
    timeline_close(t);
    free(t);
}
