/* SPDX-License-Identifier: Apache-2.0 */
/* Translation blocks and regions: pieces of generated code, and the table that finds them.
 *
 * Who may touch what: a piece is built by one thread, published with tb_insert or region_install, and from then on
 * changed only under tbs.lock (struct tb_links, retirement), but for what is marked atomic. What is not marked is const
 * after publication.
 * A thread that holds a struct tb * or runs generated code is inside a read section (reclaim.h); memory of retired code
 * is reused only after every section that could have seen it has ended. */
#ifndef TANDEM_RUNTIME_ENGINE_TB_H
#define TANDEM_RUNTIME_ENGINE_TB_H

#include "runtime/engine/code_pages.h"
#include "runtime/engine/code_reloc.h"
#include "runtime/engine/engine.h"

struct lopt_faults; /* llvm-opt/lopt.h */
struct profile;     /* profile.c: where an indirect jump goes */

enum tb_kind { TB_TIER1, TB_REGION, TB_INTERP };

/* A guest code range that a piece of code was made from, in the page index. */
struct tb_page {
    struct tb *tb;
    gaddr_t start, end;   /* guest bytes; on one page */
    struct tb_page *next; /* in the page's bucket */
};

/* A block at which a region is entered besides its head: where a call of the region returns to. */
struct tb_entry {
    /* tier-1 block; it, or the region, may have gone on to another region: see tb->region. NULL: not translated yet. */
    struct tb *tb;
    const uint8_t *host; /* code that enters the region there */
};

/* A block of a region from the cache on disk that was not translated when the region was installed. Once it is, it is
 * told. In the table of the struct tbs, under tbs.lock. */
struct tb_unmet {
    gaddr_t pc;
    uint32_t mode;
    struct tb *region;
    struct tb_entry *entry; /* the region is entered there; NULL: it is not */
    struct tb_unmet *next;  /* in its bucket */
};

/* A block that a region has inside. */
struct tb_member {
    gaddr_t pc;
    uint32_t mode, guest_bytes;
    bool entered; /* the region is entered there: it is the head, or has an entry */
};

/* Its host code. Of the tier that made it, const but for entry. */
struct tb_code {
    const uint8_t *entry; /* atomic: where exits and look-ups go: own code, what counts before it, or the region's */
    uint8_t *rw;          /* own code, writable alias */
    const uint8_t *rx;    /* own code */
    uint32_t size;
    uint32_t counter_off; /* where a block is entered that counts; 0: it cannot */
    struct tcg_exit *exits;
    uint32_t exit_count, map_size;
    const uint8_t *map;   /* map_size bytes: pc_map.h */
    const uint8_t *check; /* volatile code: the bytes it was made from */
};

/* How it hangs together with others. Under tbs.lock; hash_next is read without it. */
struct tb_links {
    struct tb *hash_next;      /* atomic */
    struct tb *chunk_next;     /* next older piece in the same chunk of the code cache; const once committed */
    struct tcg_exit *incoming; /* exits chained to this block */
    struct tb_page *pages;
    uint32_t page_count;
    bool retired; /* never cleared */
};

/* How hot a tier-1 block is, and what tiers.c has decided about it. Hints: lost counts do no harm. All atomic but
 * counting, strikes, given_up, rebuilds and profile. */
struct tb_heat {
    int32_t counter;     /* entries left before it is hot; generated code counts it down while counting */
    int32_t armed;       /* what the counter was last set to */
    int32_t rest;        /* entries that it counts on for */
    uint64_t executed;   /* entries counted before that */
    uint64_t time;       /* ns of CPU time sampled here, in tier 1 (sample.c) */
    uint64_t due;        /* what time has to reach before tier 2 looks at it (again); 0: the first look */
    bool queued;         /* a promotion is on its way */
    bool rebuild_queued; /* its region is about to be rebuilt larger */
    bool head_like;      /* entered by a call, a backward or an indirect jump, or from a region: a good head of one */
    bool covered;        /* an installed region has this block inside; cleared when it counts anew */
    bool counting;       /* under tbs.lock: it is entered by the counter, unless by a region's code */
    bool indirect;       /* has been in an IBTC */
    bool counted;        /* executed is of a window around it (sample.c) */
    bool stopped;        /* it will not head a region, and does not count */
    bool asks;           /* when the counter runs out, the cache on disk is asked, and it counts on */
    bool loopless;       /* what would be its region has no loop; it is compiled all the same if it stays hot */
    uint8_t strikes;     /* times its counter ran out */
    uint8_t given_up;    /* enum status: why its region was given up last; STATUS_OK: it was not */
    uint16_t rebuilds;   /* times its region was rebuilt or failed */
    struct profile *profile; /* of its final indirect jump; NULL: none */
};

/* What a tier-1 block that may go into the cache on disk has for it (units.c). */
struct tb_keep {
    uint64_t generation; /* of its pages when it was translated */
    uint32_t reloc_count;
    bool saved; /* of the cache's thread */
    struct code_reloc relocs[];
};

