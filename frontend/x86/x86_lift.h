/* SPDX-License-Identifier: Apache-2.0 */
/* What the lifters of x86 instructions share: the state of lifting one block, operands, flags. Internal to
 * frontend/x86.
 *
 * A lifter is a function x86_lift_<name>(l, arg) named by rows of x86_insns.def; it emits the IR of the instruction at
 * hand (l->i, l->op) and ends the block if the instruction does. Order inside a lifter: all that may fault (reads, then
 * the write of memory) comes before registers and flags change, so that the instruction can be started again.
 * "SDM" is the Intel 64 and IA-32 Architectures Software Developer's Manual. */
#ifndef TANDEM_FRONTEND_X86_X86_LIFT_H
#define TANDEM_FRONTEND_X86_X86_LIFT_H

#include <Zydis/Zydis.h>

#include "frontend/guest.h"
#include "frontend/x86/x86_helpers.h"
#include "frontend/x86/x86_state.h"

enum { X86_MAX_OPERANDS = ZYDIS_MAX_OPERAND_COUNT_VISIBLE };

/* The status flags in the order of x86_flags.c's tables; ZF and PF|SF have values of their own kind (x86_state.def). */
enum x86_flag { FLAG_C, FLAG_O, FLAG_A, FLAG_Z, FLAG_S, FLAG_COUNT };

/* How the flags came to be: what lets conditions be one compare. */
enum x86_flag_kind {
    FLAGS_ROWS,  /* nothing is known: they are in the rows, or in value[] */
    FLAGS_ADD,   /* r = a + b (+ carry) */
    FLAGS_SUB,   /* r = a - b (- carry): also cmp, neg (0 - b), scas, cmps, cmpxchg */
    FLAGS_LOGIC, /* r; C = O = 0 */
    FLAGS_INC,   /* r = a + 1; C as before */
    FLAGS_DEC,
    FLAGS_FCOM,  /* ucomis a, b: Z, P and C say equal, unordered, less (SDM volume 2, UCOMISD) */
    FLAGS_RESULT /* Z and S (and P) from r; C, O, A given as values or as before */
};

struct x86_flags {
    enum x86_flag_kind kind;
    unsigned covers;          /* bits 1 << enum x86_flag that kind, a, b, r define */
    ir_ref a, b, r, carry;    /* carry: i1 or IR_NO_REF */
    unsigned fcond;           /* FLAGS_FCOM: aux of the compares but for the relation */
    ir_ref value[FLAG_COUNT]; /* what is known by value, or IR_NO_REF */
};

struct x86_decoded {
    ZydisDecodedInstruction i;
    ZydisDecodedOperand op[X86_MAX_OPERANDS];
    bool legal;
    unsigned live;   /* status flags (X86_*) that may be read after it before they are written */
    bool x87_read;   /* an instruction behind it in the block reads the x87 status word */
    bool x87_status; /* C1 of the x87 status word may be read after it before it is written */
    unsigned stored; /* of them, those that must be in the rows after it: an exit or a fault may show them */
};

struct x86_lift {
    struct ir_builder *b;
    const struct guest_lift *req;
    gaddr_t pc, next; /* of the instruction at hand, and behind it */
    bool is64;
    const ZydisDecodedInstruction *i;
    const ZydisDecodedOperand *op;
    const struct x86_decoded *d;
    struct x86_flags fl;
    ir_ref
        /* x86_operand.c: rsp was sp and has moved by sp_moved since, by the PUT at sp_put; IR_NO_REF: nothing known */
        sp;
    uint32_t sp_put;
    int64_t sp_moved;
    uint32_t mode;     /* translation mode here: instructions change it (x86_x87_stack.c) */
    bool c1_set;       /* fp_sw may have C1 set: the next x87 instruction clears it */
    bool unknown_mode; /* the instruction at hand left another one: the block ends with it */
};

