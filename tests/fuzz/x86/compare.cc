// SPDX-License-Identifier: Apache-2.0
// What has to be equal, and how a difference is told.
//
// I1  Flags that an instruction leaves undefined are not compared, unless a later one sets them. Zydis knows them;
//     shifts, where the count decides, are here.
// I2  After a fault in the second instruction, flags may be older ones (frontend/x86/decode/x86_scan.c I2).
// I3  Where an element takes an unmasked exception, MXCSR's flags have those of elements before it, but not always
//     those of elements behind it.
// I4  An access that goes beyond 4 GiB is a fault of the segment's limit on the host, and one of the page for us.
// I5  Far transfers load and check several things: this host looks at the stack of a lower privilege before it refuses
//     a selector.
// I6  cmps loads [rsi] and [rdi], in an order that CPUs choose. If both loads fault, a CPU tells of either one. If one
//     does, its code and address are compared like any others.
#include <csignal>
#include <cstdio>
#include <cstring>

#include "frontend/x86/decode/x86_features.h"
#include "tests/fuzz/x86/fuzz.h"
#include "tests/fuzz/x86/values.h"
#include "tests/harness/host.h"

namespace x86fuzz
{

namespace
{

enum { CF = 1, PF = 4, AF = 0x10, ZF = 0x40, SF = 0x80, DF = 0x400, OF = 0x800, STATUS = 0x8d5, OTHERS = 0x244000 };
enum { C0 = 0x100, C1 = 0x200, C2 = 0x400, C3 = 0x4000 }; // of the FPU's status word

const note_row kNotes[] = {
#define NOTE(mnemonic, undefined, flags) {ZYDIS_MNEMONIC_##mnemonic, undefined, flags},
#include "tests/fuzz/x86/notes.def"
};

// The masked count of a shift; -1: not known.
int shift_count(const insn &n, unsigned operand, const state *in)
{
    unsigned mask = n.op[0].size == 64 ? 63 : 31;
    if (n.op[operand].type == ZYDIS_OPERAND_TYPE_IMMEDIATE)
        return int(n.op[operand].imm.value.u & mask);
    return in ? int(in->gpr[1] & mask) : -1;
}

uint32_t undefined_of_shift(const insn &n, const state *in, bool *skip)
{
    bool is_double = n.i.mnemonic == ZYDIS_MNEMONIC_SHLD || n.i.mnemonic == ZYDIS_MNEMONIC_SHRD;
    bool rotates = n.i.meta.category == ZYDIS_CATEGORY_ROTATE && !is_double;
    int count = shift_count(n, is_double ? 2 : 1, in), width = n.op[0].size;
    uint32_t undefined = rotates ? 0 : AF;
    if (count == 0)
        return 0;
    if (is_double && (count > width || count < 0))
        *skip = width == 16;
    if (count != 1)
        undefined |= OF;
    if (!rotates && !is_double && n.i.mnemonic != ZYDIS_MNEMONIC_SAR && (count < 0 || count >= width))
        undefined |= CF;
    return undefined;
}

uint32_t undefined_of(const insn &n, const state *in, bool *skip)
{
    const note_row *note = find_note(n.i.mnemonic);
    uint32_t undefined = note ? note->undefined : 0;
    switch (n.i.mnemonic) {
    case ZYDIS_MNEMONIC_SHL:
    case ZYDIS_MNEMONIC_SHR:
    case ZYDIS_MNEMONIC_SAR:
    case ZYDIS_MNEMONIC_SHLD:
    case ZYDIS_MNEMONIC_SHRD:
    case ZYDIS_MNEMONIC_ROL:
    case ZYDIS_MNEMONIC_ROR:
    case ZYDIS_MNEMONIC_RCL:
    case ZYDIS_MNEMONIC_RCR:
        return undefined | undefined_of_shift(n, in, skip);
    default:
        return undefined | (n.i.cpu_flags ? n.i.cpu_flags->undefined & STATUS : 0);
    }
}

uint32_t defined_by(const insn &n)
{
    const ZydisAccessedFlags *f = n.i.cpu_flags;
    return f ? (f->modified | f->set_0 | f->set_1) & STATUS : 0;
}

std::string format(const char *what, unsigned long long expected, unsigned long long got)
{
    char line[128];
    snprintf(line, sizeof line, "  %s: host %#llx, guest %#llx\n", what, expected, got);
    return line;
}

void differ(std::string *text, const char *what, uint64_t expected, uint64_t got)
{
    if (expected != got)
        *text += format(what, expected, got);
}

void compare_bytes(std::string *text, const char *what, const uint8_t *expected, const uint8_t *got, unsigned bytes)
{
    if (memcmp(expected, got, bytes) == 0)
        return;
    for (unsigned k = 0; k < bytes; k += 8) {
        uint64_t a = 0, b = 0;
        unsigned n = bytes - k < 8 ? bytes - k : 8;
        char name[32];
        memcpy(&a, expected + k, n);
        memcpy(&b, got + k, n);
        snprintf(name, sizeof name, "%s[%u]", what, k);
        differ(text, name, a, b);
    }
}

// Single precision, within the error that the manual allows.
bool near_enough(const uint8_t *a, const uint8_t *b)
{
    float x, y;
    memcpy(&x, a, 4);
    memcpy(&y, b, 4);
    if (memcmp(a, b, 4) == 0)
        return true;
    float d = x > y ? x - y : y - x, size = x < 0 ? -x : x;
    return d <= size * 7.4e-4f;
}

void compare_vectors(std::string *text, const state &expected, const state &got, bool approx)
{
    for (unsigned n = 0; n < 16; n++) {
        if (memcmp(expected.ymm[n], got.ymm[n], sizeof got.ymm[n]) == 0)
            continue;
        bool close = approx;
        for (unsigned k = 0; k < 32 && close; k += 4)
            close = near_enough(expected.ymm[n] + k, got.ymm[n] + k);
        char name[8];
        snprintf(name, sizeof name, "ymm%u", n);
        if (!close)
            compare_bytes(text, name, expected.ymm[n], got.ymm[n], 32);
    }
}

// Condition codes of the status word that are compared. C1 tells how the last result was rounded: the front end does
// not keep that. The others stay undefined until an instruction defines them.
uint16_t defined_codes(const instance &x)
{
    uint16_t defined = C0 | C1 | C2 | C3;
    for (const insn &n : x.insns) {
        const ZydisAccessedFlags *f = n.i.fpu_flags;
        if (n.i.mnemonic == ZYDIS_MNEMONIC_FXAM)
            defined = C0 | C1 | C2 | C3;
        else if (n.i.meta.isa_ext == ZYDIS_ISA_EXT_X87 || n.i.mnemonic == ZYDIS_MNEMONIC_FISTTP)
            defined &= uint16_t(~C1);
        if (f)
            defined &=
                uint16_t(~((f->undefined & ZYDIS_FPUFLAG_C0 ? C0 : 0) | (f->undefined & ZYDIS_FPUFLAG_C1 ? C1 : 0) |
                           (f->undefined & ZYDIS_FPUFLAG_C2 ? C2 : 0) | (f->undefined & ZYDIS_FPUFLAG_C3 ? C3 : 0)));
    }
    return defined;
}

// While MMX has the registers, only they are known. What is left in an empty register is of no interest.
void compare_fpu(std::string *text, const instance &x, const state &expected, const state &got)
{
    uint16_t fsw = uint16_t(~(C0 | C1 | C2 | C3)) | defined_codes(x);
    differ(text, "fcw", expected.fcw, got.fcw);
    differ(text, "fsw", expected.fsw & fsw, got.fsw & fsw);
    differ(text, "ftag", expected.ftag, got.ftag);
    for (unsigned n = 0; n < 8; n++) {
        bool mmx = got.st[n][8] == 0xff && got.st[n][9] == 0xff;
        if (memcmp(expected.st[n], got.st[n], sizeof got.st[n]) == 0 || !(expected.ftag >> n & 1))
            continue;
        char name[8];
        snprintf(name, sizeof name, "r%u", n);
        compare_bytes(text, name, expected.st[n], got.st[n], mmx ? 8 : 10);
    }
}

} // namespace

const note_row *find_note(ZydisMnemonic mnemonic)
{
    for (const note_row &n : kNotes) {
        if (n.mnemonic == mnemonic)
            return &n;
    }
    return nullptr;
}

uint32_t undefined_flags(const instance &x, const state &in, bool *skip)
{
    uint32_t undefined = 0;
    *skip = false;
    for (const insn &n : x.insns) {
        // without an input: whatever may be undefined; the second instruction's count may come from the first
        const state *known = in.pc && &n == &x.insns[0] ? &in : nullptr;
        undefined = (undefined & ~defined_by(n)) | undefined_of(n, known, skip);
    }
    return undefined;
}

bool host_has(const instance &x)
{
    static const uint64_t features = // many slow CPUIDs
        x86_host_features() & ~(harness::has_fsgsbase() ? 0 : UINT64_C(1) << X86_FEATURE_fsgsbase);
    struct guest_config host = {};
    host.features = features;
    for (const insn &n : x.insns) {
        if (!x86_cpu_has(&host, &n.i))
            return false;
    }
    return true;
}

// I3. Scalars end in SS or SD, but for sums and differences in turns.
bool has_elements(const instance &x)
{
    std::string name = ZydisMnemonicGetString(x.insns[0].i.mnemonic);
    std::string end = name.size() > 2 ? name.substr(name.size() - 2) : "";
    return (end != "ss" && end != "sd") && name.find("comis") == std::string::npos;
}

// Misaligned SSE is a feature that guests do not have, but may be one of the host: a bit of MXCSR and of its mask.
enum { MXCSR_MM = 1 << 17 };

uint64_t address_of(const ZydisDecodedOperandMem &m, const insn &n, const state &in)
{
    auto value = [&](ZydisRegister reg) {
        ZydisRegister full = ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, reg);
        bool gpr = full >= ZYDIS_REGISTER_RAX && full <= ZYDIS_REGISTER_R15,
             rip = reg == ZYDIS_REGISTER_RIP || reg == ZYDIS_REGISTER_EIP;
        return gpr ? in.gpr[full - ZYDIS_REGISTER_RAX] : rip ? kCodeAt + n.offset + n.i.length : 0;
    };
    uint64_t at = value(m.base) + value(m.index) * m.scale + (m.disp.has_displacement ? uint64_t(m.disp.value) : 0);
    at = n.i.address_width == 64 ? at : uint32_t(at);
    return at + (m.segment == ZYDIS_REGISTER_FS ? in.fs_base : m.segment == ZYDIS_REGISTER_GS ? in.gs_base : 0);
}

