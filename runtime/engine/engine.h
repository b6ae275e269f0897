/* SPDX-License-Identifier: Apache-2.0 */
/* The engine: translation blocks, code cache, dispatch, tiers. Internal to runtime/engine; the rest of the runtime sees
 * runtime/process.h.
 *
 * Who may touch what
 *   A piece of code (struct tb) is built by one thread, published with tb_insert or region_install, and from then on
 *   changed only under tbs.lock (links, retirement), but for the fields marked atomic.
 *   A thread that holds a struct tb * or runs generated code is inside a read section (reclaim.h); memory of retired
 *   code is reused only after every section that could have seen it has ended.
 */
#ifndef TANDEM_RUNTIME_ENGINE_ENGINE_H
#define TANDEM_RUNTIME_ENGINE_ENGINE_H

#include <pthread.h>

#include "runtime/engine/code_cache.h"
#include "runtime/engine/stats.h"
#include "runtime/process.h"
#include "src/ir/region.h"
#include "tcg/tcg.h"

enum tier_mode { TIER_INTERP, TIER_1, TIER_2, TIER_MIXED };

/* A block at which a region is entered besides its head: where a call of the region returns to. */
struct tb_entry {
    struct tb *tb;       /* tier-1 block; it, or the region, may have gone on to another region: see tb->region */
    const uint8_t *host; /* code that enters the region there */
};

enum tb_kind { TB_TIER1, TB_REGION, TB_INTERP };

/* A guest code range that a piece of code was made from, in the page index. */
struct tb_page {
    struct tb *tb;
    gaddr_t start, end;   /* guest bytes; on one page */
    struct tb_page *next; /* in the page's bucket */
};

struct profile; /* profile.c: where an indirect jump goes */

/* A piece of generated code: a tier-1 block, or a tier-2 region that hangs on its head's tier-1 block. */
struct tb {
    gaddr_t pc;
    uint32_t mode;
    uint8_t kind;        /* enum tb_kind */
    bool retired;        /* under tbs.lock; never cleared */
    bool volatile_code;  /* checks its own bytes on entry; never promoted */
    bool precise;        /* TB_REGION: registers are in place before each access that can fault */
    bool changes_itself; /* on a page whose code writes to it (mem_code_writes_itself); never promoted */
    bool queued;         /* atomic: a promotion is on its way */
    bool rebuild_queued; /* atomic: its region is about to be rebuilt larger */
    bool
        head_like; /* atomic: entered by a call, a backward or an indirect jump, or from a region: a good head of one */
    bool covered;  /* atomic: an installed region has this block inside; cleared when it counts anew */
    bool stopped;  /* atomic: its counter counts no more: it will not head a region */
    bool loopless; /* atomic: what would be its region has no loop; it is compiled all the same if it stays hot */
    uint8_t strikes; /* times its counter ran out */
    uint32_t guest_bytes, guest_insns;
    int32_t counter;      /* atomic: entries left before it is hot; in the data half of its chunk */
    int32_t armed;        /* atomic: what the counter was last set to */
    uint64_t executed;    /* atomic: entries counted before that */
    uint64_t serial;      /* never used again: tells this block from a later one at the same address */
    const uint8_t *entry; /* atomic: where to enter: own code, or the region's */
    uint8_t *rw;          /* own code, writable alias */
    const uint8_t *rx;    /* own code */
    uint32_t size, body_off;
    uint64_t head_saved;      /* the head's bytes while a region is installed */
    struct tb *hash_next;     /* atomic */
    struct tb *region;        /* TB_TIER1: region that is entered here; TB_REGION: the head block */
    struct tb_entry *entries; /* TB_REGION: besides the head */
    uint32_t entry_count;
    struct tcg_exit *exits;
    uint32_t exit_count, map_count;
    const struct tcg_pc_map *map;
    struct tcg_exit *incoming; /* exits chained to this block; under tbs.lock */
    struct tb_page *pages;
    uint32_t page_count;
    uint16_t rebuilds;         /* TB_TIER1: times its region was rebuilt or failed */
    uint16_t region_blocks;    /* TB_REGION */
    struct tb *chunk_next;     /* next older piece in the same chunk */
    const struct ir_block *ir; /* TB_INTERP */
    const uint8_t *check_code; /* volatile code: the bytes it was made from */
    struct profile *profile;   /* TB_TIER1: of its final indirect jump; NULL: none */
};

enum { TBS_HASH_BITS = 15, TBS_PAGE_BITS = 12, TBS_PAGE_SHIFT = 12 };