/* arg of the rows of vector instructions: an IR operation and its element type */
#define VX(op, elem) (IR_##op | IR_##elem << 8)
/* and of FMA: besides an element type and the form (x86_lift_fma.c) */
enum { X86_FMA_NP = 1 << 10, X86_FMA_NA = 1 << 11, X86_FMA_SUB_EVEN = 1 << 12, X86_FMA_SUB_ODD = 1 << 13 };

typedef void x86_lift_fn(struct x86_lift *l, unsigned arg);

/* ---- x86_operand.c: operands; n counts from 0 as Zydis does (explicit ones first) ---- */
/* IR type of bits: 1, 8, 16, 32, 64, 128 (an integer). */
enum ir_type x86_int_type(unsigned bits);
/* The integer operand n (register, memory, immediate sign-extended to the operand's size), of its own size. */
ir_ref x86_read(struct x86_lift *l, unsigned n);
/* After an instruction, whose IR begins at from: did it change rsp in another way than by push and pop? */
void x86_sp_check(struct x86_lift *l, uint32_t from);
/* Operand n := v, an integer of its size. 32-bit registers are zero-extended, smaller ones merged. */
void x86_write(struct x86_lift *l, unsigned n, ir_ref v);
/* The address of memory operand n as i64, segment base included (not for lea: x86_offset). */
ir_ref x86_addr(struct x86_lift *l, unsigned n);
/* The effective address without segment base, of the instruction's address size, as i64. */
ir_ref x86_offset(struct x86_lift *l, unsigned n);
bool x86_is_segment(ZydisRegister reg);
bool x86_is_mem(const struct x86_lift *l, unsigned n);
/* A general register (any width, also ah..bh), segment register or rip, by Zydis' name. */
ir_ref x86_get_reg(struct x86_lift *l, ZydisRegister reg);
void x86_put_reg(struct x86_lift *l, ZydisRegister reg, ir_ref v);
/* Row of the 64-bit register that a general register is part of. */
unsigned x86_gpr_row(ZydisRegister reg);
/* Plain loads and stores of integers at address a (i64). */
/* aux of loads and stores, which x86 keeps in order (SDM volume 3, 9.2.2): loads acquire, stores release */
static inline uint16_t x86_mem(enum ir_type type) { return (uint16_t)(ir_mem(type) | 1u << IR_MEM_ORDER_SHIFT); }
ir_ref x86_load(struct x86_lift *l, enum ir_type type, ir_ref addr, int64_t disp);
void x86_store(struct x86_lift *l, ir_ref addr, int64_t disp, ir_ref v);
/* Adds a segment's base to an offset. */
ir_ref x86_segmented(struct x86_lift *l, ZydisRegister segment, ir_ref offset);
/* Stack: the width of a push of this instruction in bytes; push and pop of values of that width. */
unsigned x86_stack_bytes(const struct x86_lift *l);
void x86_push(struct x86_lift *l, ir_ref v);
/* The value at the top, and rsp := rsp + bytes of it + extra. The load comes first. */
ir_ref x86_pop(struct x86_lift *l, enum ir_type type, unsigned extra);
/* v (an integer) extended or cut to type. */
ir_ref x86_zext(struct x86_lift *l, enum ir_type type, ir_ref v);
ir_ref x86_sext(struct x86_lift *l, enum ir_type type, ir_ref v);
static inline ir_ref x86_const(struct x86_lift *l, enum ir_type type, uint64_t v)
{
    unsigned bits = ir_type_bits(type);
    return ir_const(l->b, type, bits < 64 ? v & ((UINT64_C(1) << bits) - 1) : v);
}
static inline bool x86_locked(const struct x86_lift *l) { return l->i->attributes & ZYDIS_ATTRIB_HAS_LOCK; }
static inline ZydisRegister x86_sp(const struct x86_lift *l)
{
    return l->is64 ? ZYDIS_REGISTER_RSP : ZYDIS_REGISTER_ESP;
}

/* ---- x86_flags.c ---- */
void x86_flags_init(struct x86_lift *l);
/* The instruction set the flags of mask (bits 1 << FLAG_*) in this way; others stay. To be called after memory was
 * written. */