/* What only a region has. */
struct tb_part {
    struct tb *head;           /* the tier-1 block that it begins with; NULL until it is installed */
    struct tb_entry *entries;  /* besides the head */
    struct tb_member *members; /* blocks of them, the head first */
    struct tb_unmet *unmet;
    uint32_t entry_count, unmet_count;
    bool reviewed; /* it stays (review.c) */
    uint16_t blocks;
    bool stored;  /* from the cache on disk: this run knows too little of its blocks to make it larger */
    bool precise; /* registers are known at each access that can fault */
    const struct lopt_faults *faults; /* for accesses before which they are not stored; NULL: there are none */
};

/* A piece of generated code: a tier-1 block, or a tier-2 region that hangs on its head's tier-1 block. */
struct tb {
    /* What it is. */
    gaddr_t pc;
    uint32_t mode;
    uint8_t kind;        /* enum tb_kind */
    bool volatile_code;  /* checks its own bytes on entry; never promoted */
    bool changes_itself; /* on a page whose code writes to it (engine_mem.writes_itself); never promoted */
    uint32_t guest_bytes, guest_insns;
    uint64_t serial;           /* never used again: tells this block from a later one at the same address */
    const struct ir_block *ir; /* TB_INTERP */
    struct tb *region;         /* TB_TIER1, atomic: region that is entered here */
    struct tb_links links;     /* near pc, for who looks blocks up */
    struct tb_code code;
    struct tb_heat heat;  /* TB_TIER1 */
    struct tb_keep *keep; /* TB_TIER1; NULL: it does not go into the cache on disk, or is from there */
    struct tb_part part;  /* TB_REGION; other kinds have no memory for it (TB_BLOCK_BYTES) */
};

enum {
    TB_BLOCK_BYTES = offsetof(struct tb, part), /* of a block's record: there are many */
    TB_NO_END = 1 << 30,                        /* a count that is not reached in a window */
    TBS_HASH_BITS = 19,
    TBS_GROUP_BITS = 8, /* of the buckets of one page of guest code */
    TBS_PAGE_BITS = 12,
    TBS_PAGE_SHIFT = 12,
    TBS_UNMET_BITS = 10,
    TB_ASK = 2000, /* entries after which the cache on disk is asked for a block's region, if it is not known there */
    TB_ASK_KNOWN = 16, /* ... if there is an entry for the block */
};

/* What is known of the addresses that fall into it. */
struct tbs_bucket {
    struct tb *first;         /* atomic */
    struct tcg_exit *waiting; /* exits that will be chained when their target is published (chain.c) */
};

struct tbs {
    struct tbs_bucket bucket[1 << TBS_HASH_BITS]; /* first, for huge pages */
    pthread_mutex_t lock;                         /* links, page index, retirement */
    uint16_t groups_used[(sizeof(struct tbs_bucket) << TBS_HASH_BITS) / CODE_PAGES_HUGE]; /* of each huge page */
    bool used[1 << (TBS_HASH_BITS - TBS_GROUP_BITS)]; /* atomic: the group of buckets had a block */
    struct tb_page *page[1 << TBS_PAGE_BITS];
    struct tb_unmet *unmet[1 << TBS_UNMET_BITS];
    uint64_t retired; /* blocks and regions, so far */
};

/* Mostly zero pages: the table is touched where it is used. */
enum status tbs_create(struct tbs **tbs);
void tbs_destroy(struct tbs *tbs);
/* Guest code that lies together has buckets that do: a small program touches few pages of them. */
static inline struct tbs_bucket *tbs_bucket(struct tbs *tbs, gaddr_t pc, uint32_t mode)
{
    enum { GROUPS_BITS = TBS_HASH_BITS - TBS_GROUP_BITS };
    uint64_t page = pc >> TBS_PAGE_SHIFT, place = pc >> 1 ^ pc >> 9;
    uint64_t group = page ^ page >> GROUPS_BITS ^ page >> 2 * GROUPS_BITS ^ (uint64_t)mode * 0x9e3779b1;
    return &tbs->bucket[(group & ((1 << GROUPS_BITS) - 1)) << TBS_GROUP_BITS | (place & ((1 << TBS_GROUP_BITS) - 1))];
}
/* The next bucket that may have a block, NULL first and last. */
struct tbs_bucket *tbs_next(struct tbs *tbs, struct tbs_bucket *bucket);
/* Lock-free; inside a read section. */
struct tb *tb_find(struct engine *e, gaddr_t pc, uint32_t mode);
/* The piece of code that host pc is in; NULL if none. Async-signal-safe inside a section. */
struct tb *tb_find_host(struct engine *e, uintptr_t host_pc);
/* Keeps code bytes of the reservation as tb's. Before tb is published: a fault in its code must find it in its
 * chunk. */