struct tbs {
    pthread_mutex_t lock;                /* links, page index, retirement */
    struct tb *hash[1 << TBS_HASH_BITS]; /* atomic heads */
    struct tb_page *page[1 << TBS_PAGE_BITS];
    uint64_t retired; /* blocks and regions, so far */
};

enum { ENGINE_MAX_OPT_THREADS = 64 };

struct tiers; /* tiers.c: promotion queue and optimizer threads */

struct engine {
    struct process *proc;
    enum tier_mode tier;
    bool fp_fast; /* --fp=fast */
    struct code_cache cc;
    struct tcg_glue glue;
    struct tbs tbs;
    struct tiers *tiers;
    struct timeline *timeline;                /* NULL unless --timeline */
    struct perf_output *perf;                 /* NULL unless --perf-map or --jitdump */
    struct symbols *symbols;                  /* NULL unless somebody wants names */
    bool track_named[ENGINE_MAX_OPT_THREADS]; /* atomic: timeline */
    uint64_t serial;                          /* atomic: last tb.serial given */
    uint64_t section_seq;                     /* atomic: reclaim.h */
    uint64_t flush_seq; /* atomic: rises when code was retired; threads then drop IBTC and return stack */
    uint64_t *other_sections[ENGINE_MAX_OPT_THREADS]; /* atomic: sections of optimizer threads */
    bool precise;                                     /* atomic: regions must be precise */
    bool ordered; /* atomic: others see the guest's memory: regions keep the order of accesses, and atomics atomic */
    bool forked;  /* this process is a fork made while the optimizer was at work: no tier 2 */
    bool forked_busy; /* between fork_prepare and fork_child: an optimizer is at work */
    pthread_mutex_t interp_lock;
    struct arena interp_arena; /* TB_INTERP blocks */
    uint64_t start_ns;         /* CLOCK_MONOTONIC at creation */
    struct stats total;        /* of threads that have ended; under stats_lock */
    pthread_mutex_t stats_lock;
    bool finished; /* atomic: engine_finish ran */
};

/* Per guest thread. */
struct core_thread {
    uint64_t section;       /* atomic: 0 outside, else engine.section_seq when entered */
    uint64_t flush_seen;    /* engine.flush_seq at the last reset of IBTC and return stack */
    uint32_t ibtc_mode;     /* the mode the IBTC is filled for */
    struct cc_chunk *chunk; /* affinity only */
    struct arena arena;     /* one translation */
    struct tcg_pc_map *map_buf;
    struct optimizer *optimizer; /* --opt-threads=0: compiles on this thread */
    struct stats stats;
    uint64_t begin;       /* timeline: start of this thread */
    timer_t sample_timer; /* --stats */
    bool sampling;
    bool step;                          /* engine_step: the next instruction alone, as it is in memory then */
    bool fetching;                      /* reading guest code at cpu->pc: a fault then is the guest's */
    struct cc_reservation *reservation; /* to be aborted after such a fault */
    const struct tb *interp_tb;         /* in ir_interp */
    struct tb *profiled;                /* runs with a poll asked for, to see where its indirect jump goes */
    struct thread *thread;
    char pad[64];
};

/* ---- profile.c ---- */
enum { PROFILE_TARGETS = 24 };
/* Gives a new block that ends in an indirect jump room for its targets, and its counter an earlier end. */
void profile_init(const struct engine *e, struct tb *tb, const struct ir_block *block, struct cc_reservation *r);
/* The counter of tb ran out: true if its jump is to be looked at this time. Arms the counter again. */
bool profile_due(const struct engine *e, struct tb *tb);
/* The jump went to pc. Any thread. */
void profile_add(struct tb *tb, gaddr_t pc);
/* The targets seen, the most frequent first; the number of them, at most max. percent, if not NULL, gets the share of
 * each. */
unsigned profile_targets(const struct tb *tb, gaddr_t *pc, unsigned *percent, unsigned max);

/* ---- tb.c ---- */
enum status tbs_init(struct tbs *tbs);
/* Lock-free; inside a read section. */
struct tb *tb_find(struct engine *e, gaddr_t pc, uint32_t mode);
/* Publishes tb unless one for its pc and mode is there: returns the one to use. NULL: its pages have another generation
 * than the one given (not asked of volatile code): the guest's code changed while it was translated. */