void x86_flags_set(struct x86_lift *l, enum x86_flag_kind kind, unsigned mask, ir_ref a, ir_ref b, ir_ref r,
                   ir_ref carry);
/* The flags are those of comparing the floats a and b; fcond: enum ir_fcond bits without relation. */
void x86_flags_compare_fp(struct x86_lift *l, unsigned fcond, ir_ref a, ir_ref b);
/* One flag := v: i1 for C and O; i8 with bit 4 for A; i64 for Z and S (x86_state.def). */
void x86_flag_put(struct x86_lift *l, enum x86_flag flag, ir_ref v);
/* In that form. */
ir_ref x86_flag_get(struct x86_lift *l, enum x86_flag flag);
/* As i1. */
ir_ref x86_carry(struct x86_lift *l);
/* The condition of Jcc, SETcc, CMOVcc with the low 4 bits of the opcode (SDM volume 2, appendix B.1.4). */
ir_ref x86_condition(struct x86_lift *l, unsigned cc);
/* EFLAGS as pushf shows them, i64. */
ir_ref x86_read_eflags(struct x86_lift *l);
/* After a helper wrote the flag rows behind our back / before one reads them. */
void x86_flags_forget(struct x86_lift *l);
void x86_flags_flush(struct x86_lift *l);
/* Before the block's exits: says which flags are dead behind them. */
void x86_flags_settle(struct x86_lift *l);
/* Is any of these flags (X86_*) alive after the instruction at hand? */
static inline bool x86_flags_live(const struct x86_lift *l, unsigned flags) { return l->d->live & flags; }
enum {
    FLAGS_ALL = (1 << FLAG_COUNT) - 1,
    FLAGS_BUT_C = FLAGS_ALL & ~(1 << FLAG_C),
};

/* ---- x86_scan.c: decoding ahead, liveness of flags ---- */
/* Decodes the block at req->pc: up to max instructions; *count of them. Fills live and stored. False: nothing can be
 * fetched. */
bool x86_scan(const struct guest_lift *req, bool is64, struct x86_decoded *insns, unsigned max, unsigned *count,
              size_t *seen);
bool x86_decode(bool is64, const uint8_t *code, size_t avail, struct x86_decoded *d);
/* Control transfer: the block ends with it. */
bool x86_ends_block(const struct x86_decoded *d);

/* The repeat prefix that counts, the last one: 0xf2 or 0xf3; 0: there is none. */
static inline uint8_t x86_repeat_prefix(const ZydisDecodedInstruction *i)
{
    for (unsigned n = i->raw.prefix_count; n-- > 0;) {
        if (i->raw.prefixes[n].value == 0xf2 || i->raw.prefixes[n].value == 0xf3)
            return i->raw.prefixes[n].value;
    }
    return 0;
}
static inline bool x86_is_repeated(const ZydisDecodedInstruction *i)
{
    return i->meta.category == ZYDIS_CATEGORY_STRINGOP && x86_repeat_prefix(i);
}

/* ---- x86_segment.c ---- */
/* Segment register := selector (i16), with all that the descriptor brings; general protection if there is no such
 * segment. */
void x86_load_segment(struct x86_lift *l, ZydisRegister segment, ir_ref selector);

/* ---- x86_lift.c ---- */
void x86_lift_illegal(struct x86_lift *l, unsigned arg);
/* SIGSEGV as the kernel raises it for general protection: privileged instructions and the like. */
void x86_lift_privileged(struct x86_lift *l, unsigned arg);
TANDEM_BEGIN_DECLS
enum status x86_lift_block(const struct guest_lift *req, struct ir_builder *b, bool is64);
TANDEM_END_DECLS

/* ---- the lifters ---- */
#define X86_INSN(mnemonic, lifter, arg) x86_lift_fn x86_lift_##lifter;
#include "frontend/x86/x86_insns.def"
#undef X86_INSN

#endif
