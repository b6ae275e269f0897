/* SPDX-License-Identifier: Apache-2.0 */
/* The made-up guests of the file tests, and what they need to become blocks.
 *
 * plain: x0..x15 (i64; the first nine are pinned), f0..f9 (f64; six pinned), v0..v3 (v128), w0 (v256), narrow rows
 *        b (i8), h (i16), w (i32), c (i1).
 * x87:   the same and t0..t7 (f80), of which the low eight bits of the translation mode say which are in use; the mode
 *        is the row mode.
 * flags: as plain, and x12..x15 are the rows of status flags. */
#ifndef TANDEM_TESTS_FILETEST_GUEST_H
#define TANDEM_TESTS_FILETEST_GUEST_H

#include <string>
#include <vector>

#include "src/base/arena.h"
#include "src/ir/ir.h"
#include "src/ir/state.h"
#include "tests/filetest/case_file.h"

namespace filetest
{

const struct ir_state *guest_state(const std::string &name);

/* The blocks of a test's IR; they live as long as this. */
class Blocks
{
  public:
    Blocks();
    ~Blocks();
    Blocks(const Blocks &) = delete;
    Blocks &operator=(const Blocks &) = delete;
    /* False: the text is wrong, and message says where. */
    bool parse(const Case &test, std::string *message);
    std::vector<const struct ir_block *> list;

  private:
    bool parse_one(const struct ir_state *state, const std::string &text, std::string *message);
    struct arena arena_;
};

/* What lies at this offset from struct cpu: "x9", "pending", "spill+16". */
std::string cpu_place(const struct ir_state *state, int64_t offset);

/* The functions that generated code calls have made-up addresses, so that no text depends on where they lie. */
constexpr uint64_t kHelpers = 0x550000000000, kHelperStride = 16;
/* The helper's name, or the name of a function of the IR's; empty: neither. */
std::string function_name(const std::vector<const struct ir_block *> &blocks, uint64_t address);

} // namespace filetest

#endif