struct tb *tb_insert(struct engine *e, struct tb *tb, uint64_t generation);
/* Chains exit to target, unless one of them is retired. */
void tb_link(struct engine *e, struct tcg_exit *exit, struct tb *target);
/* Redirects everything that enters head to region's code at host, or back to tier 1 (region NULL). tbs.lock held. */
void tb_set_region_locked(struct engine *e, struct tb *head, struct tb *region, const uint8_t *host);
/* The block will not head a region: it need not count. Outside of tbs.lock. */
void tb_stop_counting(struct engine *e, struct tb *tb);
/* Removes tb from look-up and unlinks it both ways. tbs.lock held. */
void tb_retire_locked(struct engine *e, struct tb *tb);
void tb_index_pages_locked(struct engine *e, struct tb *tb);
/* Entries seen in tier 1 so far: a hint for heuristics. Other threads arm and count at the same time. */
static inline uint64_t tb_executions(const struct tb *tb)
{
    int64_t armed = __atomic_load_n(&tb->armed, __ATOMIC_RELAXED);
    return __atomic_load_n(&tb->executed, __ATOMIC_RELAXED) +
           (uint64_t)(armed - __atomic_load_n(&tb->counter, __ATOMIC_RELAXED));
}
/* The counter runs out after count more entries. */
static inline void tb_arm(struct tb *tb, int32_t count)
{
    __atomic_store_n(&tb->executed, tb_executions(tb), __ATOMIC_RELAXED);
    __atomic_store_n(&tb->armed, count, __ATOMIC_RELAXED);
    __atomic_store_n(&tb->counter, count, __ATOMIC_RELAXED);
}
/* Is the block an entry of another block's region? A region that it heads cannot be installed then. Stays true or false
 * only under tbs.lock. */
static inline bool tb_is_entry(const struct tb *tb)
{
    const struct tb *region = __atomic_load_n(&tb->region, __ATOMIC_ACQUIRE);
    return region && region->region != tb;
}
static inline const uint8_t *tb_entry(const struct tb *tb) { return __atomic_load_n(&tb->entry, __ATOMIC_ACQUIRE); }

/* ---- translate.c ---- */
/* The block at pc and mode, translated now if need be. Inside a read section (which it may leave and re-enter). NULL:
 * nothing executable is there. */
struct tb *translate_find(struct thread *t, gaddr_t pc, uint32_t mode);
/* The one instruction at pc as it is now, in the thread's arena, for the interpreter. NULL: nothing executable is
 * there. */
const struct ir_block *translate_single(struct thread *t, gaddr_t pc, uint32_t mode);
/* Lifts the block at pc into the arena from the avail bytes at code. Any thread. */
enum status translate_lift(const struct process *proc, gaddr_t pc, uint32_t mode, const uint8_t *code, size_t avail,
                           unsigned max_insns, struct arena *arena, const struct ir_block **block);

/* ---- dispatch.c ---- */
/* Makes every thread drop its IBTC and return stack before it enters generated code again, and leave it at the next
 * poll. */
void engine_kick_all(struct engine *e);

/* fence.i and its like: code changes become visible to this thread. Outside of any section. */
void engine_icache_sync(struct thread *t);

/* ---- region.c ---- */
/* What the optimizer is to compile, and how to tell whether it is still true at installation. */
struct region_plan {
    struct ir_region region;
    struct tb_identity {
        gaddr_t pc;
        uint32_t mode;
        uint64_t serial;
    } * identities; /* of each block's tier-1 block, then of those outside */
    uint32_t guest_insns;
};
/* Chooses the hot blocks around head and lifts them into the arena. Inside a section. */
enum status region_select(struct engine *e, struct tb *head, struct arena *arena, struct region_plan *plan);
/* Places compiled code, links its exits and redirects the head to it. Outside of any section; section is the
 * caller's. */
struct lopt_result;
enum status region_install(struct engine *e, const struct region_plan *plan, const struct lopt_result *result,
                           struct cc_chunk **affinity, uint64_t *section, struct tb **region);

/* ---- tiers.c ---- */
enum status tiers_init(struct engine *e);
/* A block's counter ran out: queue it for tier 2 (or compile now, with --opt-threads=0). Inside a section; false: it
 * was left and another one entered, tb may be gone. */
bool tiers_promote(struct thread *t, struct tb *tb);
/* Before fork, and after it in the child. */
void tiers_fork_prepare(struct engine *e);
void tiers_fork_parent(struct engine *e);
void tiers_fork_child(struct engine *e);
void tiers_stats(struct engine *e, struct stats *sum);

struct lopt_options;
void tiers_lopt_options(const struct engine *e, struct lopt_options *o);

/* ---- fault.c ---- */
/* The piece of code that host pc is in; NULL if none. Async-signal-safe inside a section. */
struct tb *tb_find_host(struct engine *e, uintptr_t host_pc);

#endif
