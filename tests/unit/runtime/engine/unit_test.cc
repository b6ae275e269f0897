/* SPDX-License-Identifier: Apache-2.0 */
/* Units: what is written is read again, at other addresses; what is not what was written does no harm. */
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <vector>

extern "C" {
#include "runtime/engine/tb.h"
#include "runtime/engine/unit.h"
#include "src/base/arena.h"
#include "src/ir/interp/interp.h"
}

namespace
{

constexpr gaddr_t kPc = 0x50000000;
constexpr size_t kCode = 160;

/* A block whose code and exits have a place, as in a chunk of the code cache. */
struct Placed {
    alignas(16) uint8_t memory[kCode] = {};
    uint8_t *code = memory;
    struct tcg_exit exits[2] = {};
    uint8_t map[64] = {};
    std::vector<uint64_t> keep;
    struct tb tb = {};

    explicit Placed(gaddr_t pc)
    {
        tb.pc = pc;
        tb.guest_bytes = 12;
        tb.guest_insns = 3;
        tb.code.rw = code;
        tb.code.rx = code;
        tb.code.size = kCode;
        tb.code.counter_off = 64;
        tb.code.exits = exits;
        tb.code.exit_count = 2;
        tb.code.map = map;
    }
    Placed(const Placed &) = delete;
    Placed &operator=(const Placed &) = delete;

    void Make(std::vector<struct code_reloc> *relocs)
    {
        for (size_t i = 0; i < kCode; i++)
            code[i] = (uint8_t)i;
        for (unsigned i = 0; i < 2; i++) {
            exits[i].pc = tb.pc + 100 * (i + 1);
            exits[i].kind = IR_EXIT_DIRECT;
            exits[i].jmp_off = 12 + 8 * i;
            exits[i].stub_off = 80 + 16 * i;
            exits[i].mode = 7 + i;
        }
        for (uint8_t i = 0; i < 20; i++)
            map[i] = i;
        tb.code.map_size = 20;
        keep.resize(sizeof(struct tb_keep) / 8 + relocs->size()); /* a word has 8 bytes */
        tb.keep = reinterpret_cast<struct tb_keep *>(keep.data());
        tb.keep->reloc_count = (uint32_t)relocs->size();
        memcpy(tb.keep->relocs, relocs->data(), relocs->size() * sizeof(struct code_reloc));
    }
};

class Unit : public testing::Test
{
  protected:
    void SetUp() override
    {
        engine = static_cast<struct engine *>(calloc(1, sizeof *engine));
        engine->cc.rx = glue;
        engine->glue.size = sizeof glue;
        arena_init(&arena);
    }
    void TearDown() override
    {
        arena_fini(&arena);
        free(engine);
    }
    uint64_t Counter(const Placed &p) const { return (uintptr_t)&p.tb.heat.counter; }
    /* One address of each kind. */
    std::vector<struct tcg_reloc> Noted(const Placed &p) const
    {
        return {{40, TCG_RELOC_REL32, 0, (uintptr_t)glue + 24},   {70, TCG_RELOC_REL32, 1, Counter(p)},
                {82, TCG_RELOC_ABS64, 0, (uintptr_t)&p.exits[0]}, {98, TCG_RELOC_ABS64, 0, (uintptr_t)&p.exits[1]},
                {110, TCG_RELOC_ABS64, 0, (uintptr_t)&p.tb},      {120, TCG_RELOC_ABS64, 0, (uintptr_t)ir_eval}};
    }
    std::vector<struct code_reloc> Relocs(const Placed &p)
    {
        std::vector<struct tcg_reloc> noted = Noted(p);
        std::vector<struct code_reloc> made(noted.size());
        EXPECT_TRUE(code_relocs_make(engine, &p.tb, noted.data(), (unsigned)noted.size(), made.data()));
        return made;
    }
    /* Two blocks as an entry's bytes. */
    std::vector<uint8_t> Write(Placed *a, Placed *b)
    {
        std::vector<struct code_reloc> of_a = Relocs(*a), of_b = Relocs(*b);
        a->Make(&of_a), b->Make(&of_b);
        struct unit_item items[2];
        EXPECT_TRUE(unit_take(&a->tb, &arena, &items[0]));
        EXPECT_TRUE(unit_take(&b->tb, &arena, &items[1]));
        const struct unit u = {kPc, kPc + 4096, {{11, 22}}, 2, items};
        size_t size = 0;
        uint8_t *data = unit_write(&u, &size);
        std::vector<uint8_t> bytes(data, data + size);
        free(data);
        return bytes;
    }
    enum status Read(const std::vector<uint8_t> &bytes, struct unit *u)
    {
        return unit_read(engine, bytes.data(), bytes.size(), &arena, u);
    }

