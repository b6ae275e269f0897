/* SPDX-License-Identifier: Apache-2.0 */
/* lopt_save and lopt_load. That loaded code runs is tested by all other tests here: the harness loads what it runs. */
#include <gtest/gtest.h>

#include "tests/unit/llvm-opt/emit/harness.h"

using namespace lopt_test;

namespace
{
/* A region with a loop, two exits and a call of ir_eval, compiled and saved. */
std::vector<uint8_t> saved_region()
{
    Region r;
    struct ir_builder *b = r.begin();
    ir_ref x = ir_bini(b, IR_ADD, ir_get(b, X0), ~UINT64_C(0));
    ir_put(b, X0, x);
    ir_put(b, F0 + 7, ir_fp(b, IR_FMA, IR_F64, IR_RDYN, ir_get(b, F0), ir_get(b, F0 + 1), ir_get(b, F0 + 2)));
    ir_exit_if(b, ir_icmp(b, IR_NE, x, ir_const(b, IR_I64, 0)), block_pc(0));
    ir_jump(b, IR_HINT_NONE, kOutside);
    r.end();
    struct lopt_options options = {};
    options.level = 2;
    options.polls = true;
    options.no_fma = true;
    struct lopt *opt = nullptr;
    char message[256];
    EXPECT_EQ(lopt_open(&options, &opt, message, sizeof message), STATUS_OK) << message;
    struct lopt_result result;
    EXPECT_EQ(lopt_compile(opt, r.get(), &result), STATUS_OK);
    std::vector<uint8_t> saved(lopt_save(&result, nullptr, 0));
    EXPECT_EQ(lopt_save(&result, saved.data(), saved.size()), saved.size());
    lopt_result_fini(&result);
    lopt_close(opt);
    return saved;
}

TEST(SaveTest, LoadedResultSavesTheSameBytes)
{
    std::vector<uint8_t> saved = saved_region();
    struct lopt_result result;
    ASSERT_EQ(lopt_load(saved.data(), saved.size(), &result), STATUS_OK);
    EXPECT_GE(result.exit_count, 1u);
    std::vector<uint8_t> again(lopt_save(&result, nullptr, 0));
    ASSERT_EQ(lopt_save(&result, again.data(), again.size()), saved.size());
    EXPECT_EQ(saved, again);
    lopt_result_fini(&result);
}

TEST(SaveTest, NothingIsWrittenWhereThereIsNoRoom)
{
    std::vector<uint8_t> saved = saved_region();
    struct lopt_result result;
    ASSERT_EQ(lopt_load(saved.data(), saved.size(), &result), STATUS_OK);
    std::vector<uint8_t> small(saved.size() - 1, 0xa5);
    EXPECT_EQ(lopt_save(&result, small.data(), small.size()), saved.size());
    EXPECT_EQ(small, std::vector<uint8_t>(small.size(), 0xa5));
    lopt_result_fini(&result);
}

TEST(SaveTest, TruncatedBytesAreRejected)
{
    std::vector<uint8_t> saved = saved_region();
    for (size_t n = 0; n < saved.size(); n++) {
        struct lopt_result result;
        ASSERT_EQ(lopt_load(saved.data(), n, &result), STATUS_BAD_FORMAT) << n;
        ASSERT_EQ(result.object, nullptr);
    }
}

/* A byte that is wrong is refused or leaves a result that can be placed within its bounds. */
TEST(SaveTest, WrongBytesNeverLeaveTheImage)
{
    std::vector<uint8_t> saved = saved_region();
    for (size_t i = 0; i < saved.size(); i++) {
        for (uint8_t flip : {0x01, 0x80, 0xff}) {
            std::vector<uint8_t> wrong = saved;
            wrong[i] ^= flip;
            struct lopt_result result;
            if (lopt_load(wrong.data(), wrong.size(), &result) != STATUS_OK)
                continue;
            std::vector<uint8_t> room(result.text_size + 64, 0xa5);
            std::vector<const uint8_t *> exits(result.exit_count, room.data());
            if (lopt_link(&result, room.data() + 32, room.data() + 32, exits.data()) == STATUS_OK) {
                const uint8_t *entry;
                for (unsigned n = 0; n < 100 && (entry = lopt_entry(&result, room.data() + 32, n)); n++)
                    EXPECT_LT(size_t(entry - room.data() - 32), result.text_size);
            }
            for (size_t k = 0; k < 32; k++) {
                ASSERT_EQ(room[k], 0xa5) << i;
                ASSERT_EQ(room[32 + result.text_size + k], 0xa5) << i;
            }
            lopt_result_fini(&result);
        }
    }
}
} // namespace
