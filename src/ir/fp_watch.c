/* SPDX-License-Identifier: Apache-2.0 */
/* Watching the guest's FP flags by unmasked exceptions: see fp_watch.h for the invariants. MXCSR as in Intel SDM volume
 * 1, 10.2.3 and 11.5.3 (when an unmasked exception is reported). */
#include "src/ir/fp_watch.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif

#include "src/ir/softfp/softfp.h"

enum {
    MASK_SHIFT = 7, /* from a flag to its mask */
    ALL_FLAGS = 0x3f,
    DENORMAL = 2, /* no IEEE flag: always masked */
    WAIT_FIRST = 16,
    WAIT_LAST = 4096, /* readings between two watches */
};

uint32_t fp_watch_flags(const struct cpu *cpu)
{
    return (cpu->fp_flags | fp_flags_from_mxcsr(cpu->mxcsr)) & FP_WATCH_FLAGS;
}

void fp_watch_stop(struct cpu *cpu, uint32_t *mxcsr)
{
    if (cpu->fp_watch) {
        cpu->fp_watch = 0;
        cpu->fp_watch_reads = 0;
        cpu->fp_watch_wait = cpu->fp_watch_wait * 2 < WAIT_LAST ? cpu->fp_watch_wait * 2 : WAIT_LAST;
    }
    *mxcsr |= ALL_FLAGS << MASK_SHIFT;
}

bool fp_watch_trap(struct cpu *cpu, uint32_t *mxcsr)
{
    uint32_t unmasked = ~*mxcsr >> MASK_SHIFT & ALL_FLAGS;
    if (!unmasked)
        return false;
    fp_watch_stop(cpu, mxcsr);
    *mxcsr &= ~unmasked; /* I3: those flags were clear before the trap */
    return true;
}

#ifdef __x86_64__
uint32_t fp_watch_read(struct cpu *cpu)
{
    uint32_t mxcsr = _mm_getcsr(), raised = mxcsr & ALL_FLAGS;
    uint32_t flags = fp_flags_from_mxcsr(mxcsr) & FP_WATCH_FLAGS;
    if (!cpu->fp_watch_wait)
        cpu->fp_watch_wait = WAIT_FIRST;
    if (!cpu->fp_watch && ++cpu->fp_watch_reads > cpu->fp_watch_wait) {
        uint32_t masks = (raised | DENORMAL) << MASK_SHIFT;
        _mm_setcsr((mxcsr & ~(uint32_t)(ALL_FLAGS << MASK_SHIFT)) | masks);
        cpu->fp_watch = FP_WATCHED | flags;
    }
    return (cpu->fp_flags | flags) & FP_WATCH_FLAGS;
}
#endif
