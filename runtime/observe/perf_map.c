/* SPDX-License-Identifier: Apache-2.0 */
/* For perf: /tmp/perf-PID.map (text, one symbol a line) and jit-PID.dump (jitdump version 1, Linux tools/perf
 * Documentation/jitdump-specification.txt), to be merged with `perf inject --jit`. */
#define _GNU_SOURCE
#include "runtime/observe/perf_map.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/engine/stats.h"
#include "src/host/host.h"

struct perf_output {
    FILE *map;
    FILE *dump;
    pthread_mutex_t lock;
    uint64_t code_index;
};

/* jitdump records */
struct dump_header {
    uint32_t magic, version, total_size, elf_mach, pad1, pid;
    uint64_t timestamp, flags;
};
struct dump_code_load {
    uint32_t id, total_size;
    uint64_t timestamp;
    uint32_t pid, tid;
    uint64_t vma, code_addr, code_size, code_index;
};
enum { DUMP_MAGIC = 0x4a695444, DUMP_VERSION = 1, DUMP_CODE_LOAD = 0 };

static enum status open_dump(struct perf_output *p)
{
    char path[64];
    snprintf(path, sizeof path, "jit-%d.dump", (int)getpid());
    p->dump = fopen(path, "w+e");
    if (!p->dump)
        return STATUS_SYSTEM;
    struct dump_header h = {.magic = DUMP_MAGIC,
                            .version = DUMP_VERSION,
                            .total_size = sizeof h,
                            .elf_mach = host_elf_machine(),
                            .pid = (uint32_t)getpid(),
                            .timestamp = stats_clock(CLOCK_MONOTONIC)};
    fwrite(&h, sizeof h, 1, p->dump);
    fflush(p->dump);
    /* perf record notices the file by this executable mapping of it */
    void *mark = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fileno(p->dump), 0);
    return mark == MAP_FAILED ? STATUS_SYSTEM : STATUS_OK;
}

enum status perf_open(const struct options *o, struct perf_output **result)
{
    struct perf_output *p = calloc(1, sizeof *p);
    if (!p)
        return STATUS_NO_MEMORY;
    pthread_mutex_init(&p->lock, NULL);
    enum status s = STATUS_OK;
    if (o->perf_map) {
        char path[64];
        snprintf(path, sizeof path, "/tmp/perf-%d.map", (int)getpid());
        p->map = fopen(path, "we");
        s = p->map ? STATUS_OK : STATUS_SYSTEM;
    }
    if (s == STATUS_OK && o->jitdump)
        s = open_dump(p);
    *result = p;
    return s;
}

static void dump_code_locked(struct perf_output *p, const uint8_t *rx, size_t size, const char *name)
{
    struct dump_code_load r = {.id = DUMP_CODE_LOAD,
                               .timestamp = stats_clock(CLOCK_MONOTONIC),
                               .pid = (uint32_t)getpid(),
                               .tid = (uint32_t)syscall(SYS_gettid),
                               .vma = (uintptr_t)rx,
                               .code_addr = (uintptr_t)rx,
                               .code_size = size,
                               .code_index = p->code_index++};
    r.total_size = (uint32_t)(sizeof r + strlen(name) + 1 + size);
    fwrite(&r, sizeof r, 1, p->dump);
    fwrite(name, strlen(name) + 1, 1, p->dump);
    fwrite(rx, size, 1, p->dump);
}

void perf_code(struct perf_output *p, const uint8_t *rx, size_t size, const char *name)
{
    pthread_mutex_lock(&p->lock);
    if (p->map) {
        fprintf(p->map, "%lx %zx %s\n", (unsigned long)(uintptr_t)rx, size, name);
        fflush(p->map);
    }
    if (p->dump)
        dump_code_locked(p, rx, size, name);
    pthread_mutex_unlock(&p->lock);
}

void perf_close(struct perf_output *p)
{
    pthread_mutex_lock(&p->lock);
    if (p->map)
        fclose(p->map);
    if (p->dump)
        fclose(p->dump);
    p->map = p->dump = NULL;
    pthread_mutex_unlock(&p->lock);
}

void perf_destroy(struct perf_output *p)
{
    perf_close(p);
    free(p);
}