void tb_commit(struct engine *e, struct cc_reservation *r, size_t code, struct tb *tb);
/* The same for count blocks, whose code is code bytes, in the order of their addresses. */
void tb_commit_all(struct engine *e, struct cc_reservation *r, size_t code, struct tb *const *tbs, unsigned count);
/* Publishes tb unless one for its pc and mode is there: returns the one to use. NULL: its pages have another generation
 * than the one given (not asked of volatile code): the guest's code changed while it was translated. */
struct tb *tb_insert(struct engine *e, struct tb *tb, uint64_t generation);
/* Publishes those of count blocks whose pc and mode have none yet, if [start, end), where their guest code is, has this
 * generation still: returns how many. */
unsigned tb_insert_all(struct engine *e, struct tb *const *tbs, unsigned count, gaddr_t start, gaddr_t end,
                       uint64_t generation);
/* Redirects what is chained to head, and look-ups, to region's code at host, or back to tier 1 (region NULL). tbs.lock
 * held. */
void tb_set_region_locked(struct engine *e, struct tb *head, struct tb *region, const uint8_t *host);
/* What goes to the region goes to its blocks in tier 1 instead, or not any more. tbs.lock held; IBTCs as of
 * tb_count_locked. */
void tb_suspend_region_locked(struct tb *region, bool on);
/* Has the block's executions counted, or not. tbs.lock held. The IBTC of the thread that executes it may lead elsewhere
 * still (ibtc.h). */
void tb_count_locked(struct tb *tb, bool on);
/* No block counts but those that ask. Takes tbs.lock. */
void tb_stop_counting_all(struct engine *e);
/* The block will not head a region: it need not count. Outside of tbs.lock. */
void tb_stop_counting(struct engine *e, struct tb *tb);
/* Removes tb from look-up and unlinks it both ways. tbs.lock held. */
void tb_retire_locked(struct engine *e, struct tb *tb);
/* Puts the pages of a region into the index; tb_insert does it for blocks. tbs.lock held. */
void tb_index_pages_locked(struct engine *e, struct tb *tb);
/* The region's unmet blocks will be told when they are translated. tbs.lock held. */
void tb_await_unmet_locked(struct engine *e, struct tb *region);
/* Retires what was made from a byte of [start, end): true if there was anything. Takes tbs.lock. */
bool tb_retire_range(struct engine *e, gaddr_t start, gaddr_t end);
/* Shows all tier-1 blocks that are published, and perhaps some that are being so. Inside a section. */
void tb_visit_all(struct engine *e, void (*visit)(struct tb *tb, void *arg), void *arg);
/* Retires all regions. Takes tbs.lock. */
void tb_retire_regions(struct engine *e);

/* Entries seen in tier 1 so far: a hint for heuristics. Other threads arm and count at the same time. */
static inline uint64_t tb_executions(const struct tb *tb)
{
    int64_t armed = __atomic_load_n(&tb->heat.armed, __ATOMIC_RELAXED);
    return __atomic_load_n(&tb->heat.executed, __ATOMIC_RELAXED) +
           (uint64_t)(armed - __atomic_load_n(&tb->heat.counter, __ATOMIC_RELAXED));
}
/* The counter runs out after count more entries. */
static inline void tb_arm(struct tb *tb, int32_t count)
{
    __atomic_store_n(&tb->heat.executed, tb_executions(tb), __ATOMIC_RELAXED);
    __atomic_store_n(&tb->heat.armed, count, __ATOMIC_RELAXED);
    __atomic_store_n(&tb->heat.counter, count, __ATOMIC_RELAXED);
}
/* The same, but the cache on disk is asked after ask entries. */
static inline void tb_arm_to_ask(struct tb *tb, int32_t count, int32_t ask)
{
    ask = count < ask ? count : ask;
    __atomic_store_n(&tb->heat.rest, count - ask, __ATOMIC_RELAXED);
    __atomic_store_n(&tb->heat.asks, true, __ATOMIC_RELAXED);
    tb_arm(tb, ask);
}
/* Is the block an entry of another block's region? A region that it heads cannot be installed then. Stays true or false
 * only under tbs.lock. */
static inline bool tb_is_entry(const struct tb *tb)
{
    const struct tb *region = __atomic_load_n(&tb->region, __ATOMIC_ACQUIRE);
    return region && region->part.head != tb;
}
/* Where a tier-1 block is entered that has no region. tbs.lock held, or it is not published yet. */
static inline const uint8_t *tb_own_entry(const struct tb *tb)
{
    return tb->code.rx + (tb->heat.counting ? tb->code.counter_off : 0);
}
/* The region that is entered there, or NULL. Inside a section. */
static inline struct tb *tb_region(const struct tb *tb) { return __atomic_load_n(&tb->region, __ATOMIC_ACQUIRE); }
static inline const uint8_t *tb_entry(const struct tb *tb)
{
    return __atomic_load_n(&tb->code.entry, __ATOMIC_ACQUIRE);
}

#endif
