/* SPDX-License-Identifier: Apache-2.0 */
/* Chaining. Exits of blocks are chained before they are taken: when their block or their target is published, whichever
 * comes later. Until then they wait in the bucket of the target. So an exit comes to the dispatcher only if its target
 * has not been translated, and most of a compiler's blocks run only once or twice.
 *
 * I1  exit->target is T exactly when exit is in T->incoming, and then the exit's jump goes to T's entry, or to a
 *     counter that goes on there (edges.c).
 * I2  exit->waits exactly when exit is in the waiting list of its bucket; then it has no target.
 * I3  Exits of published blocks have a target or wait. Those of regions are chained when they are taken, and do not
 *     wait: a chained one says that the region was left there (tiers.c).
 * I4  Nothing is chained to volatile code, whose blocks come and go, nor to or from what is retired.
 */
#include "runtime/engine/chain.h"

#include "src/base/log.h"

static void patch(struct tcg_exit *exit, const uint8_t *target)
{
    struct tb *owner = exit->owner;
    tcg_patch_exit(owner->code.rw, owner->code.rx, exit, target);
}

static void wait_locked(struct engine *e, struct tcg_exit *exit)
{
    struct tcg_exit **list = &tbs_bucket(e->tbs, exit->pc, exit->mode)->waiting;
    exit->waits = true;
    exit->next = *list;
    *list = exit;
}

static void remove_locked(struct tcg_exit **list, struct tcg_exit *exit)
{
    while (*list != exit)
        list = &(*list)->next;
    *list = exit->next;
    exit->next = NULL;
}

static void stop_waiting_locked(struct engine *e, struct tcg_exit *exit)
{
    if (exit->waits)
        remove_locked(&tbs_bucket(e->tbs, exit->pc, exit->mode)->waiting, exit);
    exit->waits = false;
}

static void chain_locked(struct tcg_exit *exit, struct tb *target)
{
    const struct tb *owner = exit->owner;
    bool jumps = exit->kind == IR_EXIT_DIRECT || exit->kind == IR_EXIT_POLL;
    if (exit->kind == IR_EXIT_CALL || (jumps && (owner->kind == TB_REGION || exit->pc <= owner->pc)))
        __atomic_store_n(&target->heat.head_like, true, __ATOMIC_RELAXED);
    exit->target = target;
    exit->next = target->links.incoming;
    target->links.incoming = exit;
    patch(exit, target->code.entry);
}

void chain_taken(struct engine *e, struct tcg_exit *exit, struct tb *target)
{
    const struct tb *owner = exit->owner;
    pthread_mutex_lock(&e->tbs->lock);
    if (!exit->target && exit->jmp_off && !target->links.retired && !owner->links.retired) {
        stop_waiting_locked(e, exit);
        chain_locked(exit, target);
    }
    pthread_mutex_unlock(&e->tbs->lock);
}

/* Chains what waits for tb. */
static void wake_locked(struct engine *e, struct tb *tb)
{
    struct tcg_exit **link = &tbs_bucket(e->tbs, tb->pc, tb->mode)->waiting;
    while (*link) {
        struct tcg_exit *exit = *link;
        if (exit->pc == tb->pc && exit->mode == tb->mode) {
            *link = exit->next;
            exit->waits = false;
            chain_locked(exit, tb);
        } else {
            link = &exit->next;
        }
    }
}

void chain_published_locked(struct engine *e, struct tb *tb)
{
    if (log_on(LOG_NOCHAIN))
        return;
    if (!tb->volatile_code)
        wake_locked(e, tb);
    for (uint32_t i = 0; i < tb->code.exit_count; i++) {
        struct tcg_exit *exit = &tb->code.exits[i];
        if (!exit->jmp_off)
            continue;
        struct tb *target = tb_find(e, exit->pc, exit->mode);
        if (target && !target->volatile_code)
            chain_locked(exit, target);
        else
            wait_locked(e, exit);
    }
}

void chain_redirect_locked(struct tb *tb, const uint8_t *entry)
{
    for (struct tcg_exit *x = tb->links.incoming; x; x = x->next)
        patch(x, entry);
}

/* The exits of blocks that stay wait for what will be in tb's place. */
static void unchain_incoming_locked(struct engine *e, struct tb *tb)
{
    struct tcg_exit *next;
    for (struct tcg_exit *x = tb->links.incoming; x; x = next) {
        const struct tb *owner = x->owner;
        next = x->next;
        x->target = NULL;
        x->next = NULL;
        patch(x, NULL);
        if (owner->kind == TB_TIER1 && !owner->links.retired)
            wait_locked(e, x);
    }
    tb->links.incoming = NULL;
}

static void unchain_outgoing_locked(struct engine *e, struct tb *tb)
{
    for (uint32_t i = 0; i < tb->code.exit_count; i++) {
        struct tcg_exit *x = &tb->code.exits[i];
        struct tb *target = x->target;
        stop_waiting_locked(e, x);
        if (!target)
            continue;
        remove_locked(&target->links.incoming, x);
        x->target = NULL;
        patch(x, NULL);
    }
}

void chain_retired_locked(struct engine *e, struct tb *tb)
{
    unchain_incoming_locked(e, tb);
    unchain_outgoing_locked(e, tb);
}
