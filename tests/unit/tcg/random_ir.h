/* SPDX-License-Identifier: Apache-2.0 */
/* Random blocks for tier 1: register traffic as a RISC frontend makes it, every operation, enough live values to spill.
 */
#ifndef TANDEM_TESTS_TCG_RANDOM_IR_H
#define TANDEM_TESTS_TCG_RANDOM_IR_H

#include "tests/unit/tcg/harness.h"

namespace tcg_test
{

class RandomIr
{
  public:
    RandomIr(struct ir_builder *b, Random *random) : b_(b), r_(random) {}
    /* A random instance of one operation (operands included); false: not a value or memory operation. */
    bool emit(enum ir_op op);
    /* Something that a frontend would emit: arithmetic on registers, loads, stores, conditions. */
    void emit_usual();
    /* What was computed goes to guest registers. */
    void sink(unsigned most);
    void side_exit(gaddr_t pc);
    void final_exit();
    ir_ref operand(enum ir_type t);

  private:
    enum ir_type pick(std::initializer_list<enum ir_type> types)
    {
        return types.begin()[r_->below((unsigned)types.size())];
    }
    ir_ref fresh(enum ir_type t);
    ir_ref constant(enum ir_type t);
    ir_ref address(bool aligned);
    ir_ref condition();
    enum ir_type type_of_op(enum ir_op op);
    enum ir_type operand_type(enum ir_op op, char letter, enum ir_type t, uint16_t aux);
    uint16_t aux_of_op(enum ir_op op, enum ir_type t);
    unsigned x86_rule(enum ir_op op, enum ir_type t);
    uint64_t shuffle(enum ir_type elem);
    bool emit_memory(enum ir_op op);
    bool emit_state(enum ir_op op);
    void with_load();
    void put_random(ir_ref v);
    ir_ref keep(ir_ref v);
    struct ir_builder *b_;
    Random *r_;
    std::vector<ir_ref> values_;
};

} // namespace tcg_test

#endif
