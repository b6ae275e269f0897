/* SPDX-License-Identifier: Apache-2.0 */
/* Runs IR blocks in tier 1 and in the reference interpreter, and compares all that a guest can see.
 *
 * The guest is made up: 16 integer registers x0..x15 and 10 floating-point registers f0..f9 (the first 9 and 6 are
 * pinned), two vector registers, some narrow ones and an indexed bank. */
#ifndef TANDEM_TESTS_TCG_HARNESS_H
#define TANDEM_TESTS_TCG_HARNESS_H

#include <string>
#include <vector>

#include "src/ir/build/builder.h"
#include "src/ir/softfp/softfp.h"
#include "src/ir/state.h"
#include "tcg/tcg.h"
#include "tests/harness/random.h"

namespace tcg_test
{

enum Row : unsigned { X0 = 0, F0 = 16, V0 = 26, V1, BYTE, HALF, WORD, BIT, ROW_COUNT };
constexpr unsigned kXs = 16, kFs = 10;
extern const struct ir_state kState;
constexpr gaddr_t kPc = 0x10000;

/* Guest memory that tests may use. */
constexpr size_t kMemory = 4096;
uint8_t *memory();

using harness::Random;

/* struct cpu with a stack for generated code. */
class Cpu
{
  public:
    explicit Cpu(uint64_t seed);
    ~Cpu();
    Cpu(const Cpu &) = delete;
    Cpu &operator=(const Cpu &) = delete;
    struct cpu *operator->() const { return cpu_; }
    struct cpu *get() const { return cpu_; }
    uint64_t x(unsigned n) const;
    void set_x(unsigned n, uint64_t v);
    void set_f(unsigned n, uint64_t v);
    uint64_t f(unsigned n) const;
    unsigned flags() const;
    void reset_stack();

  private:
    struct cpu *cpu_;
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

/* A small code cache: one memory object mapped twice, with the glue at its start. */
class Cache
{
  public:
    explicit Cache(uint32_t without_features = 0);
    ~Cache();
    Cache(const Cache &) = delete;
    Cache &operator=(const Cache &) = delete;
    struct Code {
        uint8_t *rw = nullptr;
        const uint8_t *rx = nullptr;
        enum status status = STATUS_OK;
        struct tcg_result result = {};
        struct tcg_exit exits[32] = {};
        struct tcg_pc_map map[512] = {};
        int32_t *counter = nullptr;
        const struct tcg_exit *
        exit_of(const struct cpu *cpu) const; /* after CPU_EXIT_LINK; NULL: not one of this code */
        std::string hex() const;
    };
    struct Options {
        unsigned random_seed = 0;
        bool counter = false;
        uint64_t counter_arg = 0;
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
    uint8_t *rw_, *rx_;
    size_t used_, start_;
};

/* Runs the block in both executors on copies of this state. Empty: equal. Else what differs, and the block. */
std::string compare(Cache *cache, const struct ir_block *block, uint64_t cpu_seed, unsigned random_seed);

std::string print(const struct ir_block *block);

} // namespace tcg_test

#endif