// Instructions that store the mask. Its place cannot be seen but by them.
void forget_mxcsr_mask(const instance &x, const state &in, state *expected, state *got)
{
    enum { BYTE_AT = 30, BIT = 2 };
    const insn &n = x.insns[0];
    switch (n.i.mnemonic) {
    case ZYDIS_MNEMONIC_FXSAVE:
    case ZYDIS_MNEMONIC_FXSAVE64:
    case ZYDIS_MNEMONIC_XSAVE:
    case ZYDIS_MNEMONIC_XSAVE64:
    case ZYDIS_MNEMONIC_XSAVEC:
    case ZYDIS_MNEMONIC_XSAVEC64:
    case ZYDIS_MNEMONIC_XSAVEOPT:
    case ZYDIS_MNEMONIC_XSAVEOPT64:
        break;
    default:
        return;
    }
    uint64_t at = address_of(n.op[0].mem, n, in) + BYTE_AT - kWindowAt;
    if (at >= kWindow)
        return;
    expected->window[at] &= uint8_t(~BIT);
    got->window[at] &= uint8_t(~BIT);
}

// NOTE_NONE_ON_AMD: the host's invalid opcode stands for the general protection that an Intel CPU raises.
static void forget_maker(const instance &x, state *expected)
{
    const note_row *note = find_note(x.insns[0].i.mnemonic);
    if (!note || !(note->flags & NOTE_NONE_ON_AMD) || !__builtin_cpu_is("amd"))
        return;
    if (expected->signo != SIGILL || expected->sigcode != ILL_ILLOPN || expected->sigaddr != kCodeAt)
        return;
    expected->signo = SIGSEGV;
    expected->sigcode = SI_KERNEL;
    expected->sigaddr = 0;
}

