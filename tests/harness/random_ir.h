// SPDX-License-Identifier: Apache-2.0
// Random IR for the tests of executors: single operations, blocks as a RISC frontend makes them, blocks of anything.
// Operands are registers of the made-up guest, constants, and values made before.
#ifndef TANDEM_TESTS_HARNESS_RANDOM_IR_H
#define TANDEM_TESTS_HARNESS_RANDOM_IR_H

#include <initializer_list>
#include <vector>

#include "src/ir/build/builder.h"
#include "tests/harness/guest.h"
#include "tests/harness/random.h"

namespace harness
{

constexpr size_t kRandomIrMemory = 4096; // bytes that loads and stores reach

class RandomIr
{
  public:
    // What the caller wants of it.
    struct Wishes {
        uint8_t *memory;   // of kRandomIrMemory bytes, at an address divisible by 64
        unsigned xs = kXs; // integer registers that may be written: x0 up to, not with, this one
        bool traps = true; // accesses that have to be aligned may not be
    };
    RandomIr(struct ir_builder *b, Random *random, const Wishes &wishes) : b_(b), r_(random), wishes_(wishes) {}
    // A random instance of one operation (operands included). False: not an operation with a value, not one on memory.
    bool emit(enum ir_op op);
    // Something that a frontend would emit: arithmetic on registers, loads, stores, conditions.
    void emit_usual();
    // Any operation; vector operations are rarer than the others.
    void emit_any();
    // Some of the values made so far go to guest registers: about as many as most.
    void sink(unsigned most);
    // All of them do: integers as part of a sum. Of vectors in one register the last one stays.
    void sink_all();
    void side_exit(gaddr_t pc);
    // One that reads rows of ir_state.flags which are dead behind it.
    void side_exit_with_flags(gaddr_t pc);
    void final_exit();
    ir_ref operand(enum ir_type t);

  private:
    enum ir_type pick(std::initializer_list<enum ir_type> types)
    {
        return types.begin()[r_->below((unsigned)types.size())];
    }
    unsigned maybe(unsigned bits) { return r_->one_in(8) ? bits : 0; }
    unsigned any_order() { return r_->below(3) ? 0 : r_->below(4) << IR_MEM_ORDER_SHIFT; }
    unsigned any_x() { return X0 + r_->below(wishes_.xs); }
    unsigned any_f() { return F0 + r_->below(kFs); }
    ir_ref fresh(enum ir_type t);
    ir_ref constant(enum ir_type t);
    ir_ref address(bool aligned);
    ir_ref condition();
    enum ir_type type_of_fp(enum ir_op op);
    enum ir_type type_of_op(enum ir_op op);
    enum ir_type type_of_operand(enum ir_op op, char letter, enum ir_type t, uint16_t aux);
    uint16_t aux_of_fp(enum ir_op op, enum ir_type t);
    uint16_t aux_of_vec(enum ir_op op);
    uint16_t aux_of_op(enum ir_op op, enum ir_type t);
    uint64_t shuffle(enum ir_type elem);
    void emit_load();
    void emit_store();
    void emit_reserved();
    bool emit_memory(enum ir_op op);
    bool emit_state(enum ir_op op);
    void with_load();
    void put_random(ir_ref v);
    ir_ref keep(ir_ref v);
    struct ir_builder *b_;
    Random *r_;
    Wishes wishes_;
    std::vector<ir_ref> values_;
};

} // namespace harness

#endif
