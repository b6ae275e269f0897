/* SPDX-License-Identifier: Apache-2.0 */
/* The disassembler: expands a row's name and operand text. What stands behind % is replaced; DDI 0487's names, no
 * aliases.
 *
 *   Rd Wd Xd   register by sf, w, x; 31 is the zero register     Sd Pd   register by sf, x; 31 is sp
 *   Qd qd      register by bits 31 and 30, or 30: x or w
 *   Vd Gd Nd   vector by bits 23 and 22 and Q, of floats by bit 22, of bytes; Hd Kd scalars by the same; Yd the number
 *   Fd         vector register as b, h, s, d or q by the row's memory type
 *              with d or t bits 4 to 0, n 9 to 5, m or s 20 to 16, a or u 14 to 10; S and U: s and t plus 1
 *   and the letters of append_field below */
#include "frontend/aarch64/a64_disas.h"

#include <inttypes.h>
#include <string.h>

#include "frontend/aarch64/a64_decode.h"
#include "frontend/aarch64/a64_sysreg.h"
#include "frontend/disas_text.h"

static const char *const conds[16] = {"eq", "ne", "cs", "cc", "mi", "pl", "vs", "vc",
                                      "hi", "ls", "ge", "lt", "gt", "le", "al", "nv"};
static const char *const shifts[4] = {"lsl", "lsr", "asr", "ror"};
static const char *const extends[8] = {"uxtb", "uxth", "uxtw", "uxtx", "sxtb", "sxth", "sxtw", "sxtx"};

static unsigned access_bytes(const struct a64_insn *i)
{
    return ir_type_bits((enum ir_type)(i->row->arg & IR_MEM_TYPE)) / 8;
}

static unsigned register_at(char field, const struct a64_insn *i)
{
    switch (field) {
    case 'n':
        return a64_rn(i);
    case 'm':
    case 's':
        return a64_rm(i);
    case 'S':
        return a64_rm(i) + 1;
    case 'U':
        return a64_rd(i) + 1;
    case 'a':
    case 'u':
        return a64_ra(i);
    default:
        return a64_rd(i);
    }
}

/* Vectors by bits 23 and 22, of floats by bit 22, of bytes; scalars by the same; just the number. */
static void append_vector(struct disas_text *t, char kind, unsigned n, const struct a64_insn *i)
{
    static const char *const arrangements[8] = {"8b", "16b", "4h", "8h", "2s", "4s", "1d", "2d"};
    const unsigned size = kind == 'N' ? 0 : kind == 'G' ? 2 + a64_bits(i, 22, 1) : a64_bits(i, 22, 2);
    if (kind == 'Y')
        disas_append(t, "v%u", n);
    else if (kind == 'H' || kind == 'K')
        disas_append(t, "%c%u", kind == 'K' ? "sd"[a64_bits(i, 22, 1)] : "bhsd"[size], n);
    else
        disas_append(t, "v%u.%s", n, arrangements[2 * size + a64_bits(i, 30, 1)]);
}

/* immh:immb: the width plus a left shift's count, twice the width less a right shift's */
static int vector_shift(const struct a64_insn *i, bool left)
{
    const int imm = (int)a64_bits(i, 16, 7), width = imm >= 64 ? 64 : imm >= 32 ? 32 : imm >= 16 ? 16 : 8;
    return left ? imm - width : 2 * width - imm;
}

static void append_register(struct disas_text *t, char kind, char field, const struct a64_insn *i)
{
    const unsigned n = register_at(field, i);
    if (strchr("VGNHKY", kind)) {
        append_vector(t, kind, n, i);
        return;
    }
    const bool is64 = kind == 'X' || kind == 'P' || (kind == 'Q' && a64_bits(i, 30, 2) == 3) ||
                      (kind == 'q' && a64_bits(i, 30, 1)) || (strchr("RS", kind) && a64_sf(i));
    if (kind == 'F')
        disas_append(t, "%c%u", "bhsdq"[__builtin_ctz(access_bytes(i))], n);
    else if (n != 31)
        disas_append(t, "%c%u", is64 ? 'x' : 'w', n);
    else if (kind == 'S' || kind == 'P')
        disas_append(t, is64 ? "sp" : "wsp");
    else
        disas_append(t, is64 ? "xzr" : "wzr");
}

