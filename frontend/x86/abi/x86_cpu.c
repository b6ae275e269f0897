/* SPDX-License-Identifier: Apache-2.0 */
/* The registers of a new process. */
#include "frontend/x86/abi/x86_cpu.h"

#include <stdlib.h>
#include <string.h>

#include "frontend/x86/x87/x86_fpstate.h"
#include "src/base/log.h"

enum { USER_CS = 0x33, USER_CS_32 = 0x23, USER_DS = 0x2b };

static void init(struct cpu *cpu, gaddr_t entry, gaddr_t sp, uint16_t cs)
{
    struct x86_state *s = x86_state_of(cpu);
    memset(cpu->guest, 0, sizeof cpu->guest);
    s->rsp = sp;
    s->cs = cs;
    s->ss = USER_DS;
    x86_set_eflags(s, 0);
    cpu->pc = entry;
    x86_fpstate_load(cpu, NULL, X86_XF_ALL, 0);
    cpu->resv.addr = ~UINT64_C(0);
}

void x86_64_cpu_init(struct cpu *cpu, const struct guest_config *config, gaddr_t entry, gaddr_t sp)
{
    init(cpu, entry, sp, USER_CS);
}

void x86_i386_cpu_init(struct cpu *cpu, const struct guest_config *config, gaddr_t entry, gaddr_t sp)
{
    struct x86_state *s = x86_state_of(cpu);
    init(cpu, entry, sp, USER_CS_32);
    s->ds = s->es = USER_DS;
    /* the process's, for as long as it lives; memory is taken only where it is used */
    s->ldt = calloc(X86_LDT_COUNT, sizeof *s->ldt);
    if (!s->ldt)
        out_of_memory("the guest's descriptors");
}

uint32_t x86_mode(const struct cpu *cpu) { return cpu->mode; }
void x86_fp_to_guest(struct cpu *cpu) {}
void x86_fp_from_guest(struct cpu *cpu) {}
