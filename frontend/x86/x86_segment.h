/* SPDX-License-Identifier: Apache-2.0 */
/* Segment descriptors that user code can load. */
#ifndef TANDEM_FRONTEND_X86_X86_SEGMENT_H
#define TANDEM_FRONTEND_X86_X86_SEGMENT_H

#include "src/base/cpu.h"

TANDEM_BEGIN_DECLS
/* The base of the segment that a selector names; false: there is none that user code may load. */
bool x86_descriptor_base(const struct cpu *cpu, uint16_t selector, uint64_t *base);
TANDEM_END_DECLS

#endif
