/* SPDX-License-Identifier: Apache-2.0 */
/* The interpreter's x87 arithmetic: the host's own instruction, under the control word and status flags that are in its
 * unit (src/base/cpu.h I3). There is no softfp of it: the manuals leave the transcendental functions' last bits open,
 * and an x87 guest wants those of an x87.
 *
 * I1  Every operation leaves the host's x87 stack empty.
 * I2  Memory is touched by the one instruction that can fault, with nothing on the stack that would be missed. */
#include "src/host/x87.h"
#include "src/ir/interp/ev.h"

#ifdef __x86_64__

/* 10 bytes of a value that nothing else may be assumed of */
struct x87 {
    TANDEM_ALIGNED(16) uint8_t bytes[16];
};

static const void *operand(const struct ir_ev *e, unsigned n) { return e->a[n]; }

static void give(struct ir_ev *e, const struct x87 *v)
{
    int_u128 bits;
    memcpy(&bits, v->bytes, sizeof bits);
    ir_ev_result(e, bits);
}

static void *address(const struct ir_ev *e) { return (void *)(uintptr_t)(e->a[0]->u64[0] + e->in->imm); }

/* ---- functions of operands ---- */

#define OPCODE(b0, b1) ".byte " #b0 ", " #b1 "\n\t"
#define LOAD_0         "# %[a] %[b]\n\t"
#define LOAD_1         "fldt (%[a])\n\t"
#define LOAD_2         "fldt (%[b])\n\tfldt (%[a])\n\t"
#define REST_00        ""
#define REST_10        ""
#define REST_20        "fstp %%st(1)\n\t"
#define REST_21        ""

#define X87_OP(name, text, operands, byte0, byte1, pops, sw)                                                           \
    static uint16_t fn_##name(const void *a, const void *b, struct x87 *r)                                             \
    {                                                                                                                  \
        uint16_t status;                                                                                               \
        __asm__ __volatile__(LOAD_##operands OPCODE(byte0, byte1) "fnstsw %[s]\n\t" REST_##operands##pops              \
                             "fstpt (%[r])"                                                                            \
                             : [s] "=a"(status)                                                                        \
                             : [a] "r"(a), [b] "r"(b), [r] "r"(r)                                                      \
                             : "memory");                                                                              \
        return status;                                                                                                 \
    }
#include "src/ir/x87_ops.def"

typedef uint16_t x87_fn(const void *a, const void *b, struct x87 *r);
static const struct {
    x87_fn *fn;
    bool sw;
} functions[IR_X87F_COUNT] = {
#define X87_OP(name, text, operands, byte0, byte1, pops, sw) [IR_X87F_##name] = {fn_##name, sw},
#include "src/ir/x87_ops.def"
};

static void apply(struct ir_ev *e, const void *b)
{
    struct x87 r = {{0}};
    uint16_t status = functions[e->in->aux].fn(operand(e, 0), b, &r);
    if (functions[e->in->aux].sw)
        e->cpu->fpx_sw = status;
    give(e, &r);
}

void ir_ev_X87_UN(struct ir_ev *e) { apply(e, operand(e, 0)); }
void ir_ev_X87_BIN(struct ir_ev *e) { apply(e, operand(e, 1)); }

/* ---- memory operands ---- */

#define MEM_CASES(op, suffix_f32, suffix_f64, suffix_i16, suffix_i32)                                                  \
    switch (ir_mem_type(e->in->aux)) {                                                                                 \
    case IR_F32:                                                                                                       \
        WITH(suffix_f32);                                                                                              \
        break;                                                                                                         \
    case IR_F64:                                                                                                       \
        WITH(suffix_f64);                                                                                              \
        break;                                                                                                         \
    case IR_I16:                                                                                                       \
        WITH(suffix_i16);                                                                                              \
        break;                                                                                                         \
    default:                                                                                                           \
        WITH(suffix_i32);                                                                                              \
        break;                                                                                                         \
    }

#define WITH(insn)                                                                                                     \
    __asm__ __volatile__("fldt (%0)\n\t" insn " (%1)\n\tfstpt (%2)"                                                    \
                         :                                                                                             \
                         : "r"(operand(e, 1)), "r"(address(e)), "r"(&r)                                                \
                         : "memory")
#define MEM(name) MEM_CASES(name, "f" name "s", "f" name "l", "fi" name "s", "fi" name "l")

IR_GUEST_ACCESS void ir_ev_X87_MEM(struct ir_ev *e)
{
    struct x87 r = {{0}};
    switch ((enum ir_x87_mem)(e->in->aux >> IR_X87_MEM_SHIFT)) {
    case IR_X87M_ADD:
        MEM("add");
        break;
    case IR_X87M_MUL:
        MEM("mul");
        break;
    case IR_X87M_SUB:
        MEM("sub");
        break;
    case IR_X87M_SUBR:
        MEM("subr");
        break;
    case IR_X87M_DIV:
        MEM("div");
        break;
    case IR_X87M_DIVR:
        MEM("divr");
        break;
    }
    give(e, &r);
}
#undef WITH

