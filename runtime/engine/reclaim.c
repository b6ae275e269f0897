/* SPDX-License-Identifier: Apache-2.0 */
/* Grace periods: see reclaim.h. Optimizer threads' sections are in a small table of the engine; guest threads' are
 * found through engine_os.foreach_thread. */
#define _GNU_SOURCE
#include "runtime/engine/reclaim.h"

#include <sched.h>
#include <time.h>

#include "runtime/engine/thread.h"

/* Has this section ended, or begun after seq was raised? Partner: section_enter, section_leave. */
static bool section_passed(const uint64_t *section, uint64_t seq)
{
    uint64_t s = __atomic_load_n(section, __ATOMIC_ACQUIRE);
    return s == 0 || s >= seq;
}

struct pass {
    uint64_t seq;
    bool all;
};

static void visit_section(struct engine_thread *t, void *arg)
{
    struct pass *p = arg;
    if (section_passed(&t->section, p->seq))
        return;
    p->all = false;
    engine_kick(t);
}

uint64_t reclaim_begin(struct engine *e)
{
    uint64_t seq = __atomic_add_fetch(&e->section_seq, 1, __ATOMIC_SEQ_CST);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    return seq;
}

bool reclaim_passed(struct engine *e, uint64_t begun)
{
    struct pass p = {begun, true};
    e->os->foreach_thread(e->process, visit_section, &p);
    for (unsigned i = 0; i < ARRAY_LEN(e->other_sections); i++) {
        uint64_t *section = __atomic_load_n(&e->other_sections[i], __ATOMIC_ACQUIRE);
        if (section && !section_passed(section, begun))
            p.all = false;
    }
    return p.all;
}

void reclaim_wait(struct engine *e)
{
    /* after this, flush_seq is new for all: whoever enters a section from now on drops IBTC and return stack first */
    __atomic_add_fetch(&e->flush_seq, 1, __ATOMIC_SEQ_CST);
    uint64_t seq = reclaim_begin(e);
    for (unsigned spins = 0; !reclaim_passed(e, seq); spins++) {
        if (spins < 16)
            sched_yield();
        else
            nanosleep(&(struct timespec){.tv_nsec = 50000}, NULL);
    }
}

void reclaim_register(struct engine *e, uint64_t *section)
{
    for (unsigned i = 0; i < ARRAY_LEN(e->other_sections); i++) {
        uint64_t *none = NULL;
        if (__atomic_compare_exchange_n(&e->other_sections[i], &none, section, false, __ATOMIC_ACQ_REL,
                                        __ATOMIC_RELAXED))
            return;
    }
    __builtin_trap(); /* more optimizer threads than the table has room for: tiers_init caps them */
}

void reclaim_unregister(struct engine *e, uint64_t *section)
{
    for (unsigned i = 0; i < ARRAY_LEN(e->other_sections); i++)
        if (e->other_sections[i] == section)
            __atomic_store_n(&e->other_sections[i], NULL, __ATOMIC_RELEASE);
}

static void visit_kick(struct engine_thread *t, void *arg)
{
    (void)arg;
    engine_kick(t);
}

void engine_kick_all(struct engine *e)
{
    __atomic_add_fetch(&e->flush_seq, 1, __ATOMIC_SEQ_CST);
    e->os->foreach_thread(e->process, visit_kick, NULL);
}
