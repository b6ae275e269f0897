/* SPDX-License-Identifier: Apache-2.0 */
/* Debug builds: are all addresses in a block's code noted? The block is translated again, as if everything that has an
 * address were elsewhere. Then the first code, with its addresses changed as noted, has to be the same bytes.
 *
 * I1  What is part of the program's image cannot be elsewhere in one process. Instead, its addresses are looked for.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tcg/x86_64/verify.h"

#ifdef TANDEM_VERIFY_IR

/* How far each thing is moved: not alike, and 16-aligned. */
enum { MOVE_CODE = 0x7fe0, MOVE_GLUE = -0x5550, MOVE_COUNTER = 0x12340 };

/* Of the linker. */
extern const char __executable_start[], end[];

struct moved {
    const struct tcg_request *was;
    struct tcg_request req;
    struct tcg_glue glue;
};

/* All pointers of the glue are to places in it. */
static void move_glue(struct tcg_glue *g)
{
    const uint8_t **const places[] = {&g->enter,    &g->exit_link, &g->exit_link_of, &g->exit_lookup, &g->exit_poll,
                                      &g->exit_hot, &g->exit_trap, &g->ibtc_other,   &g->ibtc_plain,  &g->jump_ind,
                                      &g->ret_miss, &g->fp_flags,  &g->eval,         &g->consts};
    for (unsigned i = 0; i < sizeof places / sizeof *places; i++)
        *places[i] += MOVE_GLUE;
}

/* Where addr is when everything has been moved. */
static uint64_t moved_address(const struct moved *m, uint64_t addr)
{
    const struct tcg_request *was = m->was;
    uint64_t exits = (uintptr_t)was->exits, glue = (uintptr_t)was->glue->consts;
    if (addr - glue < TCG_GLUE_BYTES)
        return addr + (uint64_t)(int64_t)MOVE_GLUE;
    if (was->counter && addr == (uintptr_t)was->counter)
        return (uintptr_t)m->req.counter;
    if (addr - exits < was->max_exits * sizeof *was->exits)
        return addr - exits + (uintptr_t)m->req.exits;
    return addr;
}

static bool is_noted(const struct tcg_request *req, unsigned count, size_t off)
{
    for (unsigned i = 0; i < count; i++)
        if (req->relocs[i].kind == TCG_RELOC_ABS64 && req->relocs[i].off == off)
            return true;
    return false;
}

/* I1 */
static const char *look_for_image(const struct tcg_request *req, const struct tcg_result *result)
{
    uint64_t size = (uint64_t)(end - __executable_start), word;
    for (size_t off = 0; off + sizeof word <= result->size; off++) {
        memcpy(&word, req->rw + off, sizeof word);
        if (word - (uintptr_t)__executable_start < size && !is_noted(req, result->reloc_count, off))
            return "an address of the program's is not noted";
    }
    return NULL;
}

static const char *compare(struct moved *m, const struct tcg_result *result, uint8_t *copy)
{
    const struct tcg_request *was = m->was;
    struct tcg_result again;
    memcpy(copy, was->rw, result->size);
    for (unsigned i = 0; i < result->reloc_count; i++) {
        const struct tcg_reloc *r = &was->relocs[i];
        if (r->off + (r->kind == TCG_RELOC_ABS64 ? 8u : 4u) > result->size)
            return "an address is noted outside of the code";
        if (!tcg_relocate(r, copy + r->off, m->req.rx + r->off, moved_address(m, r->addr)))
            return "an address is too far away";
    }
    if (tcg_translate(&m->req, &again) != STATUS_OK || again.size != result->size)
        return "the code's size depends on addresses";
    if (memcmp(copy, m->req.rw, result->size) != 0)
        return "an address is not noted";
    return look_for_image(was, result);
}

void tcg_verify_relocs(const struct tcg_request *req, const struct tcg_result *result)
{
    uint8_t *code = malloc(2 * req->capacity);
    struct tcg_exit *exits = malloc((req->max_exits + 1) * sizeof *exits);
    if (!req->relocs || result->reloc_count > req->max_relocs || !code || !exits) {
        free(code);
        free(exits);
        return;
    }
    struct moved m = {.was = req, .req = *req, .glue = *req->glue};
    move_glue(&m.glue);
    m.req.rw = code;
    m.req.rx += MOVE_CODE;
    m.req.glue = &m.glue;
    m.req.exits = exits;
    m.req.map = NULL;
    m.req.relocs = NULL;
    if (req->counter)
        m.req.counter += MOVE_COUNTER / sizeof *req->counter;
    const char *wrong = compare(&m, result, code + req->capacity);
    if (wrong) {
        fprintf(stderr, "tcg: block at %#llx: %s\n", (unsigned long long)req->block->pc, wrong);
        abort();
    }
    free(code);
    free(exits);
}

#else

void tcg_verify_relocs(const struct tcg_request *req, const struct tcg_result *result) {}

#endif
