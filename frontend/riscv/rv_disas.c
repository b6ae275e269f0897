/* SPDX-License-Identifier: Apache-2.0 */
/* The disassembler: expands a row's operand text, letter by letter (rv_insns.def says what the letters mean). All
 * extensions are taken as present; what does not decode is shown as data. */
#include "frontend/riscv/rv_disas.h"

#include <inttypes.h>

#include "frontend/disas_text.h"
#include "frontend/riscv/rv_csr_name.h"
#include "frontend/riscv/rv_decode.h"
#include "frontend/riscv/rv_state.h"

static const char *x_name(unsigned n) { return n ? rv_state_table.rows[rv_row_x(n)].name : "zero"; }
static const char *f_name(unsigned n) { return rv_state_table.rows[rv_row_f(n)].name; }

static void append_csr(struct disas_text *t, unsigned number)
{
    const char *name = rv_csr_name(number);

    if (name)
        disas_append(t, "%s", name);
    else
        disas_append(t, "0x%x", number);
}

static void append_fence_set(struct disas_text *t, unsigned set)
{
    if (!set)
        disas_append(t, "unknown");
    for (unsigned n = 0; n < 4; n++) {
        if (set & 8 >> n)
            disas_append(t, "%c", "iorw"[n]);
    }
}

/* A rounding mode is an operand of its own unless it is dynamic. */
static void append_rounding(struct disas_text *t, unsigned rm)
{
    static const char *const names[] = {"rne", "rtz", "rdn", "rup", "rmm"};

    if (rm < ARRAY_LEN(names))
        disas_append(t, ",%s", names[rm]);
}

/* clang-format off */
static void append_operand(struct disas_text *t, char letter, gaddr_t pc, const struct rv_insn *i)
{
    switch (letter) {
    case 'd': disas_append(t, "%s", x_name(i->rd)); break;
    case 's': disas_append(t, "%s", x_name(i->rs1)); break;
    case 't': disas_append(t, "%s", x_name(i->rs2)); break;
    case 'D': disas_append(t, "%s", f_name(i->rd)); break;
    case 'S': disas_append(t, "%s", f_name(i->rs1)); break;
    case 'T': disas_append(t, "%s", f_name(i->rs2)); break;
    case 'R': disas_append(t, "%s", f_name(i->rs3)); break;
    case 'i': disas_append(t, "%" PRId64, i->imm); break;
    case 'x': disas_append(t, "0x%" PRIx64, i->imm); break;
    case 'u': disas_append(t, "0x%x", (unsigned)(i->imm >> 12) & 0xfffff); break;
    case 'b': disas_append(t, "0x%" PRIx64, pc + (uint64_t)i->imm); break;
    case 'm': append_rounding(t, rv_rm(i)); break;
    case 'M': append_rounding(t, rv_rm(i) ? rv_rm(i) : RV_RM_DYN); break;
    case 'c': append_csr(t, (unsigned)i->imm); break;
    case 'z': disas_append(t, "%u", i->rs1); break;
    case 'p': append_fence_set(t, i->raw >> 24 & 15); break;
    case 'q': append_fence_set(t, i->raw >> 20 & 15); break;
    default: disas_append(t, "%c", letter); break;
    }
}
/* clang-format on */

unsigned rv_disas(gaddr_t pc, const uint8_t *code, size_t avail, char *text, size_t size)
{
    struct disas_text t = {text, size, 0};
    struct rv_insn i;
    bool legal = rv_fetch(code, avail, RV_EXT_ALL, &i);

    if (size)
        text[0] = 0;
    if (!i.len)
        return 0;
    if (!legal) {
        disas_append(&t, i.len == 2 ? ".2byte\t0x%x" : ".4byte\t0x%x", i.raw);
        return i.len;
    }
    disas_append(&t, "%s", i.row->name);
    if (i.row->kind == RV_KIND_AMO && (rv_aq(&i) || rv_rl(&i)))
        disas_append(&t, "%s", rv_aq(&i) ? rv_rl(&i) ? ".aqrl" : ".aq" : ".rl");
    if (i.row->operands[0])
        disas_append(&t, "\t");
    for (const char *p = i.row->operands; *p; p++)
        append_operand(&t, *p, pc, &i);
    return i.len;
}