static bool is_string_compare(const insn &n)
{
    return n.i.meta.category == ZYDIS_CATEGORY_STRINGOP &&
           (n.i.mnemonic == ZYDIS_MNEMONIC_CMPSB || n.i.mnemonic == ZYDIS_MNEMONIC_CMPSW ||
            n.i.mnemonic == ZYDIS_MNEMONIC_CMPSD || n.i.mnemonic == ZYDIS_MNEMONIC_CMPSQ);
}

// Do all bytes at the address lie in what map_memory maps readable?
static bool is_readable(uint64_t at, uint64_t size)
{
    auto within = [&](uint64_t start, uint64_t bytes) { return at - start < bytes && size <= bytes - (at - start); };
    return within(kData, kDataSize) || within(kCode, kPage);
}

// Is the fault of s one that an access to these bytes raises?
static bool is_fault_of(const state &s, uint64_t at, uint64_t size)
{
    auto is_canonical = [](uint64_t a) { return a == uint64_t(int64_t(a << 16) >> 16); };
    if (!is_canonical(at) || !is_canonical(at + size - 1))
        return s.sigcode == SI_KERNEL && s.sigaddr == 0;
    return s.sigcode != SI_KERNEL && s.sigaddr - at < size;
}

// I6. A fault leaves the registers of the element that faults. got must tell of one of the two loads all the same.
static bool tells_of_either(const insn &n, const state &expected, const state &got)
{
    bool either = false;
    if (!is_string_compare(n) || !expected.signo)
        return false;
    for (unsigned k = 0; k < n.i.operand_count; k++) {
        if (n.op[k].type != ZYDIS_OPERAND_TYPE_MEMORY)
            continue;
        const uint64_t at = address_of(n.op[k].mem, n, expected), size = n.op[k].size / 8;
        if (is_readable(at, size))
            return false;
        either |= is_fault_of(got, at, size);
    }
    return either;
}

