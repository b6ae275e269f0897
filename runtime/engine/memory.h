/* SPDX-License-Identifier: Apache-2.0 */
/* What the engine asks of the guest's memory. User mode answers from the map of the process (runtime/mem); a whole
 * system will answer from its MMU. The first argument is what engine_create was given as memory. Any thread. */
#ifndef TANDEM_RUNTIME_ENGINE_MEMORY_H
#define TANDEM_RUNTIME_ENGINE_MEMORY_H

#include "src/base/types.h"

struct engine_mem {
    /* Guest code at pc: *code points at it, *avail bytes up to the end of the executable mapping or 4096 bytes,
     * whichever is less. False: not executable. The bytes may change under the reader: compare generations. */
    bool (*fetch)(void *memory, gaddr_t pc, const uint8_t **code, size_t *avail);
    /* [start, end) now holds translated code: a write to it will be noticed. Returns the generation of the range (a
     * number that changes with every engine_invalidate of one of its pages). */
    uint64_t (*protect)(void *memory, gaddr_t start, gaddr_t end);
    /* No lock is taken: may be called with tbs.lock held. */
    uint64_t (*generation)(void *memory, gaddr_t start, gaddr_t end);
    /* Does the guest write code on this page all the time? Then writes are not noticed; blocks there check their bytes
     * on entry. */
    bool (*is_volatile)(void *memory, gaddr_t pc);
    /* Has the guest itself the right to write at pc? */
    bool (*is_writable)(void *memory, gaddr_t pc);
    /* Has code on the page of pc written to this page? Then blocks there end behind each store (guest_lift.stores_end).
     */
    bool (*writes_itself)(void *memory, gaddr_t pc);
    /* Code on the page of addr is about to write to this page. Async-signal-safe, as the next one is. */
    void (*note_self_write)(void *memory, gaddr_t addr);
    /* A write at addr faulted. If only protect is in its way, it is made possible and the page's code invalidated:
     * true. */
    bool (*write_fault)(void *memory, gaddr_t addr);
    /* Was a file's identity noted for the mapping at pc? Two words that tell the file from others, in every process and
     * on every machine. */
    bool (*file_at)(void *memory, gaddr_t pc, uint64_t id[2]);
};

#endif
