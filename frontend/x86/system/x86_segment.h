/* SPDX-License-Identifier: Apache-2.0 */
/* Segment descriptors that user code can load. */
#ifndef TANDEM_FRONTEND_X86_X86_SEGMENT_H
#define TANDEM_FRONTEND_X86_X86_SEGMENT_H

#include "frontend/x86/common/x86_context.h"

TANDEM_BEGIN_DECLS
/* The base of the segment that a selector names; false: there is none that user code may load. */
bool x86_descriptor_base(const struct cpu *cpu, uint16_t selector, uint64_t *base);
/* The kernel's calls about descriptors: see struct guest. */
long x86_set_segment(struct cpu *cpu, struct guest_segment *desc);
long x86_get_segment(const struct cpu *cpu, struct guest_segment *desc);
long x86_set_ldt(struct cpu *cpu, const struct guest_segment *desc, bool old);
size_t x86_read_ldt(const struct cpu *cpu, uint8_t *table, size_t size);
/* What the kernel does on its way back to user code: the selector with its base, or the null selector if it names
 * nothing. */
void x86_restore_segment(struct cpu *cpu, unsigned row, uint16_t selector);
/* Lifting: segment register := selector (i16), with all that the descriptor brings; general protection if there is no
 * such segment. */
void x86_load_segment(struct x86_lift *l, ZydisRegister segment, ir_ref selector);
TANDEM_END_DECLS

#endif