#define LD(insn) __asm__ __volatile__(insn " (%0)\n\tfstpt (%1)" : : "r"(address(e)), "r"(&r) : "memory")

IR_GUEST_ACCESS void ir_ev_X87_LD(struct ir_ev *e)
{
    struct x87 r = {{0}};
    switch (ir_mem_type(e->in->aux)) {
    case IR_F32:
        LD("flds");
        break;
    case IR_F64:
        LD("fldl");
        break;
    case IR_I16:
        LD("filds");
        break;
    case IR_I32:
        LD("fildl");
        break;
    default:
        LD("fildll");
        break;
    }
    give(e, &r);
}

#define ST(insn) __asm__ __volatile__("fldt (%0)\n\t" insn " (%1)" : : "r"(operand(e, 1)), "r"(address(e)) : "memory")

IR_GUEST_ACCESS void ir_ev_X87_ST(struct ir_ev *e)
{
    bool trunc = e->in->aux & IR_X87_TRUNC;
    switch (ir_mem_type(e->in->aux)) {
    case IR_F32:
        ST("fstps");
        break;
    case IR_F64:
        ST("fstpl");
        break;
    case IR_I16:
        if (trunc)
            ST("fisttps");
        else
            ST("fistps");
        break;
    case IR_I32:
        if (trunc)
            ST("fisttpl");
        else
            ST("fistpl");
        break;
    default:
        if (trunc)
            ST("fisttpll");
        else
            ST("fistpll");
        break;
    }
}

/* ---- compares and status ---- */

void ir_ev_X87_COM(struct ir_ev *e)
{
    uint16_t status;
    const void *a = operand(e, 0), *b = operand(e, 1);
    if (e->in->aux == IR_X87C_XAM)
        __asm__ __volatile__("fldt (%1)\n\tfxam\n\tfnstsw %0\n\tfstp %%st(0)" : "=a"(status) : "r"(a) : "memory");
    else if (e->in->aux == IR_X87C_UCOM)
        __asm__ __volatile__("fldt (%2)\n\tfldt (%1)\n\tfucompp\n\tfnstsw %0"
                             : "=a"(status)
                             : "r"(a), "r"(b)
                             : "memory");
    else
        __asm__ __volatile__("fldt (%2)\n\tfldt (%1)\n\tfcompp\n\tfnstsw %0"
                             : "=a"(status)
                             : "r"(a), "r"(b)
                             : "memory");
    ir_ev_result(e, status & X87_SW_CC);
}

void ir_ev_X87_CMP(struct ir_ev *e)
{
    const void *a = operand(e, 0), *b = operand(e, 1);
    bool below, equal, unordered, holds;
    if (e->in->aux & IR_FCOND_SIGNALING)
        __asm__ __volatile__("fldt (%4)\n\tfldt (%3)\n\tfcomip %%st(1), %%st\n\tfstp %%st(0)"
                             : "=@ccc"(below), "=@ccz"(equal), "=@ccp"(unordered)
                             : "r"(a), "r"(b)
                             : "memory");
    else
        __asm__ __volatile__("fldt (%4)\n\tfldt (%3)\n\tfucomip %%st(1), %%st\n\tfstp %%st(0)"
                             : "=@ccc"(below), "=@ccz"(equal), "=@ccp"(unordered)
                             : "r"(a), "r"(b)
                             : "memory");
    switch (e->in->aux & IR_FCOND_MASK) {
    case IR_FEQ:
        holds = equal && !unordered;
        break;
    case IR_FLT:
        holds = below && !unordered;
        break;
    case IR_FLE:
        holds = (below || equal) && !unordered;
        break;
    default:
        holds = unordered;
        break;
    }
    ir_value_set(e->r, 1, holds);
}

void ir_ev_X87_SW(struct ir_ev *e)
{
    ir_ev_result(e, e->in->aux ? e->cpu->fpx_sw & X87_SW_CC : host_x87_flags(e->cpu));
}

void ir_ev_X87_CW(struct ir_ev *e) { host_x87_set_control(e->cpu, (uint16_t)e->a[0]->u64[0]); }

#else

static void impossible(struct ir_ev *e) { __builtin_trap(); }
void ir_ev_X87_UN(struct ir_ev *e) { impossible(e); }
void ir_ev_X87_BIN(struct ir_ev *e) { impossible(e); }
void ir_ev_X87_MEM(struct ir_ev *e) { impossible(e); }
void ir_ev_X87_LD(struct ir_ev *e) { impossible(e); }
void ir_ev_X87_ST(struct ir_ev *e) { impossible(e); }
void ir_ev_X87_COM(struct ir_ev *e) { impossible(e); }
void ir_ev_X87_CMP(struct ir_ev *e) { impossible(e); }
void ir_ev_X87_SW(struct ir_ev *e) { impossible(e); }
void ir_ev_X87_CW(struct ir_ev *e) { impossible(e); }

#endif
