/* SPDX-License-Identifier: Apache-2.0 */
/* This host's part in a translation: its struct tcg_host. */
#include "tcg/common/block.h"
#include "tcg/x86_64/asm.h"
#include "tcg/x86_64/head.h"
#include "tcg/x86_64/move.h"
#include "tcg/x86_64/op_table.h"
#include "tcg/x86_64/operand.h"
#include "tcg/x86_64/regs.h"
#include "tcg/x86_64/simd.h"
#include "tcg/x86_64/verify.h"
#include "tcg/x86_64/x87_stack.h"

static bool is_disp(int64_t disp) { return tcg_fits32(disp); }
static bool vector_from_memory(const struct tcg *t) { return tcg_has(t, TCG_HAS_AVX); }
static void bind(struct tcg *t, uint32_t from) { hx_bind(&t->a, from); }

static const struct tcg_host x86_64_host = {
    .scratch_gprs = HX_SCRATCH_GPRS,
    .fprs = HX_ALL_XMM,
    .pinned_gprs = tcg_pinned_gprs,
    .pinned_fprs = tcg_pinned_fprs,
    .cpu_reg = HX_R13,
    .ops = tcg_ops,
    .max_insn_bytes = 1536,
    .is_imm = tcg_is_imm,
    .is_disp = is_disp,
    .max_index_shift = 3,
    .max_load_order = 1, /* every load is an acquire */
    .vector_from_memory = vector_from_memory,
    .move = tcg_move,
    .load = tcg_load,
    .store = tcg_store,
    .load_const = tcg_load_const,
    .store_const = tcg_store_const,
    .copy_wide = tcg_copy_wide,
    .write_const = tcg_write_const,
    .head = tcg_head,
    .bind = bind,
    .before = xs_before,
    .after = xs_end,
    .dead = xs_kill,
    .before_get = xs_before_get,
    .put = xs_put,
    .put_mode = xs_put_mode,
};

enum status tcg_translate(const struct tcg_request *req, struct tcg_result *result)
{
    struct tcg_x86 x = {0};
    enum status s = tcg_translate_block(&x.t, &x86_64_host, req, result);
    if (s == STATUS_OK)
        tcg_verify_relocs(req, result);
    return s;
}
