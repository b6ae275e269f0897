/* SPDX-License-Identifier: Apache-2.0 */
/* Storing regions in the cache on disk, and that one is not to be used. */
#include "runtime/engine/warm_save.h"

#include <stdlib.h>

#include "llvm-opt/lopt.h"
#include "runtime/engine/region.h"
#include "runtime/engine/tb.h"
#include "runtime/engine/warm_entry.h"
#include "runtime/engine/warm_thread.h"

enum { MAX_PUTS = 500 /* while others write */ };

struct save {
    struct store_job job;
    struct warm *w;
    struct hash128 file;
    struct store_record record;
    uint8_t *data; /* malloc */
    unsigned tries;
};

static bool run_save(struct store_job *job)
{
    struct save *s = (struct save *)job;
    warm_thread_begin(&s->w->on);
    struct stats *stats = &s->w->on.stats;
    enum store_put put = store_put(s->w->on.store, s->file, &s->record, s->data);
    if (put == STORE_PUT_BUSY && ++s->tries < MAX_PUTS)
        return false;
    stats->cache_stored += put == STORE_PUT_OK;
    stats->cache_written += put == STORE_PUT_OK ? s->record.size : 0;
    return true;
}

static void drop_save(struct store_job *job)
{
    free(((struct save *)job)->data);
    free(job);
}

/* data (malloc, NULL: no memory) becomes the job's. */
static void post_save(struct warm *w, struct hash128 file, const struct store_record *record, uint8_t *data)
{
    struct save *s = data ? malloc(sizeof *s) : NULL;
    if (!s) {
        free(data);
        return;
    }
    *s = (struct save){.job = {.run = run_save, .drop = drop_save}, .w = w, .file = file, .data = data};
    s->record = *record;
    store_post(store_queue(w->on.store), &s->job);
}

static uint32_t flags_of(bool precise, bool ordered)
{
    return (precise ? WARM_PRECISE : 0) | (ordered ? WARM_ORDERED : 0);
}

void warm_save(struct engine *e, const struct region_plan *plan, const struct lopt_result *result)
{
    struct warm *w = e->warm;
    const struct ir_block *head = plan->region.blocks[0].block;
    struct hash128 file;
    if (!w || !warm_file_at(e, head->pc, &file) || warm_may_change_itself(e, plan))
        return;
    size_t size = 0;
    uint8_t *data = warm_entry_write(plan, result, &size);
    struct store_record r = {.pc = head->pc, .mode = head->mode, .size = (uint32_t)size};
    r.flags = flags_of(plan->region.precise, plan->region.ordered);
    if (size <= STORE_MAX_ENTRY)
        post_save(w, file, &r, data);
    else
        free(data);
}

void warm_refuse(struct engine *e, const struct tb *region)
{
    enum { BYTES = 8 }; /* an entry has some */
    struct warm *w = e->warm;
    struct hash128 file;
    if (!w || !warm_file_at(e, region->pc, &file))
        return;
    struct store_record r = {.pc = region->pc, .mode = region->mode, .size = BYTES};
    r.flags = WARM_REFUSED | flags_of(region->part.precise, __atomic_load_n(&e->ordered, __ATOMIC_ACQUIRE));
    post_save(w, file, &r, calloc(1, BYTES));
}
