/* SPDX-License-Identifier: Apache-2.0 */
/* The little stack machine that vm_switch and vm_goto both interpret, and the program that they run on it. */
#ifndef VM_PROGRAM_H
#define VM_PROGRAM_H

#include "bench.h"

/* X(name, arguments): what each does is in the two interpreters. */
#define VM_OPS(X)                                                                                                      \
    X(PUSH, 1)                                                                                                         \
    X(LOAD, 1)                                                                                                         \
    X(STORE, 1)                                                                                                        \
    X(ADD, 0)                                                                                                          \
    X(SUB, 0)                                                                                                          \
    X(MUL, 0)                                                                                                          \
    X(XOR, 0)                                                                                                          \
    X(SHR, 1) X(LESS, 0) X(JUMP, 1) X(JZERO, 1) X(GET, 0) X(SET, 0) X(DUP, 0) X(DROP, 0) X(CALL, 1) X(RET, 0) X(HALT, 0)

enum vm_op {
#define X(name, arguments) VM_##name,
    VM_OPS(X)
#undef X
};

enum { VM_MASK = 1023 };

struct vm {
    int64_t stack[64], variable[8], memory[VM_MASK + 1];
    int32_t calls[64];
};

/* Mixes the Collatz lengths of 1..N into the memory: v0 = i, v1 = n, v2 = length, v3 = N. Jumps say word offsets. */
static const int32_t vm_program[] = {
    VM_PUSH, 1, VM_STORE, 0,                                                     /*  0: i = 1 */
    VM_LOAD, 3, VM_LOAD,  0,       VM_LESS, VM_JZERO, 13,      VM_HALT, VM_HALT, /*  4: while !(N < i) */
    VM_LOAD, 0, VM_STORE, 1,       VM_CALL, 0,                                   /* 13: collatz(i) */
    VM_LOAD, 0, VM_GET,   VM_LOAD, 2,       VM_XOR,   VM_LOAD, 0,       VM_SET,  /* 19: memory[i] ^= length */
    VM_LOAD, 0, VM_PUSH,  1,       VM_ADD,  VM_STORE, 0,       VM_JUMP, 4,       /* 28: i++ */
};
static const int32_t vm_collatz[] = {
    VM_PUSH,  0,       VM_STORE, 2,                                                      /*  0: length = 0 */
    VM_LOAD,  1,       VM_PUSH,  2,      VM_LESS, VM_JZERO, 13,     VM_RET, VM_HALT,     /*  4: while !(n < 2) */
    VM_LOAD,  2,       VM_PUSH,  1,      VM_ADD,  VM_STORE, 2,                           /* 13: length++ */
    VM_LOAD,  1,       VM_LOAD,  1,      VM_SHR,  1,        VM_DUP, VM_ADD, VM_SUB,      /* 20: n - 2 * (n >> 1) */
    VM_JZERO, 42,                                                                        /* 29: even? */
    VM_LOAD,  1,       VM_PUSH,  3,      VM_MUL,  VM_PUSH,  1,      VM_ADD, VM_JUMP, 46, /* 31: 3 * n + 1 */
    VM_HALT,  VM_LOAD, 1,        VM_SHR, 1,                                              /* 42: n >> 1 */
    VM_STORE, 1,       VM_JUMP,  4,                                                      /* 46: n = */
};

/* Makes the jumps of code[from, end) absolute (they start at from) and lets its calls go to callee. */
static inline void vm_relocate(int32_t *code, int from, int end, int callee)
{
    static const uint8_t arguments[] = {
#define X(name, arguments) arguments,
        VM_OPS(X)
#undef X
    };
    for (int at = from; at < end; at += 1 + arguments[code[at]]) {
        if (code[at] == VM_JUMP || code[at] == VM_JZERO)
            code[at + 1] += from;
        if (code[at] == VM_CALL)
            code[at + 1] = callee;
    }
}

/* Puts main and the sub-program behind it into code[]. */
static inline void vm_load(int32_t *code)
{
    int words = sizeof(vm_program) / sizeof(*code), more = sizeof(vm_collatz) / sizeof(*code);
    memcpy(code, vm_program, sizeof(vm_program));
    memcpy(code + words, vm_collatz, sizeof(vm_collatz));
    vm_relocate(code, 0, words, words);
    vm_relocate(code, words, words + more, words);
}

static inline int vm_report(const char *name, const struct vm *vm)
{
    uint64_t sum = 0;
    for (int i = 0; i <= VM_MASK; i++)
        sum = bench_fold(sum, (uint64_t)vm->memory[i]);
    return bench_report(name, sum);
}

#endif
