/* SPDX-License-Identifier: Apache-2.0 */
/* vm_goto: the same byte code through computed goto; many indirect jumps, each with its own history.
 * class indirect; quick 3000 */
#include "vm_program.h"

static void run(struct vm *vm, const int32_t *code)
{
    static const void *const target[] = {
#define X(name, arguments) &&do_##name,
        VM_OPS(X)
#undef X
    };
    int64_t *sp = vm->stack;
    int32_t *calls = vm->calls;
    const int32_t *pc = code;
#define NEXT goto *target[*pc++]
    NEXT;
do_PUSH:
    *sp++ = *pc++;
    NEXT;
do_LOAD:
    *sp++ = vm->variable[*pc++];
    NEXT;
do_STORE:
    vm->variable[*pc++] = *--sp;
    NEXT;
do_ADD:
    sp--;
    sp[-1] += sp[0];
    NEXT;
do_SUB:
    sp--;
    sp[-1] -= sp[0];
    NEXT;
do_MUL:
    sp--;
    sp[-1] *= sp[0];
    NEXT;
do_XOR:
    sp--;
    sp[-1] ^= sp[0];
    NEXT;
do_SHR:
    sp[-1] >>= *pc++;
    NEXT;
do_LESS:
    sp--;
    sp[-1] = sp[-1] < sp[0];
    NEXT;
do_JUMP:
    pc = code + *pc;
    NEXT;
do_JZERO:
    pc = *--sp ? pc + 1 : code + *pc;
    NEXT;
do_GET:
    sp[-1] = vm->memory[sp[-1] & VM_MASK];
    NEXT;
do_SET:
    sp -= 2;
    vm->memory[sp[1] & VM_MASK] = sp[0];
    NEXT;
do_DUP:
    *sp = sp[-1];
    sp++;
    NEXT;
do_DROP:
    sp--;
    NEXT;
do_CALL:
    *calls++ = (int32_t)(pc + 1 - code);
    pc = code + *pc;
    NEXT;
do_RET:
    pc = code + *--calls;
    NEXT;
do_HALT:
    return;
#undef NEXT
}

int main(int argc, char **argv)
{
    static struct vm vm;
    static int32_t code[256];
    vm_load(code);
    vm.variable[3] = bench_size(argc, argv, 500000);
    run(&vm, code);
    return vm_report("vm_goto", &vm);
}
