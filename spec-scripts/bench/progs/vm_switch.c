/* SPDX-License-Identifier: Apache-2.0 */
/* vm_switch: a byte-code interpreter around one switch; a single hot indirect jump with many targets.
 * class indirect; quick 3000 */
#include "vm_program.h"

static void run(struct vm *vm, const int32_t *code)
{
    int64_t *sp = vm->stack;
    int32_t *calls = vm->calls;
    const int32_t *pc = code;
    for (;;) {
        switch ((enum vm_op) * pc++) {
        case VM_PUSH:
            *sp++ = *pc++;
            break;
        case VM_LOAD:
            *sp++ = vm->variable[*pc++];
            break;
        case VM_STORE:
            vm->variable[*pc++] = *--sp;
            break;
        case VM_ADD:
            sp--;
            sp[-1] += sp[0];
            break;
        case VM_SUB:
            sp--;
            sp[-1] -= sp[0];
            break;
        case VM_MUL:
            sp--;
            sp[-1] *= sp[0];
            break;
        case VM_XOR:
            sp--;
            sp[-1] ^= sp[0];
            break;
        case VM_SHR:
            sp[-1] >>= *pc++;
            break;
        case VM_LESS:
            sp--;
            sp[-1] = sp[-1] < sp[0];
            break;
        case VM_JUMP:
            pc = code + *pc;
            break;
        case VM_JZERO:
            pc = *--sp ? pc + 1 : code + *pc;
            break;
        case VM_GET:
            sp[-1] = vm->memory[sp[-1] & VM_MASK];
            break;
        case VM_SET:
            sp -= 2;
            vm->memory[sp[1] & VM_MASK] = sp[0];
            break;
        case VM_DUP:
            *sp = sp[-1];
            sp++;
            break;
        case VM_DROP:
            sp--;
            break;
        case VM_CALL:
            *calls++ = (int32_t)(pc + 1 - code);
            pc = code + *pc;
            break;
        case VM_RET:
            pc = code + *--calls;
            break;
        case VM_HALT:
            return;
        }
    }
}

int main(int argc, char **argv)
{
    static struct vm vm;
    static int32_t code[256];
    vm_load(code);
    vm.variable[3] = bench_size(argc, argv, 500000);
    run(&vm, code);
    return vm_report("vm_switch", &vm);
}
