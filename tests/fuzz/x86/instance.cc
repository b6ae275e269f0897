// SPDX-License-Identifier: Apache-2.0
// Random instances of a row and inputs for them. Memory operands are led into the window: through their base register
// for each input, or by their displacement.
#include <cstdlib>
#include <cstring>

#include "tests/fuzz/x86/encode.h"
#include "tests/fuzz/x86/values.h"

namespace x86fuzz
{

namespace
{

enum { FLAG_DF = 1 << 10, FLAGS_STATUS = 0x8d5 };

bool is_gpr(ZydisRegister reg) { return reg >= ZYDIS_REGISTER_AL && reg <= ZYDIS_REGISTER_R15; }

unsigned gpr_index(ZydisRegister reg)
{
    ZydisRegister full = ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, reg);
    return unsigned(full - ZYDIS_REGISTER_RAX);
}

bool is_mem(const ZydisDecodedOperand &op)
{
    return op.type == ZYDIS_OPERAND_TYPE_MEMORY && op.mem.type != ZYDIS_MEMOP_TYPE_AGEN;
}

bool is_branch(const insn &x)
{
    switch (x.i.meta.category) {
    case ZYDIS_CATEGORY_COND_BR:
    case ZYDIS_CATEGORY_UNCOND_BR:
    case ZYDIS_CATEGORY_CALL:
    case ZYDIS_CATEGORY_RET:
        return true;
    default:
        return false;
    }
}

bool is_far(const insn &x)
{
    return x.i.meta.branch_type == ZYDIS_BRANCH_TYPE_FAR || x.i.mnemonic == ZYDIS_MNEMONIC_IRET ||
           x.i.mnemonic == ZYDIS_MNEMONIC_IRETD || x.i.mnemonic == ZYDIS_MNEMONIC_IRETQ;
}

// The base register leads to any address.
bool has_free_base(const ZydisDecodedOperandMem &m)
{
    return is_gpr(m.base) && (!is_gpr(m.index) || gpr_index(m.base) != gpr_index(m.index));
}

uint64_t random_target(rng *r) { return kWindowAt + kWindow / 2 - 128 + r->below(200); }
uint64_t random_code(rng *r) { return kCodeAt + kMaxCode + r->below(64); }

// Code segments, mostly the right one; not those whose limit is the number of a CPU, nor the code segment of the other
// width.
unsigned random_selector(rng *r, bool is64)
{
    enum { CS_64 = 0x33, CS_32 = 0x23, RPL = 3, CPU_NUMBER = 0x7b };
    unsigned any = r->below(0x90), other = is64 ? CS_32 : CS_64;
    if (!r->one_in(4))
        return is64 ? CS_64 : CS_32;
    return (any | RPL) == CPU_NUMBER || (any | RPL) == other ? 0 : any;
}
void patch(instance *x, unsigned offset, unsigned bytes, uint64_t v) { memcpy(x->code + offset, &v, bytes); }

// Addresses without a free base: the displacement has to do it.
bool patch_displacement(rng *r, instance *x, insn *n)
{
    for (unsigned k = 0; k < n->i.operand_count; k++) {
        const ZydisDecodedOperand &op = n->op[k];
        if (!is_mem(op) || has_free_base(op.mem) || op.visibility == ZYDIS_OPERAND_VISIBILITY_HIDDEN)
            continue;
        bool rip = op.mem.base == ZYDIS_REGISTER_RIP || op.mem.base == ZYDIS_REGISTER_EIP;
        uint64_t next = kCodeAt + n->offset + n->i.length;
        if (n->i.raw.disp.size < 32 || op.mem.segment == ZYDIS_REGISTER_FS || op.mem.segment == ZYDIS_REGISTER_GS)
            return false;
        patch(x, n->offset + n->i.raw.disp.offset, n->i.raw.disp.size / 8, random_target(r) - (rip ? next : 0));
    }
    return true;
}

void patch_immediates(rng *r, instance *x, const insn &n)
{
    if (n.i.mnemonic == ZYDIS_MNEMONIC_ENTER) {
        patch(x, n.offset + n.i.raw.imm[0].offset, 2, r->below(64));
        patch(x, n.offset + n.i.raw.imm[1].offset, 1, r->below(4) ? 0 : r->below(256));
    }
    if (n.i.operand_count_visible && n.op[0].type == ZYDIS_OPERAND_TYPE_POINTER) { // offset, selector
        unsigned bytes = n.op[0].ptr.offset > 0xffff || n.i.operand_width != 16 ? 4 : 2;
        patch(x, n.offset + n.i.raw.imm[0].offset, bytes, random_code(r));
        patch(x, n.offset + n.i.raw.imm[0].offset + bytes, 2, random_selector(r, x->is64));
    }
    if (is_branch(n) && n.op[0].type == ZYDIS_OPERAND_TYPE_IMMEDIATE && n.op[0].imm.is_relative)
        patch(x, n.offset + n.i.raw.imm[0].offset, n.i.raw.imm[0].size / 8, kMaxCode + r->below(90));
}

bool acceptable(const instance &x, const insn &n)
{
    if (is_branch(n) && !is_far(n) && n.i.attributes & ZYDIS_ATTRIB_HAS_OPERANDSIZE)
        return false;
    if (n.i.mnemonic == ZYDIS_MNEMONIC_CALL && n.op[0].type == ZYDIS_OPERAND_TYPE_REGISTER &&
        gpr_index(n.op[0].reg.value) == 4)
        return false;                                            // the return address would lie among the code
    if (is_far(n) && n.i.operand_width == 64 && is_mem(n.op[0])) // 64 bits on Intel's CPUs, 32 on AMD's
        return false;
    if (!x.is64 && n.i.attributes & (ZYDIS_ATTRIB_HAS_SEGMENT_FS | ZYDIS_ATTRIB_HAS_SEGMENT_GS))
        return false;
    if (!x.is64 && n.i.address_width == 16)
        return false;
    bool four_bytes = n.i.mnemonic == ZYDIS_MNEMONIC_VPINSRD || n.i.mnemonic == ZYDIS_MNEMONIC_VPEXTRD;
    if (!x.is64 && four_bytes && n.i.raw.vex.W) // illegal on AMD's CPUs, W is ignored on Intel's
        return false;
    if (n.i.mnemonic == ZYDIS_MNEMONIC_NOP &&
        n.i.opcode == 0x0d) // of a register: illegal on AMD's CPUs, no-op on Intel's
        return false;
    const ZydisDecodedOperand &to = n.op[0];
    if (n.i.operand_count_visible && to.type == ZYDIS_OPERAND_TYPE_REGISTER &&
        to.actions & ZYDIS_OPERAND_ACTION_MASK_WRITE && to.reg.value >= ZYDIS_REGISTER_ES &&
        to.reg.value <= ZYDIS_REGISTER_GS)
        return false;
    return true;
}

// Encodes one random instance of a form of row at the end of x.
bool append(rng *r, const row &which, unsigned number, instance *x)
{
    const form &f = which.forms[number % which.forms.size()];
    insn n;
    n.offset = uint8_t(x->length);
    if (x->length + 16 > kMaxCode)
        return false;
    uint8_t code[kMaxCode];
    encoder(code, f, which.is64).random(r);
    memcpy(x->code + x->length, code, kMaxCode - x->length);
    if (!decode(which.is64, x->code + x->length, kMaxCode - x->length, &n) || n.i.mnemonic != which.mnemonic ||
        !acceptable(*x, n) || !patch_displacement(r, x, &n))
        return false;
    patch_immediates(r, x, n);
    if (!decode(which.is64, x->code + x->length, kMaxCode - x->length, &n) || n.i.mnemonic != which.mnemonic)
        return false;
    x->length += n.i.length;
    x->insns.push_back(n);
    return true;
}

bool touches_memory(const insn &n)
{
    for (unsigned k = 0; k < n.i.operand_count_visible; k++) {
        if (is_mem(n.op[k]))
            return true;
    }
    return false;
}

// One that stores the FPU's status and pointers, behind an instruction of the FPU.
bool append_status(rng *r, const std::vector<row> &rows, instance *x)
{
    const insn &first = x->insns[0];
    static const ZydisMnemonic readers[] = {ZYDIS_MNEMONIC_FNSTENV, ZYDIS_MNEMONIC_FNSTSW, ZYDIS_MNEMONIC_FNSAVE};
    if (first.i.meta.isa_ext != ZYDIS_ISA_EXT_X87 || touches_memory(first) || !r->one_in(3))
        return false;
    ZydisMnemonic reader = readers[r->below(3)];
    for (const row &which : rows) {
        for (unsigned tries = 0; which.mnemonic == reader && tries < 20; tries++) {
            if (append(r, which, unsigned(r->next()), x))
                return true;
        }
    }
    return false;
}

// An instruction that reads flags, behind the one that set them.
void append_user(rng *r, const std::vector<row> &rows, instance *x)
{
    state any = {};
    bool skip = false;
    uint32_t undefined = undefined_flags(*x, any, &skip);
    if (is_branch(x->insns[0]) || is_far(x->insns[0]))
        return;
    for (unsigned tries = 0; tries < 60; tries++) {
        unsigned length = x->length;
        const row &user_row = rows[r->below(unsigned(rows.size()))];
        const note_row *note = find_note(user_row.mnemonic);
        if ((note && note->flags & NOTE_SKIP) || !append(r, user_row, unsigned(r->next()), x))
            continue;
        const insn &user = x->insns.back();
        uint32_t reads = user.i.cpu_flags ? user.i.cpu_flags->tested & FLAGS_STATUS : 0;
        if (reads && !(reads & undefined) && !touches_memory(user) && host_has(*x) &&
            user.i.meta.category != ZYDIS_CATEGORY_STRINGOP)
            return;
        x->insns.pop_back();
        x->length = length;
    }
}

// ---- inputs ----

void set_gpr(const instance &x, state *s, ZydisRegister reg, unsigned width, uint64_t v)
{
    uint64_t *at = &s->gpr[gpr_index(reg)];
    uint64_t mask = width == 64 ? ~UINT64_C(0) : (UINT64_C(1) << width) - 1;
    *at = (*at & ~mask) | (v & mask);
    if (!x.is64)
        *at = uint32_t(*at);
}

uint64_t target_of(rng *r, unsigned bytes, bool aligned)
{
    if (r->one_in(32))
        return r->one_in(2) ? kData - 1 - r->below(16) : kData + kDataSize - r->below(bytes ? bytes : 1);
    uint64_t at = bytes > 128 ? kWindowAt + r->below(kWindow - bytes) : random_target(r);
    return aligned ? at & ~uint64_t(bytes >= 512 ? 63 : bytes - 1) : at;
}

// Vectors in memory are aligned for SSE; VEX encodings take any address, mostly.
bool wants_aligned(rng *r, const insn &n, unsigned bytes)
{
    if (is_branch(n))
        return true;
    if (n.i.encoding == ZYDIS_INSTRUCTION_ENCODING_LEGACY)
        return bytes >= 16 || r->one_in(4);
    return bytes >= 16 && (r->one_in(2) || needs_alignment(n));
}

uint64_t segment_base(const state &s, ZydisRegister segment)
{
    return segment == ZYDIS_REGISTER_FS ? s.fs_base : segment == ZYDIS_REGISTER_GS ? s.gs_base : 0;
}

// Values of the operand size from at on: an address and a selector, and for iret flags, a stack and its selector.
void lead_far(rng *r, const insn &n, const instance &x, uint64_t at, state *s)
{
    unsigned bytes = n.i.operand_width / 8;
    uint64_t values[] = {random_code(r), random_selector(r, x.is64), r->next() & 0xcd5, random_target(r),
                         r->one_in(8) ? r->below(64) : 0x2bu};
    for (unsigned k = 0; k < 5 && at + (k + 1) * bytes <= kWindow; k++)
        memcpy(s->window + at + k * bytes, &values[k], bytes);
}

void lead_operand(rng *r, const instance &x, const insn &n, const ZydisDecodedOperand &op, state *s)
{
    const ZydisDecodedOperandMem &m = op.mem;
    unsigned bytes = op.size / 8, width = n.i.address_width;
    bool string = n.i.meta.category == ZYDIS_CATEGORY_STRINGOP;
    if (m.type == ZYDIS_MEMOP_TYPE_VSIB) {
        unsigned index = unsigned(ZydisRegisterGetId(m.index));
        fill_indices(r, s->ymm[index], n);
    }
    if (!has_free_base(m)) {
        if (is_gpr(m.index))
            set_gpr(x, s, m.index, width, r->below(8));
        return;
    }
    uint64_t to = target_of(r, bytes, !string && bytes && wants_aligned(r, n, bytes)) - segment_base(*s, m.segment);
    uint64_t index = is_gpr(m.index) ? s->gpr[gpr_index(m.index)] : 0;
    if (n.i.mnemonic == ZYDIS_MNEMONIC_XLAT)
        index &= 0xff;
    fill_area(r, n, to, s);
    if (is_far(n) && op.visibility == ZYDIS_OPERAND_VISIBILITY_EXPLICIT)
        lead_far(r, n, x, to - kWindowAt, s);
    to -= index * (m.scale ? m.scale : 1);
    if (m.disp.has_displacement)
        to -= uint64_t(m.disp.value);
    set_gpr(x, s, m.base, width, to);
}

void lead_branch(rng *r, const insn &n, const instance &x, state *s)
{
    uint64_t to = random_code(r);
    if (is_far(n)) {
        if (!is_mem(n.op[0]) || !n.i.operand_count_visible)
            lead_far(r, n, x, s->gpr[4] - kWindowAt, s);
        return;
    }
    if (n.i.meta.category == ZYDIS_CATEGORY_RET) {
        uint64_t at = s->gpr[4] - kWindowAt;
        if (at < kWindow - 8)
            memcpy(s->window + at, &to, 8);
    } else if (n.op[0].type == ZYDIS_OPERAND_TYPE_REGISTER) {
        set_gpr(x, s, n.op[0].reg.value, 64, to);
    } else if (is_mem(n.op[0])) {
        to |= x.is64 ? 0 : to << 32;
        for (unsigned k = 0; k + 8 <= kWindow; k += 8) // wherever it is, if it is aligned
            memcpy(s->window + k, &to, 8);
    }
}

void special_cases(rng *r, const instance &x, const insn &n, state *s)
{
    const note_row *note = find_note(n.i.mnemonic);
    uint32_t flags = note ? note->flags : 0;
    if (n.i.meta.category == ZYDIS_CATEGORY_STRINGOP || n.i.mnemonic == ZYDIS_MNEMONIC_LOOP ||
        n.i.mnemonic == ZYDIS_MNEMONIC_LOOPE || n.i.mnemonic == ZYDIS_MNEMONIC_LOOPNE)
        set_gpr(x, s, ZYDIS_REGISTER_RCX, n.i.address_width, r->below(24));
    if (flags & NOTE_BIT_OFFSET && n.op[1].type == ZYDIS_OPERAND_TYPE_REGISTER && is_mem(n.op[0]))
        set_gpr(x, s, n.op[1].reg.value, 64, uint64_t(int64_t(r->below(1600)) - 800));
    if ((n.i.mnemonic == ZYDIS_MNEMONIC_DIV || n.i.mnemonic == ZYDIS_MNEMONIC_IDIV) && r->one_in(2)) {
        s->gpr[2] = n.i.mnemonic == ZYDIS_MNEMONIC_IDIV && r->one_in(2) ? ~UINT64_C(0) : r->below(3);
        if (n.op[0].size == 8)
            set_gpr(x, s, ZYDIS_REGISTER_AX, 16, r->below(300));
    }
    if (flags & NOTE_SELECTOR) {
        for (unsigned k = 0; k < n.i.operand_count_visible; k++) {
            if (n.op[k].type == ZYDIS_OPERAND_TYPE_REGISTER && n.op[k].actions & ZYDIS_OPERAND_ACTION_MASK_READ)
                set_gpr(x, s, n.op[k].reg.value, 16, random_selector(r, x.is64));
        }
    }
    if (flags & NOTE_NO_TRAP_FLAG) {
        for (unsigned k = 0; k < kWindow; k++)
            s->window[k] &= 0xba; // neither TF nor AC at any byte
    }
}

void lead_memory(rng *r, const instance &x, state *s)
{
    for (auto n = x.insns.rbegin(); n != x.insns.rend(); ++n) {
        special_cases(r, x, *n, s);
        for (unsigned k = 0; k < n->i.operand_count; k++) {
            if (is_mem(n->op[k]))
                lead_operand(r, x, *n, n->op[k], s);
        }
        if (is_branch(*n) || is_far(*n))
            lead_branch(r, *n, x, s);
    }
}

} // namespace