std::string compare(const instance &x, const state &in, const state &host, const state &guest)
{
    state expected = host, got = guest;
    forget_mxcsr_mask(x, in, &expected, &got);
    forget_maker(x, &expected);
    static const char *const names[16] = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
                                          "r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15"};
    bool skip;
    uint32_t flags = (STATUS | DF | OTHERS) & ~undefined_flags(x, in, &skip);
    const note_row *note = find_note(x.insns[0].i.mnemonic);
    uint32_t notes = note ? note->flags : 0;
    bool packed = has_elements(x); // I3
    std::string text;
    uint64_t asked = (in.gpr[2] << 32 | uint32_t(in.gpr[0])) & components_of_host_only();
    if (skip || host.mxcsr & MXCSR_MM || (is_xsave(x.insns[0]) && asked)) // rax and rdx may be an address, too
        return text;
    differ(&text, "signal", uint64_t(expected.signo), uint64_t(got.signo));
    bool beyond = !x.is64 && got.sigaddr + 16 > UINT32_MAX,
         far = x.insns[0].i.meta.branch_type == ZYDIS_BRANCH_TYPE_FAR;
    bool any = notes & NOTE_ANY_ADDRESS || beyond || far || tells_of_either(x.insns[0], expected, got); // I4, I5, I6
    if (!any && !(expected.signo == SIGFPE && packed))
        differ(&text, "signal's code", uint64_t(expected.sigcode), uint64_t(got.sigcode));
    if (!any)
        differ(&text, "signal's address", expected.sigaddr, got.sigaddr);
    differ(&text, "pc", expected.pc, got.pc);
    bool partial = expected.signo && notes & NOTE_PARTIAL;
    for (unsigned n = 0; n < (x.is64 ? 16u : 8u) && !partial; n++)
        differ(&text, names[n], expected.gpr[n], got.gpr[n]);
    if (!expected.signo || x.insns.size() == 1) // I2
        differ(&text, "eflags", expected.eflags & flags, got.eflags & flags);
    uint32_t flags_of_all = expected.signo == SIGFPE && packed ? 0x3f : 0;
    differ(&text, "mxcsr", expected.mxcsr & ~flags_of_all, got.mxcsr & ~flags_of_all);
    if (x.is64) {
        differ(&text, "fs_base", expected.fs_base, got.fs_base);
        differ(&text, "gs_base", expected.gs_base, got.gs_base);
    }
    compare_bytes(&text, "memory", expected.window, got.window, kWindow);
    compare_vectors(&text, expected, got, notes & NOTE_APPROX);
    if (!(notes & NOTE_NO_FPU))
        compare_fpu(&text, x, expected, got);
    return text;
}

