/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks that a thread comes to through generated code, for ThreadSanitizer.
 *
 * Who makes a block writes it whole, publishes it (tb_commit), and then patches a jump to it. A thread that takes the
 * jump finds it written: on x86-64 stores are seen in their order, on other hosts the patch and the instruction cache
 * make the order. The sanitizer does not see generated code, and so no order between the two: it is told here. */
#ifndef TANDEM_RUNTIME_ENGINE_CODE_ORDER_H
#define TANDEM_RUNTIME_ENGINE_CODE_ORDER_H

#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
/* What this thread has written is there for whoever comes out of generated code from now on. */
static inline void code_order_publish(void *blocks) { __tsan_release(blocks); }
/* This thread comes out of generated code, with an exit, counter or pc that it has found there. */
static inline void code_order_reach(void *blocks) { __tsan_acquire(blocks); }
#else
static inline void code_order_publish(void *blocks) { (void)blocks; }
static inline void code_order_reach(void *blocks) { (void)blocks; }
#endif

#endif