static void append_mask(struct disas_text *t, const struct a64_insn *i)
{
    uint64_t value = 0;
    a64_logical_imm(i->raw, &value);
    disas_append(t, "#0x%" PRIx64, a64_sf(i) ? value : (uint32_t)value);
}

static void append_shift(struct disas_text *t, const char *name, unsigned amount)
{
    if (amount || strcmp(name, "lsl") != 0)
        disas_append(t, amount || name[0] != 'u' ? ", %s #%u" : ", %s", name, amount);
}

/* Of add and sub: LSL is the extension that changes nothing where sp is an operand. */
static void append_extend(struct disas_text *t, const struct a64_insn *i)
{
    const unsigned option = a64_bits(i, 13, 3), amount = a64_bits(i, 10, 3);
    const bool plain = option == (a64_sf(i) ? 3 : 2) && (a64_rn(i) == 31 || (a64_rd(i) == 31 && !a64_bits(i, 29, 1)));
    if (plain && !amount)
        return;
    disas_append(t, ", %s", plain ? "lsl" : extends[option]);
    if (amount)
        disas_append(t, " #%u", amount);
}

/* [Xn, Rm{, extend {amount}}] */
static void append_index(struct disas_text *t, const struct a64_insn *i)
{
    const unsigned option = a64_bits(i, 13, 3), scaled = a64_bits(i, 12, 1);
    append_register(t, option & 1 ? 'X' : 'W', 'm', i);
    if (option == 3 && !scaled)
        return;
    disas_append(t, ", %s", option == 3 ? "lsl" : extends[option]);
    if (scaled)
        disas_append(t, " #%d", __builtin_ctz(access_bytes(i)));
}

static void append_prefetch(struct disas_text *t, unsigned op)
{
    static const char *const kinds[4] = {"pld", "pli", "pst", "?"};
    if (op >> 3 == 3 || (op >> 1 & 3) == 3)
        disas_append(t, "#0x%02x", op);
    else
        disas_append(t, "%sl%u%s", kinds[op >> 3], (op >> 1 & 3) + 1, op & 1 ? "strm" : "keep");
}

static void append_barrier(struct disas_text *t, unsigned option)
{
    static const char *const domains[4] = {"osh", "nsh", "ish", ""}, *const types[4] = {"", "ld", "st", ""};
    if (option & 3)
        disas_append(t, "%s%s", domains[option >> 2], option == 15 ? "sy" : types[option & 3]);
    else
        disas_append(t, "#0x%02x", option);
}

/* The register of a return, unless it is x30. */
static void append_return(struct disas_text *t, unsigned n)
{
    if (n == 31)
        disas_append(t, "xzr");
    else if (n != 30)
        disas_append(t, "x%u", n);
}

static void append_sysreg(struct disas_text *t, const struct a64_insn *i)
{
    const char *name = a64_sysreg_name(a64_bits(i, 5, 16));
    if (name)
        disas_append(t, "%s", name);
    else
        disas_append(t, "s%u_%u_c%u_c%u_%u", a64_bits(i, 19, 2), a64_bits(i, 16, 3), a64_bits(i, 12, 4),
                     a64_bits(i, 8, 4), a64_bits(i, 5, 3));
}

/* adr, adrp */
static gaddr_t page_address(gaddr_t pc, const struct a64_insn *i)
{
    const uint64_t offset = (uint64_t)a64_sbits(i, 5, 19) << 2 | a64_bits(i, 29, 2);
    return a64_sf(i) ? (pc & ~UINT64_C(0xfff)) + (offset << 12) : pc + offset;
}

/* A wide move's immediate. */
static void append_wide(struct disas_text *t, const struct a64_insn *i)
{
    disas_append(t, "#0x%x", a64_bits(i, 5, 16));
    append_shift(t, "lsl", a64_bits(i, 21, 2) * 16);
}