std::string describe(const instance &x)
{
    std::string text;
    for (const insn &n : x.insns) {
        ZydisDisassembledInstruction d;
        ZydisDisassembleIntel(x.is64 ? ZYDIS_MACHINE_MODE_LONG_64 : ZYDIS_MACHINE_MODE_LEGACY_32, kCodeAt + n.offset,
                              x.code + n.offset, n.i.length, &d);
        char bytes[64] = "";
        for (unsigned k = 0; k < n.i.length; k++)
            snprintf(bytes + 3 * k, 4, "%02x ", x.code[n.offset + k]);
        text += std::string(bytes) + " " + d.text + (&n == &x.insns.back() ? "" : "; ");
    }
    return text;
}

std::string describe(const instance &x, const state &in)
{
    static const char *const names[16] = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
                                          "r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15"};
    std::string text = "  from:";
    char part[96];
    for (unsigned n = 0; n < (x.is64 ? 16u : 8u); n++) {
        snprintf(part, sizeof part, " %s=%#llx", names[n], static_cast<unsigned long long>(in.gpr[n]));
        text += part;
    }
    snprintf(part, sizeof part, " eflags=%#x mxcsr=%#x fsw=%#x fcw=%#x ftag=%#x\n", in.eflags, in.mxcsr, in.fsw, in.fcw,
             in.ftag);
    text += part;
    for (const insn &n : x.insns) {
        for (unsigned k = 0; k < n.i.operand_count_visible; k++) {
            const ZydisDecodedOperand &op = n.op[k];
            ZydisRegisterClass c =
                op.type == ZYDIS_OPERAND_TYPE_REGISTER ? ZydisRegisterGetClass(op.reg.value) : ZYDIS_REGCLASS_INVALID;
            if (c != ZYDIS_REGCLASS_XMM && c != ZYDIS_REGCLASS_YMM)
                continue;
            unsigned id = unsigned(ZydisRegisterGetId(op.reg.value)) & 15;
            text += "  ymm" + std::to_string(id) + " = ";
            for (unsigned b = 32; b-- > 0;) {
                snprintf(part, sizeof part, "%02x%s", in.ymm[id][b], b % 8 ? "" : " ");
                text += part;
            }
            text += "\n";
        }
    }
    return text;
}

} // namespace x86fuzz
