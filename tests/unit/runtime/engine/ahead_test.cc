/* SPDX-License-Identifier: Apache-2.0 */
/* The order of a program's pieces: a later run is told what comes next, as far as it goes the same way. */
#include <gtest/gtest.h>

#include <cstdlib>
#include <vector>

#include "tests/unit/runtime/store/place.h"

extern "C" {
#include "runtime/engine/ahead.h"
#include "runtime/engine/unit.h"
}

namespace
{

constexpr gaddr_t kProgram = 0x400000;

bool FileAt(void *, gaddr_t, uint64_t id[2])
{
    id[0] = store_test::kFile.lane[0];
    id[1] = store_test::kFile.lane[1];
    return true;
}

ahead_piece Piece(unsigned n) { return {store_test::kFile, kProgram + ((gaddr_t)n << UNIT_SHIFT) + 4 * n}; }

unsigned NumberOf(const ahead_piece *p) { return (unsigned)((p->pc - kProgram) >> UNIT_SHIFT); }

/* One run of a program. */
class Process
{
  public:
    explicit Process(const store_test::Place &place) : store_(place)
    {
        engine_ = static_cast<struct engine *>(calloc(1, sizeof *engine_));
        mem_.file_at = FileAt;
        engine_->mem = &mem_;
        engine_->program = kProgram;
        on_.e = engine_;
        on_.store = store_.store;
        ahead = ahead_create(&on_);
    }
    ~Process()
    {
        ahead_destroy(ahead);
        free(engine_);
    }
    Process(const Process &) = delete;
    Process &operator=(const Process &) = delete;

    /* The guest asks for piece n: what is read ahead then, all of it at once. */
    std::vector<unsigned> Ask(unsigned n)
    {
        const ahead_piece piece = Piece(n);
        std::vector<unsigned> read;
        for (unsigned left = ahead_asked(ahead, &piece); left; left--) {
            const ahead_piece *next = ahead_next(ahead);
            if (!next)
                break;
            read.push_back(NumberOf(next));
        }
        for (unsigned i : read) {
            const ahead_piece p = Piece(i);
            ahead_loaded(ahead, &p, ahead_window(ahead));
        }
        return read;
    }

    struct ahead *ahead;

  private:
    store_test::Store store_;
    struct engine_mem mem_ = {};
    struct engine *engine_;
    struct warm_thread on_ = {};
};

std::vector<unsigned> Range(unsigned from, unsigned to)
{
    std::vector<unsigned> all;
    for (unsigned i = from; i < to; i++)
        all.push_back(i);
    return all;
}

/* A first run, without a cache, that has made these pieces. */
void Make(const store_test::Place &place, const std::vector<unsigned> &pieces)
{
    Process run(place);
    EXPECT_FALSE(ahead_is_new(run.ahead));
    for (unsigned n : pieces) {
        const ahead_piece p = Piece(n);
        ahead_made(run.ahead, &p);
    }
    EXPECT_TRUE(ahead_is_new(run.ahead));
    ahead_save(run.ahead);
    EXPECT_FALSE(ahead_is_new(run.ahead));
}

TEST(Ahead, WindowsDoubleWhileTheGuestGoesTheSameWay)
{
    store_test::Place place;
    Make(place, Range(0, 200));
    Process run(place);
    EXPECT_EQ(run.Ask(0), Range(1, 5));
    EXPECT_EQ(run.Ask(5), Range(6, 14));
    EXPECT_EQ(run.Ask(14), Range(15, 31));
    EXPECT_EQ(run.Ask(31), Range(32, 64));
    EXPECT_EQ(run.Ask(64), Range(65, 97)); /* that is the largest */
    EXPECT_EQ(run.Ask(190), Range(191, 195));
    EXPECT_EQ(run.Ask(195), Range(196, 200)); /* the end */
    EXPECT_FALSE(ahead_is_new(run.ahead));
}

TEST(Ahead, AGuestThatIsQuickerOpensNoWindow)
{
    store_test::Place place;
    Make(place, Range(0, 40));
    Process run(place);
    EXPECT_EQ(run.Ask(0), Range(1, 5));
    EXPECT_EQ(run.Ask(3), Range(0, 0));
    EXPECT_EQ(run.Ask(5), Range(6, 14)); /* it was as expected all the same */
}

TEST(Ahead, TheOrderIsThatOfTheRunAndNotOfAddresses)
{
    store_test::Place place;
    Make(place, {7, 3, 9, 1, 30, 2});
    Process run(place);
    EXPECT_EQ(run.Ask(7), (std::vector<unsigned>{3, 9, 1, 30}));
    EXPECT_EQ(run.Ask(50), Range(0, 0)); /* nothing is known of it */
    EXPECT_EQ(run.Ask(2), Range(0, 0));  /* nothing comes behind it */
}

TEST(Ahead, WhatWasNotNeededIsForgotten)
{
    store_test::Place place;
    Make(place, Range(0, 24));
    {
        Process run(place);
        EXPECT_EQ(run.Ask(0), Range(1, 5)); /* the guest never asks for 5: 1 to 4 were read in vain */
        for (unsigned n = 100; n < 110; n++)
            EXPECT_EQ(run.Ask(n), Range(0, 0));
        EXPECT_EQ(run.Ask(20), Range(21, 24));
        EXPECT_TRUE(ahead_is_new(run.ahead));
        ahead_save(run.ahead);
    }
    Process run(place);
    EXPECT_EQ(run.Ask(0), Range(100, 104));
    /* Neither 1 to 4 nor 21 to 23 are there any more; what nobody asked for is, at the end. */
    EXPECT_EQ(run.Ask(104), (std::vector<unsigned>{105, 106, 107, 108, 109, 20, 5, 6}));
    EXPECT_EQ(run.Ask(7), Range(8, 20));
}

TEST(Ahead, OfTwoOrdersInTurnNothingIsStoredInTheEnd)
{
    store_test::Place place;
    const std::vector<unsigned> one = Range(0, 24), other = Range(100, 124);
    Make(place, one);
    for (unsigned n = 0; n < 6; n++) {
        Process run(place);
        for (unsigned piece : n % 2 ? one : other)
            run.Ask(piece);
        EXPECT_EQ(ahead_is_new(run.ahead), n == 0) << n;
        ahead_save(run.ahead);
    }
}

TEST(Ahead, AFewNewPiecesAreNotStored)
{
    store_test::Place place;
    Make(place, Range(0, 80));
    Process run(place);
    for (unsigned n = 100; n < 113; n++)
        run.Ask(n);
    EXPECT_FALSE(ahead_is_new(run.ahead));
    run.Ask(113);
    EXPECT_TRUE(ahead_is_new(run.ahead));
}

TEST(Ahead, WithoutMemoryNothingIsReadAhead)
{
    EXPECT_EQ(ahead_asked(nullptr, nullptr), 0u);
    ahead_made(nullptr, nullptr);
    EXPECT_FALSE(ahead_is_new(nullptr));
}

} // namespace