bool make_instance(rng *r, const row &which, unsigned form, const std::vector<row> &rows, instance *out)
{
    out->is64 = which.is64;
    out->length = 0;
    out->insns.clear();
    if (!append(r, which, form, out))
        return false;
    if (!append_status(r, rows, out) && r->one_in(2))
        append_user(r, rows, out);
    memset(out->code + out->length, 0, kMaxCode - out->length);
    return true;
}

std::vector<instance> fixed_instances()
{
    static const struct {
        unsigned bits;
        std::vector<uint8_t> code;
    } cases[] = {
#define CASE(bits, ...) {bits, {__VA_ARGS__}},
#include "tests/fuzz/x86/cases.def"
#undef CASE
    };
    std::vector<instance> all;
    for (const auto &c : cases) {
        instance x = {};
        x.is64 = c.bits == 64;
        x.length = unsigned(c.code.size());
        memcpy(x.code, c.code.data(), c.code.size());
        for (unsigned at = 0; at < x.length;) {
            insn n;
            if (!decode(x.is64, x.code + at, x.length - at, &n))
                abort();
            n.offset = uint8_t(at);
            at += n.i.length;
            x.insns.push_back(n);
        }
        all.push_back(x);
    }
    return all;
}

bool make_input(rng *r, const instance &x, state *s)
{
    rng fixed = {0};
    memcpy(&fixed.state, x.code, sizeof fixed.state);
    memset(s, 0, sizeof *s);
    for (uint64_t &v : s->gpr)
        v = r->interesting_int();
    s->gpr[4] = random_target(r) & ~UINT64_C(7);
    s->gpr[5] = random_target(r) & ~UINT64_C(7);
    if (r->one_in(4))
        s->gpr[1 + r->below(3)] = s->gpr[0];
    fill_vectors(r, s);
    fill_fpu(r, &fixed, x.insns[0], s);
    fill_window(r, s);
    s->eflags = 0x202 | (uint32_t(r->next()) & FLAGS_STATUS) | (r->one_in(8) ? FLAG_DF : 0);
    s->mxcsr = random_mxcsr(r, &fixed);
    s->fs_base = r->next() & 0x3fffffff8;
    s->gs_base = r->next() & 0x3fffffff8;
    s->pc = kCodeAt;
    if (!x.is64) {
        for (uint64_t &v : s->gpr)
            v = uint32_t(v);
        s->fs_base = s->gs_base = 0;
    }
    if (is_xsave(x.insns[0])) {
        s->gpr[0] &= ~uint64_t(uint32_t(components_of_host_only()));
        s->gpr[2] &= ~(components_of_host_only() >> 32);
    }
    lead_memory(r, x, s);
    return true;
}

} // namespace x86fuzz
