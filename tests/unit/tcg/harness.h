/* SPDX-License-Identifier: Apache-2.0 */
/* Runs IR blocks in tier 1 and in the reference interpreter, and compares all that a guest can see.
 *
 * The guest is the made-up one of tests/harness. 9 of its integer and 6 of its floating-point rows are pinned. */
#ifndef TANDEM_TESTS_TCG_HARNESS_H
#define TANDEM_TESTS_TCG_HARNESS_H

#include <string>
#include <vector>

#include "src/ir/build/builder.h"
#include "src/ir/softfp/softfp.h"
#include "src/ir/state.h"
#include "tcg/tcg.h"
#include "tests/harness/code_buffer.h"
#include "tests/harness/guest.h"
#include "tests/harness/random.h"

namespace tcg_test
{

using harness::BIT;
using harness::BYTE;
using harness::F0;
using harness::HALF;
using harness::kFs;
using harness::kPc;
using harness::kRows;
using harness::kXs;
using harness::print;
using harness::Random;
using harness::ROW_COUNT;
using harness::V0;
using harness::V1;
using harness::WORD;
using harness::X0;

extern const struct ir_state kState;

/* Guest memory that tests may use. */
constexpr size_t kMemory = 4096;
uint8_t *memory();

/* A CPU with a stack for generated code. */
class Cpu : public harness::Cpu
{
  public:
    explicit Cpu(uint64_t seed);
    ~Cpu();
    Cpu(const Cpu &) = delete;
    Cpu &operator=(const Cpu &) = delete;
    void reset_stack();

  private:
    uint8_t *stack_;
};

/* One block under construction; owns its memory. */
class Block
{
  public:
    explicit Block(gaddr_t pc = kPc);
    ~Block();
    Block(const Block &) = delete;
    Block &operator=(const Block &) = delete;
    struct ir_builder *b() { return &builder_; }
    /* raw: without the optimizer, so that tier 1 sees exactly what was built */
    const struct ir_block *seal(bool raw = false);

  private:
    struct arena arena_;
    struct ir_builder builder_;
    struct ir_block raw_;
};

/* A small code cache with the glue at its start. */
class Cache
{
  public:
    explicit Cache(uint32_t without_features = 0);
    Cache(const Cache &) = delete;
    Cache &operator=(const Cache &) = delete;
    struct Code {
        uint8_t *rw = nullptr;
        const uint8_t *rx = nullptr;
        enum status status = STATUS_OK;
        struct tcg_result result = {};
        struct tcg_exit exits[32] = {};
        struct tcg_pc_map map[512] = {};
        struct tcg_reloc relocs[512] = {}; /* debug builds check them in each translation */
        int32_t *counter = nullptr;
        const struct tcg_exit *
        exit_of(const struct cpu *cpu) const; /* after CPU_EXIT_LINK; NULL: not one of this code */
        std::string hex() const;
    };
    struct Options {
        unsigned random_seed = 0;
        bool counter = false;
        const uint8_t *check_code = nullptr;
        size_t capacity = 0;
    };
    /* Translates into the next free place. The record is owned by the caller and must outlive runs. */
    void translate(const struct ir_block *block, Code *code, const Options &options);
    void translate(const struct ir_block *block, Code *code) { translate(block, code, Options()); }
    void run(struct cpu *cpu, const uint8_t *host) const { tcg_enter(&glue, cpu, host); }
    /* Room for other code (exits). */
    uint8_t *take(size_t bytes, const uint8_t **rx);
    void reset() { used_ = start_; }
    struct tcg_glue glue = {};

  private:
    harness::CodeBuffer code_;
    size_t used_, start_;
};

/* Runs the block in both executors on copies of this state. Empty: equal. Else what differs, and the block. */
std::string compare(Cache *cache, const struct ir_block *block, uint64_t cpu_seed, unsigned random_seed);

} // namespace tcg_test

#endif
