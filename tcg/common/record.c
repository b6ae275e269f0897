/* SPDX-License-Identifier: Apache-2.0 */
/* Exits' records and the pc map: arrays of the request, filled while the block is emitted. */
#include "tcg/common/record.h"

static_assert(CPU_MODE_BITS <= 16, "tcg_exit.mode holds a mode");

struct tcg_exit *tcg_new_exit(struct tcg *t, enum ir_exit_kind kind, gaddr_t pc)
{
    if (t->exit_count == t->req->max_exits || t->exit_count == TCG_MAX_EXITS) {
        tcg_fail(t, STATUS_TOO_LARGE);
        return NULL;
    }
    struct tcg_exit *e = &t->req->exits[t->exit_count++];
    *e = (struct tcg_exit){.pc = pc, .kind = (uint8_t)kind, .mode = (uint16_t)ir_exit_mode(t->block, t->cur)};
    return e;
}

bool tcg_is_backward(const struct tcg *t, gaddr_t pc) { return pc <= t->block->pc; }

void tcg_map_add(struct tcg *t, uint32_t x87)
{
    const struct tcg_request *req = t->req;
    size_t host = tcg_buf_off(&t->a), guest = t->insn_pc - t->block->pc;
    if (!req->map)
        return;
    if (t->map_count == req->max_map || host > UINT16_MAX || guest > TCG_MAP_OFFSET) {
        tcg_fail(t, STATUS_TOO_LARGE);
        return;
    }
    guest |= t->insn_replays ? TCG_MAP_REPLAYS : 0;
    req->map[t->map_count++] =
        (struct tcg_pc_map){.host_off = (uint16_t)host, .guest_off = (uint16_t)guest, .x87 = x87};
}
