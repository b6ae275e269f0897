/* SPDX-License-Identifier: Apache-2.0 */
/* Segment descriptors that user code can load. */
#ifndef TANDEM_FRONTEND_X86_X86_SEGMENT_H
#define TANDEM_FRONTEND_X86_X86_SEGMENT_H

#include "frontend/x86/common/x86_context.h"

/* Descriptors are numbered as on a 64-bit kernel that runs i386 programs: threads have 12 to 14. */
enum { X86_TLS_FIRST = 12 };
/* Of x86_descriptor.flags, which are struct user_desc's: a segment that is not present. */
enum { X86_SEG_NOT_PRESENT = 32 };

TANDEM_BEGIN_DECLS
/* The base of the segment that a selector names; false: there is none that user code may load. */
bool x86_descriptor_base(const struct cpu *cpu, uint16_t selector, uint64_t *base);
/* What the kernel does on its way back to user code: the selector with its base, or the null selector if it names
 * nothing. */
void x86_restore_segment(struct cpu *cpu, unsigned row, uint16_t selector);
/* Lifting: segment register := selector (i16), with all that the descriptor brings; general protection if there is no
 * such segment. */
void x86_load_segment(struct x86_lift *l, ZydisRegister segment, ir_ref selector);
TANDEM_END_DECLS

#endif
