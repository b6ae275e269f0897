/* SPDX-License-Identifier: Apache-2.0 */
/* The guest program of the proof of exact floating point: runs kernels (gen_kernels.py) on operands in shared memory.
 *
 * File 3 holds the operands, file 4 takes values and flags. Each command on standard input is answered with one byte
 * when it is done. There is no C library in it: tier 2 would spend more time on its start than on the kernels. */
#include <asm/unistd.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/fp/protocol.h"

enum { PROT_READ = 1, PROT_WRITE = 2, MAP_SHARED = 1 }; /* asm-generic/mman-common.h */

typedef void kernel_fn(const uint64_t *operands, uint64_t *values, uint64_t cases, uint8_t *flags);
extern kernel_fn *const kernels[];
extern const uint64_t kernel_count;

static long call(long number, long a, long b, long c, long d, long e)
{
    register long a0 __asm__("a0") = a, a1 __asm__("a1") = b, a2 __asm__("a2") = c, a3 __asm__("a3") = d;
    register long a4 __asm__("a4") = e, a5 __asm__("a5") = 0, a7 __asm__("a7") = number;
    __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a5), "r"(a7) : "memory");
    return a0;
}

static void write_frm(uint64_t frm) { __asm__ volatile("csrw frm, %0" : : "r"(frm)); }

static uint8_t *map_file(int fd, long size, int prot)
{
    return (uint8_t *)call(__NR_mmap, 0, size, prot, MAP_SHARED, fd);
}

static int serve(void)
{
    const uint8_t *operands = map_file(FP_OPERANDS_FD, FP_OPERANDS_SIZE, PROT_READ);
    uint8_t *results = map_file(FP_RESULTS_FD, FP_RESULTS_SIZE, PROT_READ | PROT_WRITE);
    struct fp_command c;

    if ((long)operands < 0 || (long)results < 0)
        return 2;
    while (call(__NR_read, 0, (long)&c, sizeof c, 0, 0) == sizeof c) {
        if (c.kernel >= kernel_count)
            return 3;
        write_frm(c.frm);
        kernels[c.kernel]((const uint64_t *)operands, (uint64_t *)(results + c.values), c.cases, results + c.flags);
        write_frm(0);
        if (call(__NR_write, 1, (long)"", 1, 0, 0) != 1)
            return 4;
    }
    return 0;
}

void _start(void)
{
    call(__NR_exit_group, serve(), 0, 0, 0, 0);
    __builtin_unreachable();
}