    struct engine *engine = nullptr;
    struct arena arena = {};
    alignas(16) uint8_t glue[64] = {};
    Placed near{kPc}; /* within reach of the glue, wherever memory comes from */
};

TEST_F(Unit, AddressesAreThoseOfTheNewPlace)
{
    Placed a(kPc), &b = near;
    std::vector<struct code_reloc> relocs = Relocs(a);
    b.Make(&relocs);
    engine->cc.rx = glue + 16; /* the glue is elsewhere, too */
    ASSERT_TRUE(code_relocs_apply(engine, relocs.data(), (unsigned)relocs.size(), &b.tb));
    uint64_t word;
    int32_t rel;
    memcpy(&rel, b.code + 40, sizeof rel);
    EXPECT_EQ(b.code + 44 + rel, glue + 16 + 24);
    memcpy(&rel, b.code + 70, sizeof rel);
    EXPECT_EQ((uintptr_t)b.code + 75 + (uint64_t)rel, Counter(b));
    memcpy(&word, b.code + 82, sizeof word);
    EXPECT_EQ(word, (uintptr_t)&b.exits[0]);
    memcpy(&word, b.code + 98, sizeof word);
    EXPECT_EQ(word, (uintptr_t)&b.exits[1]);
    memcpy(&word, b.code + 110, sizeof word);
    EXPECT_EQ(word, (uintptr_t)&b.tb);
    memcpy(&word, b.code + 120, sizeof word);
    EXPECT_EQ(word, (uintptr_t)ir_eval);
}

TEST_F(Unit, AnAddressOfNothingKnownIsRefused)
{
    Placed a(kPc);
    int local = 0;
    const struct tcg_reloc of_the_stack = {40, TCG_RELOC_ABS64, 0, (uintptr_t)&local};
    struct code_reloc made;
    EXPECT_FALSE(code_relocs_make(engine, &a.tb, &of_the_stack, 1, &made));
}

TEST_F(Unit, WhatIsWrittenIsRead)
{
    Placed a(kPc), b(kPc + 200);
    std::vector<uint8_t> bytes = Write(&a, &b);
    struct unit u;
    ASSERT_EQ(Read(bytes, &u), STATUS_OK);
    EXPECT_EQ(u.start, kPc);
    EXPECT_EQ(u.end, kPc + 4096);
    ASSERT_EQ(u.count, 2u);
    const struct unit_item *item = &u.items[1];
    EXPECT_EQ(item->block.pc, kPc + 200);
    EXPECT_EQ(item->block.guest_insns, 3);
    EXPECT_EQ(item->block.relocs, 6);
    EXPECT_EQ(item->exits[1].pc, kPc + 400);
    EXPECT_EQ(item->exits[1].mode, 8u);
    EXPECT_EQ(item->block.map, 20);
    EXPECT_EQ(item->map[19], 19);
    EXPECT_EQ(item->code[159], 159);
}

TEST_F(Unit, CodeIsStoredUnchained)
{
    Placed a(kPc), b(kPc + 200);
    std::vector<struct code_reloc> relocs = Relocs(a);
    a.Make(&relocs);
    struct unit_item before, after;
    ASSERT_TRUE(unit_take(&a.tb, &arena, &before));
    tcg_patch_exit(a.code, a.code, &a.exits[0], b.code);
    ASSERT_TRUE(unit_take(&a.tb, &arena, &after));
    EXPECT_NE(memcmp(a.code, before.code, kCode), 0);
    EXPECT_EQ(memcmp(before.code, after.code, kCode), 0);
}

TEST_F(Unit, BlocksWithoutNotedAddressesAreNotTaken)
{
    Placed a(kPc);
    struct unit_item item;
    EXPECT_FALSE(unit_take(&a.tb, &arena, &item));
}

TEST_F(Unit, CutAtEveryLengthItIsRefused)
{
    Placed a(kPc), b(kPc + 200);
    std::vector<uint8_t> bytes = Write(&a, &b);
    struct unit u;
    for (size_t n = 0; n < bytes.size(); n++)
        EXPECT_EQ(Read(std::vector<uint8_t>(bytes.begin(), bytes.begin() + (ptrdiff_t)n), &u), STATUS_BAD_FORMAT) << n;
    bytes.push_back(0);
    EXPECT_EQ(Read(bytes, &u), STATUS_BAD_FORMAT);
}

/* The store's hash sees every change. Behind it, what is taken stays within its bounds whatever the bytes are. */
TEST_F(Unit, WithEveryByteChangedItStaysWithinItsBounds)
{
    Placed a(kPc), b(kPc + 200);
    std::vector<uint8_t> bytes = Write(&a, &b);
    size_t taken = 0;
    for (size_t n = 0; n < bytes.size(); n++) {
        for (uint8_t change : {0x01, 0x80, 0xff}) {
            std::vector<uint8_t> other = bytes;
            other[n] ^= change;
            struct unit u;
            if (Read(other, &u) != STATUS_OK)
                continue;
            taken++;
            for (unsigned i = 0; i < u.count; i++) {
                const struct unit_block *block = &u.items[i].block;
                EXPECT_LE(u.items[i].code + block->code, other.data() + other.size());
                EXPECT_LE(block->pc + block->guest_bytes, u.end);
                EXPECT_LT(block->counter_off, block->code);
            }
        }
    }
    EXPECT_GT(taken, 0u) << "bytes of code may be anything";
}

} // namespace
