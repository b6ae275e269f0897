/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the text form that print.c writes. A line is one instruction; ';' starts a comment; commas are spaces. Values
 * are named by any number, not necessarily their position, so that tests can be written by hand. A missing block line
 * gives a block at address 0.
 *
 * I1  Instructions are taken as written: nothing is simplified, and the result is not verified.
 * I2  A helper or a vector function gets a record of its own, with its name (and a helper's effects and operand count)
 *     but no function: such a block can be printed and optimized, not executed.
 */
#include "src/ir/text/parse.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/ir/int_ops.h"
#include "src/ir/text/text.h"

struct parser {
    const char *at;
    unsigned line;
    struct arena *arena;
    const struct ir_state *state;
    struct ir_insn *insns;
    uint32_t count, capacity;
    struct ir_block *block;
    ir_ref *names; /* value number in the text -> instruction; 0xffff: not defined */
    char *message;
    size_t size;
};

enum { FIRST_CAPACITY = 64, NAME_LIMIT = IR_MAX_INSNS };

static bool __attribute__((format(printf, 2, 3))) fail(struct parser *p, const char *fmt, ...)
{
    va_list ap;
    int n = snprintf(p->message, p->size, "line %u: ", p->line);
    if (n > 0 && (size_t)n < p->size) {
        va_start(ap, fmt);
        vsnprintf(p->message + n, p->size - (size_t)n, fmt, ap);
        va_end(ap);
    }
    return false;
}

/* --- words --- */

struct word {
    const char *text;
    size_t len;
};

static void skip_space(struct parser *p)
{
    while (*p->at == ' ' || *p->at == '\t' || *p->at == ',' || *p->at == '\r')
        p->at++;
    if (*p->at == ';')
        p->at += strcspn(p->at, "\n");
}

static bool at_line_end(struct parser *p)
{
    skip_space(p);
    return *p->at == '\n' || *p->at == '\0';
}

static struct word next_word(struct parser *p)
{
    skip_space(p);
    struct word w = {p->at, strcspn(p->at, " \t,\r\n;{}")};
    p->at += w.len;
    return w;
}

static bool is(struct word w, const char *text)
{
    return text && strlen(text) == w.len && !memcmp(w.text, text, w.len);
}

/* "name=number": the number, if the word begins so. */
static bool has_number(struct word w, const char *name, uint64_t *value)
{
    size_t n = strlen(name);
    if (w.len <= n + 1 || memcmp(w.text, name, n) != 0 || w.text[n] != '=')
        return false;
    *value = strtoull(w.text + n + 1, NULL, 0);
    return true;
}

static bool parse_number(struct parser *p, struct word w, uint64_t *value)
{
    char *end;
    *value = strtoull(w.text, &end, 0);
    return (end == w.text + w.len && w.len) || fail(p, "not a number: %.*s", (int)w.len, w.text);
}

/* --- aux --- */

static bool set_field(const struct ir_aux_fields *table, struct word w, unsigned *aux)
{
    for (unsigned i = 0; i < table->count; i++) {
        const struct ir_aux_field *f = &table->fields[i];
        uint64_t value;
        bool found = has_number(w, f->name, &value);
        for (unsigned k = 0; !found && k < f->word_count; k++)
            if (is(w, f->words[k])) {
                value = k;
                found = true;
            }
        if (found) {
            *aux |= (unsigned)value << f->shift;
            return true;
        }
    }
    return false;
}

static bool parse_aux(struct parser *p, const struct ir_aux_fields *table, unsigned *aux)
{
    *aux = 0;
    if (at_line_end(p) || *p->at != '{')
        return true;
    p->at++;
    for (;;) {
        if (at_line_end(p))
            return fail(p, "missing }");
        if (*p->at == '}') {
            p->at++;
            return true;
        }
        struct word w = next_word(p);
        if (!w.len || !set_field(table, w, aux))
            return fail(p, "unknown word in braces: %.*s", (int)w.len, w.text);
    }
}

/* --- operands --- */

static bool parse_ref(struct parser *p, struct word w, uint64_t *number)
{
    w.text++;
    w.len--;
    if (!parse_number(p, w, number))
        return false;
    return *number < NAME_LIMIT || fail(p, "value number too large");
}

static bool parse_operand(struct parser *p, struct word w, struct ir_insn *in, unsigned *args)
{
    uint64_t number;
    if (!parse_ref(p, w, &number))
        return false;
    if (p->names[number] == IR_NO_REF)
        return fail(p, "%%%u is not defined", (unsigned)number);
    if (*args == ARRAY_LEN(in->arg))
        return fail(p, "too many operands");
    in->arg[(*args)++] = p->names[number];
    return true;
}

static bool parse_row(struct parser *p, struct word w, struct ir_insn *in)
{
    w.text++;
    w.len--;
    for (in->imm = 0; in->imm < p->state->count; in->imm++)
        if (is(w, p->state->rows[in->imm].name))
            return true;
    return fail(p, "no such register: %.*s", (int)w.len, w.text);
}

/* "0x1234" or "high:low" */
static bool parse_value(struct parser *p, struct word w, struct ir_insn *in)
{
    const char *colon = memchr(w.text, ':', w.len);
    uint64_t high = 0;
    if (colon) {
        if (!parse_number(p, (struct word){w.text, (size_t)(colon - w.text)}, &high))
            return false;
        w = (struct word){colon + 1, w.len - (size_t)(colon + 1 - w.text)};
    }
    if (!parse_number(p, w, &in->imm))
        return false;
    unsigned bits = ir_type_bits((enum ir_type)in->type);
    if (bits) /* else it is a set of flags */
        in->imm &= (uint64_t)int_mask(bits);
    if (bits > 64)
        for (unsigned i = 0; i < 4; i++)
            in->arg[i] = (ir_ref)(high >> 16 * i);
    return true;
}

static bool parse_helper(struct parser *p, struct word w, struct ir_insn *in)
{
    struct ir_helper *h = arena_alloc(p->arena, sizeof *h);
    h->name = arena_printf(p->arena, "%.*s", (int)w.len - 1, w.text + 1);
    h->result = in->type;
    in->imm = (uint64_t)(uintptr_t)h;
    return true;
}

static bool parse_vec_fn(struct parser *p, struct word w, struct ir_insn *in)
{
    struct ir_vec_fn *f = arena_alloc(p->arena, sizeof *f);
    f->name = arena_printf(p->arena, "%.*s", (int)w.len - 1, w.text + 1);
    in->imm = (uint64_t)(uintptr_t)f;
    return true;
}

static bool parse_imm(struct parser *p, struct word w, struct ir_insn *in)
{
    switch ((enum ir_imm_kind)ir_op_facts[in->op].imm) {
    case IR_IMM_VALUE:
        return parse_value(p, w, in);
    case IR_IMM_ROW:
        return *w.text == '$' ? parse_row(p, w, in) : fail(p, "expected $register");
    case IR_IMM_OFFSET:
    case IR_IMM_PC:
    case IR_IMM_MASK:
        return parse_number(p, w, &in->imm);
    case IR_IMM_ELEM:
    case IR_IMM_SHUFFLE:
        return *w.text == '#' ? parse_number(p, (struct word){w.text + 1, w.len - 1}, &in->imm)
                              : fail(p, "expected #number");
    case IR_IMM_HELPER:
        return *w.text == '@' ? parse_helper(p, w, in) : fail(p, "expected @helper");
    case IR_IMM_VEC_FN:
        return *w.text == '@' ? parse_vec_fn(p, w, in) : fail(p, "expected @function");
    default:
        return fail(p, "unexpected %.*s", (int)w.len, w.text);
    }
}

/* --- instructions --- */

static bool find_op(struct parser *p, struct word w, struct ir_insn *in)
{
    for (unsigned op = 0; op < IR_OP_COUNT; op++)
        if (is(w, ir_op_infos[op].text)) {
            in->op = (uint8_t)op;
            return true;
        }
    return fail(p, "unknown operation: %.*s", (int)w.len, w.text);
}

static void parse_type(struct parser *p, struct ir_insn *in)
{
    const char *start = p->at;
    struct word w = next_word(p);
    for (unsigned t = 1; t < IR_TYPE_COUNT; t++)
        if (is(w, ir_type_name((enum ir_type)t))) {
            in->type = (uint8_t)t;
            return;
        }
    p->at = start;
}

static bool parse_operands(struct parser *p, struct ir_insn *in)
{
    unsigned args = 0, aux;
    while (!at_line_end(p) && *p->at != '{') {
        struct word w = next_word(p);
        if (!w.len)
            return fail(p, "unexpected character %c", *p->at);
        if (!(*w.text == '%' ? parse_operand(p, w, in, &args) : parse_imm(p, w, in)))
            return false;
    }
    struct ir_helper *h = in->op == IR_CALL ? (struct ir_helper *)(uintptr_t)in->imm : NULL;
    if (in->op == IR_CALL && !h)
        return fail(p, "call of nothing");
    if (!parse_aux(p, h ? &ir_effect_fields : &ir_aux_tables[ir_op_facts[in->op].aux], &aux))
        return false;
    if (h) {
        h->args = (uint8_t)args; /* I2 */
        h->effects = (uint16_t)aux;
    } else {
        in->aux = (uint16_t)aux;
    }
    return args == ir_insn_arg_count(in) || fail(p, "%u operands, not %u", args, ir_insn_arg_count(in));
}

static bool append(struct parser *p, const struct ir_insn *in)
{
    if (p->count == IR_MAX_INSNS)
        return fail(p, "too many instructions");
    if (p->count == p->capacity) {
        struct ir_insn *grown = arena_alloc(p->arena, 2 * p->capacity * sizeof *grown);
        memcpy(grown, p->insns, p->count * sizeof *grown);
        p->insns = grown;
        p->capacity *= 2;
    }
    p->insns[p->count++] = *in;
    return true;
}

static bool parse_insn(struct parser *p, struct word w)
{
    struct ir_insn in = {.arg = {IR_NO_REF, IR_NO_REF, IR_NO_REF, IR_NO_REF}};
    uint64_t name = NAME_LIMIT;
    if (*w.text == '%') {
        if (!parse_ref(p, w, &name))
            return false;
        if (!is(next_word(p), "="))
            return fail(p, "expected =");
        w = next_word(p);
    }
    if (!find_op(p, w, &in))
        return false;
    parse_type(p, &in);
    if (!parse_operands(p, &in) || !append(p, &in))
        return false;
    if (name != NAME_LIMIT)
        p->names[name] = (ir_ref)(p->count - 1);
    return at_line_end(p) || fail(p, "something after the end: %s", p->at);
}

static bool parse_header(struct parser *p)
{
    uint64_t value;
    if (!parse_number(p, next_word(p), &p->block->pc))
        return false;
    while (!at_line_end(p)) {
        struct word w = next_word(p);
        if (has_number(w, "mode", &value))
            p->block->mode = (uint32_t)value;
        else if (has_number(w, "bytes", &value))
            p->block->guest_bytes = (uint32_t)value;
        else if (has_number(w, "insns", &value))
            p->block->guest_insns = (uint32_t)value;
        else
            return fail(p, "unknown word: %.*s", (int)w.len, w.text);
    }
    return true;
}

static bool parse_line(struct parser *p)
{
    if (at_line_end(p))
        return true;
    struct word w = next_word(p);
    return is(w, "block") ? parse_header(p) : parse_insn(p, w);
}

enum status ir_parse(const char *text, const struct ir_state *state, struct arena *arena, const struct ir_block **block,
                     char *message, size_t size)
{
    struct parser p = {.at = text, .line = 1, .arena = arena, .state = state, .message = message, .size = size};
    p.capacity = FIRST_CAPACITY;
    p.insns = arena_alloc(arena, p.capacity * sizeof *p.insns);
    p.names = arena_alloc(arena, NAME_LIMIT * sizeof *p.names);
    memset(p.names, 0xff, NAME_LIMIT * sizeof *p.names);
    p.block = arena_alloc(arena, sizeof *p.block);
    p.block->state = state;
    for (;; p.line++, p.at++) {
        if (!parse_line(&p))
            return STATUS_SYNTAX;
        if (*p.at == '\0')
            break;
    }
    p.block->insns = p.insns;
    p.block->count = p.count;
    *block = p.block;
    return STATUS_OK;
}
