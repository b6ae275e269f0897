/* SPDX-License-Identifier: Apache-2.0 */
/* Random IR: single operations with operands from the guest's registers, and whole blocks. */
#ifndef TANDEM_TESTS_LOPT_RANDOM_IR_H
#define TANDEM_TESTS_LOPT_RANDOM_IR_H

#include "tests/unit/llvm-opt/emit/harness.h"

namespace lopt_test
{

class RandomIr
{
  public:
    RandomIr(struct ir_builder *b, Random *random) : b_(b), r_(random) {}
    /* One random value operation `op` with random type, aux and operands; false if op is not one. */
    bool emit(enum ir_op op);
    /* An operation that is not rare. */
    void emit_common();
    /* Puts the values made so far into registers. */
    void sink();
    ir_ref operand(enum ir_type t);

  private:
    enum ir_type pick(std::initializer_list<enum ir_type> types);
    enum ir_type type_for(enum ir_op op, bool *vector);
    uint16_t aux_for(enum ir_op op, enum ir_type t, bool vector);
    ir_ref fresh(enum ir_type t);
    ir_ref address();
    bool emit_memory(enum ir_op op);
    void keep(ir_ref v);
    ir_ref x(unsigned n) { return ir_get(b_, X0 + n); }
    struct ir_builder *b_;
    Random *r_;
    std::vector<ir_ref> values_;
};

} // namespace lopt_test

#endif
