/* SPDX-License-Identifier: Apache-2.0 */
/* Segment descriptors of the guest's own. All functions that return long give 0 or -errno. */
#ifndef TANDEM_FRONTEND_X86_ABI_X86_DESCRIPTOR_H
#define TANDEM_FRONTEND_X86_ABI_X86_DESCRIPTOR_H

#include "src/base/cpu.h"

/* struct user_desc of asm/ldt.h */
struct x86_user_desc {
    uint32_t entry, base, limit, flags;
};

/* A thread's own: entry -1 stands for any that is free, which desc then says. */
long x86_set_thread_descriptor(struct cpu *cpu, struct x86_user_desc *desc);
/* The one that desc->entry asks for. */
long x86_get_thread_descriptor(const struct cpu *cpu, struct x86_user_desc *desc);
/* The process's. old: func 1's meaning of flags. */
long x86_set_ldt_descriptor(struct cpu *cpu, const struct x86_user_desc *desc, bool old);
/* The table as the CPU has it, in size bytes (at most 64 KiB): that many, or 0 if nothing is in it. */
size_t x86_read_ldt(const struct cpu *cpu, uint8_t *table, size_t size);

#endif