/* clang-format off */
static void append_field(struct disas_text *t, char letter, gaddr_t pc, const struct a64_insn *i)
{
    switch (letter) {
    case 'A': disas_append(t, "%s%s", a64_bits(i, 23, 1) ? "a" : "", a64_bits(i, 22, 1) ? "l" : ""); break;
    case 'B': disas_append(t, "%s", conds[a64_bits(i, 0, 4)]); break;
    case 'C': disas_append(t, "%s%s", a64_bits(i, 22, 1) ? "a" : "", a64_bits(i, 15, 1) ? "l" : ""); break;
    case 'E': append_register(t, a64_sf(i) && a64_bits(i, 13, 2) == 3 ? 'X' : 'W', 'm', i); break;
    case 'U': disas_append(t, "%u", a64_bits(i, 0, 16)); break;
    case '2': disas_append(t, "%s", a64_bits(i, 30, 1) && !a64_bits(i, 28, 1) ? "2" : ""); break;
    case '3': case '4': disas_append(t, "#%d", vector_shift(i, letter == '4')); break;
    case 'Z': disas_append(t, "%s", a64_bits(i, 30, 2) == 0 ? "b" : a64_bits(i, 30, 2) == 1 ? "h" : ""); break;
    case 'b': append_mask(t, i); break;
    case 'c': disas_append(t, "%s", conds[a64_bits(i, 12, 4)]); break;
    case 'D': append_barrier(t, a64_bits(i, 8, 4)); break;
    case 'N': append_return(t, a64_rn(i)); break;
    case 'd': if (a64_bits(i, 8, 4) != 15) disas_append(t, "#0x%x", a64_bits(i, 8, 4)); break;
    case 'e': append_extend(t, i); break;
    case 'f': append_prefetch(t, a64_rd(i)); break;
    case 'g': disas_append(t, "0x%x", a64_bits(i, 5, 16)); break;
    case 'h': disas_append(t, "#0x%x", a64_bits(i, 5, 7)); break;
    case 'i': disas_append(t, "#0x%x", a64_bits(i, 10, 12)); append_shift(t, "lsl", a64_bits(i, 22, 1) * 12); break;
    case 'j': case 'l': case 't': disas_append(t, "0x%" PRIx64, a64_direct_target(i, pc)); break;
    case 'k': append_shift(t, shifts[a64_bits(i, 22, 2)], a64_bits(i, 10, 6)); break;
    case 'n': disas_append(t, "#0x%x", a64_bits(i, 0, 4)); break;
    case 'o': disas_append(t, "#%" PRId64, a64_sbits(i, 12, 9)); break;
    case 'p': disas_append(t, "0x%" PRIx64, page_address(pc, i)); break;
    case 'r': disas_append(t, "#%u", a64_bits(i, 16, 6)); break;
    case 's': disas_append(t, "#%u", a64_bits(i, 10, 6)); break;
    case 'u': disas_append(t, "#%u", a64_bits(i, 10, 12) * access_bytes(i)); break;
    case 'v': disas_append(t, "#0x%x", a64_bits(i, 16, 5)); break;
    case 'w': append_wide(t, i); break;
    case 'x': append_index(t, i); break;
    case 'y': append_sysreg(t, i); break;
    case 'z': disas_append(t, "#%u", a64_bits(i, 31, 1) << 5 | a64_bits(i, 19, 5)); break;
    case '7': disas_append(t, "#%" PRId64, a64_sbits(i, 15, 7) * access_bytes(i)); break;
    default: disas_append(t, "%%%c", letter); break;
    }
}
/* clang-format on */

static void expand(struct disas_text *t, const char *text, gaddr_t pc, const struct a64_insn *i)
{
    for (const char *p = text; *p; p++) {
        if (*p != '%' || !p[1]) {
            disas_append(t, "%c", *p);
        } else if (strchr("RWXSPFQqVGNHKY", p[1]) && p[2]) {
            append_register(t, p[1], p[2], i);
            p += 2;
        } else {
            append_field(t, *++p, pc, i);
        }
    }
}

unsigned a64_disas(gaddr_t pc, const uint8_t *code, size_t avail, char *text, size_t size)
{
    struct disas_text t = {text, size, 0};
    struct a64_insn i;
    uint32_t word;
    if (size)
        text[0] = 0;
    if (avail < sizeof word)
        return 0;
    memcpy(&word, code, sizeof word);
    if (!a64_decode(word, A64_FEAT_ALL, &i)) {
        disas_append(&t, ".inst\t0x%08x", word);
        return sizeof word;
    }
    expand(&t, i.row->name, pc, &i);
    const size_t name_end = t.len;
    if (i.row->operands[0])
        disas_append(&t, "\t");
    expand(&t, i.row->operands, pc, &i);
    if (t.len == name_end + 1 && t.len < size) /* none are shown */
        text[name_end] = 0;
    return sizeof word;
}
