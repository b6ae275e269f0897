/* SPDX-License-Identifier: Apache-2.0 */
/* From guest bytes to a sealed IR block, by the guest's front end. */
#include "runtime/engine/lift.h"

#include "frontend/block.h"
#include "src/ir/simplify/seal.h"

enum status lift_block(const struct engine *e, gaddr_t pc, uint32_t mode, struct lift_code code, unsigned max_insns,
                       struct arena *arena, const struct ir_block **block)
{
    struct ir_builder b;
    struct guest_lift req = {.pc = pc,
                             .code = code.bytes,
                             .avail = code.avail,
                             .before = code.before,
                             .after = code.after,
                             .mode = mode,
                             .config = e->config,
                             .max_branches = (unsigned)e->options->block_branches,
                             .max_insns = max_insns};
    req.stores_end = e->guest->coherent_code && e->mem->writes_itself(e->memory, pc);
    for (;;) {
        ir_builder_init(&b, arena, e->guest->state, pc, mode);
        b.fp_fast = e->fp_fast;
        b.merges_loads = e->guest->weak_loads;
        enum status s = guest_lift_block(e->guest, &req, &b);
        *block = s == STATUS_OK ? ir_builder_seal(&b) : NULL;
        if (*block)
            return STATUS_OK;
        if (s != STATUS_OK && s != STATUS_TOO_LARGE)
            return s;
        if (req.max_insns == 1)
            return STATUS_TOO_LARGE;
        req.max_insns /= 2;
    }
}
