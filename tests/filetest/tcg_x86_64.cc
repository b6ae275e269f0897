/* SPDX-License-Identifier: Apache-2.0 */
/* Host code of tier 1 on x86-64 as text that does not depend on the machine.
 *
 * I1  Nothing is executed: code is written to a buffer as if it ran at kCode, with the glue at kGlue.
 * I2  The CPU features are those of the test, not those of the machine.
 * I3  What an address names is printed instead of the address: labels, glue, exit records, functions, struct cpu.
 * I4  Data behind the code is known by the instructions that refer to it. An instruction that takes its address (lea)
 *     passes it to ir_eval: a copy of an IR instruction and its types, of which only the size is printed. */
#include <sys/mman.h>

#include <cinttypes>
#include <cstdarg>
#include <cstdio>
#include <cstring>

#include <Zydis/Zydis.h>

#include "tcg/tcg.h"
#include "tests/filetest/executors.h"

namespace filetest
{

namespace
{
constexpr uint64_t kGlue = 0x10000000, kCode = 0x10010000, kCounter = 0x10020000;
constexpr size_t kGlueBytes = 8192, kCodeBytes = 65536;
constexpr unsigned kExits = 64, kMap = 1024;

const uint8_t *rx(uint64_t address) { return (const uint8_t *)(uintptr_t)address; }

std::string format(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
std::string format(const char *fmt, ...)
{
    char text[256];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    return text;
}

uint32_t features_of(const Case &test)
{
    static const struct {
        const char *name;
        uint32_t bit;
    } names[] = {{"avx", TCG_HAS_AVX},       {"fma", TCG_HAS_FMA},     {"bmi1", TCG_HAS_BMI1},
                 {"bmi2", TCG_HAS_BMI2},     {"lzcnt", TCG_HAS_LZCNT}, {"ssse3", TCG_HAS_SSSE3},
                 {"popcnt", TCG_HAS_POPCNT}, {"sse41", TCG_HAS_SSE41}, {"sse42", TCG_HAS_SSE42},
                 {"avx2", TCG_HAS_AVX2},     {"clmul", TCG_HAS_CLMUL}};
    uint32_t features = 0;
    for (const auto &n : names)
        if (test.has("features", n.name))
            features |= n.bit;
    return features;
}

/* What a translation needs, and what it has filled. */
struct Translation {
    const struct ir_block *block;
    const std::vector<const struct ir_block *> *blocks; /* of the test: their helpers have names */
    uint8_t glue_code[kGlueBytes], code[kCodeBytes];
    struct tcg_glue glue;
    struct tcg_exit *exits; /* mapped: always above 4 GiB, so that loading an address always takes as many bytes */
    struct tcg_pc_map map[kMap];
    struct tcg_reloc relocs[kMap];
    struct tcg_result result;

    Translation()
        : exits((struct tcg_exit *)mmap(nullptr, kExits * sizeof *exits, PROT_READ | PROT_WRITE,
                                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
    {
    }
    ~Translation() { munmap((void *)exits, kExits * sizeof *exits); }
    Translation(const Translation &) = delete;
    Translation &operator=(const Translation &) = delete;
    enum status run(const Case &test, const struct ir_block *b);
};

enum status Translation::run(const Case &test, const struct ir_block *b)
{
    static const uint8_t guest_code[64] = {0x13, 0x05, 0x15, 0x00, 0x93, 0x85, 0x25, 0x00, 0x01, 0x11, 0x02};
    block = b;
    memset(code, 0xf4, sizeof code);
    enum status s = tcg_emit_glue(glue_code, rx(kGlue), sizeof glue_code, block->state, &glue);
    if (s != STATUS_OK)
        return s;
    glue.features = features_of(test);
    struct tcg_request request = {};
    request.block = block, request.glue = &glue;
    request.rw = code, request.rx = rx(kCode), request.capacity = sizeof code;
    request.exits = exits, request.max_exits = kExits;
    request.map = map, request.max_map = kMap;
    request.relocs = relocs, request.max_relocs = kMap;
    request.random_seed = (unsigned)test.number("options", "random");
    request.check_code = test.has("options", "check") ? guest_code : nullptr;
    if (test.has("options", "counter"))
        request.counter = (int32_t *)(uintptr_t)kCounter;
    return tcg_translate(&request, &result);
}

/* ---- names ---- */

std::string glue_name(const struct tcg_glue &glue, uint64_t address)
{
    const struct {
        const char *name;
        const uint8_t *at;
    } entries[] = {
        {"exit_link", glue.exit_link},   {"exit_link_of", glue.exit_link_of}, {"exit_lookup", glue.exit_lookup},
        {"exit_poll", glue.exit_poll},   {"exit_hot", glue.exit_hot},         {"exit_trap", glue.exit_trap},
        {"ibtc_other", glue.ibtc_other}, {"ibtc_plain", glue.ibtc_plain},     {"jump_ind", glue.jump_ind},
        {"ret_miss", glue.ret_miss},     {"fp_flags", glue.fp_flags},         {"eval_kept", glue.eval}};
    for (const auto &e : entries)
        if (rx(address) == e.at)
            return e.name;
    return format("const%d", (int)((int64_t)address - (int64_t)(uintptr_t)glue.consts) / 16);
}

struct Item {
    bool is_data;
    unsigned size;
    bool is_ir; /* data that ir_eval reads */
};

/* The code as a list of instructions and data, and the labels in it. */
class Listing
{
  public:
    explicit Listing(const Translation &t) : t_(t)
    {
        ZydisDecoderInit(&decoder_, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
        init_formatter();
        scan();
        number_labels();
    }
    std::string text();
    /* The name of an address in an operand. */
    std::string name(uint64_t address) const;
    std::string immediate(uint64_t value) const;
    const Translation &translation() const { return t_; }

  private:
    void init_formatter();
    void scan();
    void refer(const ZydisDecodedInstruction &in, const ZydisDecodedOperand *ops, uint64_t at);
    void number_labels();
    Item data_at(uint64_t at) const;
    std::string instruction(uint64_t at);
    std::string data(uint64_t at, const Item &item) const;
    std::string notes(uint64_t at) const;
    uint64_t end() const { return kCode + t_.result.size; }

    const Translation &t_;
    ZydisDecoder decoder_;
    ZydisFormatter formatter_;
    std::map<uint64_t, Item> items_;
    std::map<uint64_t, bool> data_refs_; /* address: by lea */
    std::map<uint64_t, std::string> labels_;
};

/* ---- Zydis ---- */

ZyanStatus append(ZydisFormatterBuffer *buffer, const std::string &text)
{
    ZyanString *string;
    ZYAN_CHECK(ZydisFormatterBufferAppend(buffer, ZYDIS_TOKEN_SYMBOL));
    ZYAN_CHECK(ZydisFormatterBufferGetString(buffer, &string));
    ZyanStringView view;
    ZYAN_CHECK(ZyanStringViewInsideBuffer(&view, text.c_str()));
    return ZyanStringAppend(string, &view);
}

const Listing &listing_of(const ZydisFormatterContext *context) { return *(const Listing *)context->user_data; }

ZyanStatus print_address(const ZydisFormatter *, ZydisFormatterBuffer *buffer, ZydisFormatterContext *context)
{
    ZyanU64 address;
    ZYAN_CHECK(ZydisCalcAbsoluteAddress(context->instruction, context->operand, context->runtime_address, &address));
    return append(buffer, listing_of(context).name(address));
}

ZyanStatus print_disp(const ZydisFormatter *, ZydisFormatterBuffer *buffer, ZydisFormatterContext *context)
{
    int64_t disp = context->operand->mem.disp.value;
    if (context->operand->mem.base == ZYDIS_REGISTER_R13)
        return append(buffer, "+" + cpu_place(listing_of(context).translation().block->state, disp));
    return append(buffer, disp < 0 ? format("-0x%" PRIx64, -(uint64_t)disp) : format("+0x%" PRIx64, (uint64_t)disp));
}

ZyanStatus print_imm(const ZydisFormatter *, ZydisFormatterBuffer *buffer, ZydisFormatterContext *context)
{
    const ZydisDecodedOperandImm &imm = context->operand->imm;
    if (imm.is_signed && imm.value.s < 0)
        return append(buffer, format("-0x%" PRIx64, -imm.value.u));
    return append(buffer, listing_of(context).immediate(imm.value.u));
}

void Listing::init_formatter()
{
    ZydisFormatterFunc address = print_address, disp = print_disp, imm = print_imm;
    ZydisFormatterInit(&formatter_, ZYDIS_FORMATTER_STYLE_INTEL);
    ZydisFormatterSetProperty(&formatter_, ZYDIS_FORMATTER_PROP_FORCE_SIZE, ZYAN_TRUE);
    ZydisFormatterSetHook(&formatter_, ZYDIS_FORMATTER_FUNC_PRINT_ADDRESS_ABS, (const void **)&address);
    ZydisFormatterSetHook(&formatter_, ZYDIS_FORMATTER_FUNC_PRINT_DISP, (const void **)&disp);
    ZydisFormatterSetHook(&formatter_, ZYDIS_FORMATTER_FUNC_PRINT_IMM, (const void **)&imm);
}

std::string Listing::name(uint64_t address) const
{
    auto label = labels_.find(address);
    if (label != labels_.end())
        return label->second;
    if (address == kCounter)
        return "counter";
    if (address >= kCode && address < end())
        return format("code+0x%" PRIx64, address - kCode);
    return glue_name(t_.glue, address);
}

std::string Listing::immediate(uint64_t value) const
{
    uint64_t exits = (uint64_t)(uintptr_t)t_.exits;
    if (value >= exits && value < exits + kExits * sizeof *t_.exits)
        return format("exit%u", (unsigned)((value - exits) / sizeof *t_.exits));
    std::string function = function_name(*t_.blocks, value);
    return function.empty() ? format("0x%" PRIx64, value) : function;
}

/* ---- what is code, what data (I4) ---- */

void Listing::refer(const ZydisDecodedInstruction &in, const ZydisDecodedOperand *ops, uint64_t at)
{
    for (unsigned k = 0; k < in.operand_count_visible; k++) {
        ZyanU64 address;
        bool rip = ops[k].type == ZYDIS_OPERAND_TYPE_MEMORY && ops[k].mem.base == ZYDIS_REGISTER_RIP;
        bool jump = ops[k].type == ZYDIS_OPERAND_TYPE_IMMEDIATE && ops[k].imm.is_relative;
        if ((!rip && !jump) || !ZYAN_SUCCESS(ZydisCalcAbsoluteAddress(&in, &ops[k], at, &address)) || address < kCode ||
            address >= end())
            continue;
        labels_[address];
        if (rip)
            data_refs_[address] = in.mnemonic == ZYDIS_MNEMONIC_LEA;
    }
}

Item Listing::data_at(uint64_t at) const
{
    auto next = data_refs_.upper_bound(at);
    bool is_ir = data_refs_.at(at);
    unsigned size = is_ir && next != data_refs_.end() && next->first - at == sizeof(struct ir_insn)
                        ? (unsigned)sizeof(struct ir_insn)
                        : 16;
    return {true, size, is_ir};
}

void Listing::scan()
{
    for (uint64_t at = kCode; at < end(); at += items_[at].size) {
        ZydisDecodedInstruction in;
        ZydisDecodedOperand ops[ZYDIS_MAX_OPERAND_COUNT];
        if (data_refs_.count(at)) {
            items_[at] = data_at(at);
        } else if (ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder_, t_.code + (at - kCode), end() - at, &in, ops))) {
            items_[at] = {false, in.length, false};
            refer(in, ops, at);
        } else {
            items_[at] = {true, 1, false};
        }
    }
}

void Listing::number_labels()
{
    unsigned code = 0, data = 0;
    for (auto &label : labels_)
        label.second = data_refs_.count(label.first) ? format("D%u", ++data) : format("L%u", ++code);
}

/* ---- text ---- */

std::string Listing::instruction(uint64_t at)
{
    ZydisDecodedInstruction in;
    ZydisDecodedOperand ops[ZYDIS_MAX_OPERAND_COUNT];
    char text[256] = "?";
    ZydisDecoderDecodeFull(&decoder_, t_.code + (at - kCode), end() - at, &in, ops);
    ZydisFormatterFormatInstruction(&formatter_, &in, ops, in.operand_count_visible, text, sizeof text, at, this);
    return text;
}

std::string Listing::data(uint64_t at, const Item &item) const
{
    if (item.is_ir)
        return format(".ir %u bytes", item.size);
    std::string text = ".bytes ";
    for (unsigned i = 0; i < item.size; i++)
        text += format("%02x", t_.code[at - kCode + i]);
    return text;
}

/* Lines of the pc map for here. */
std::string Listing::notes(uint64_t at) const
{
    std::string text;
    for (unsigned i = 0; i < t_.result.map_count; i++)
        if (t_.map[i].host_off == at - kCode) {
            text += format("; pc 0x%" PRIx64, t_.block->pc + t_.map[i].guest_off);
            text += t_.map[i].x87 ? format(" x87 %08x\n", t_.map[i].x87) : "\n";
        }
    return text;
}

std::string Listing::text()
{
    std::string text;
    for (const auto &entry : items_) {
        auto label = labels_.find(entry.first);
        text += notes(entry.first);
        if (label != labels_.end())
            text += label->second + ":\n";
        text += "  " + (entry.second.is_data ? data(entry.first, entry.second) : instruction(entry.first)) + "\n";
    }
    return text;
}

std::string exits_text(const Translation &t)
{
    static const char *const kinds[] = {"direct", "call", "return", "ind", "call.ind", "ret", "lookup", "trap"};
    std::string text;
    for (unsigned i = 0; i < t.result.exit_count; i++) {
        const struct tcg_exit &e = t.exits[i];
        text += format("; exit%u %s 0x%" PRIx64 "%s", i, kinds[e.kind], e.pc, e.poll ? " poll" : "");
        text += e.mode ? format(" mode %u\n", e.mode) : "\n";
    }
    return text;
}
} // namespace

bool run_tcg_x86_64(const Case &test, const Blocks &blocks, std::string *text)
{
    text->clear();
    for (const struct ir_block *block : blocks.list) {
        Translation t;
        t.blocks = &blocks.list;
        enum status s = t.run(test, block);
        if (s != STATUS_OK)
            *text += std::string("status ") + status_text(s) + "\n";
        else
            *text += Listing(t).text() + exits_text(t);
    }
    return true;
}

} // namespace filetest
