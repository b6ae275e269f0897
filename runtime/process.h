/* SPDX-License-Identifier: Apache-2.0 */
/* The two objects that the whole runtime hangs on: the guest process and its threads.
 *
 * Ownership: struct process is made by main and lives as long as the host process. struct thread is made by
 * thread_create (runtime/linux) and freed by its own thread when it ends.
 *
 * Lock order (take from left to right, never back):
 *   tbs.lock (translation blocks, links) -> cc.lock (code cache chunks) -> tiers.lock (queue) -> mem.lock (guest memory
 *   map) (mem.lock is never held while anything else is taken; fork takes all of them in this order)
 *   process.threads_lock stands alone: nothing else is taken while it is held, but for signal delivery (tgkill).
 */
#ifndef TANDEM_RUNTIME_PROCESS_H
#define TANDEM_RUNTIME_PROCESS_H

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>

#include "frontend/guest.h"
#include "src/base/cpu.h"
#include "src/base/options.h"

struct guest_mem;     /* runtime/mem: the guest's memory map */
struct engine;        /* runtime/engine: code cache, blocks, tiers, statistics */
struct linux_process; /* runtime/linux: brk, signal actions, auxv, exe path */
struct linux_thread;  /* runtime/linux: signal queue and mask, robust list, tid address */
struct core_thread;   /* runtime/engine: code chunk, epoch, statistics */

struct process {
    const struct guest *guest;
    struct guest_config config;
    const struct options *options;
    struct guest_mem *mem;
    struct engine *engine;
    struct linux_process *lx;
    pthread_mutex_t threads_lock;
    struct thread *threads; /* list by next; under threads_lock */
    unsigned thread_count;
};

struct thread {
    struct cpu *cpu; /* own mapping, 64-byte aligned */
    struct process *proc;
    struct thread *next;
    pid_t tid; /* host = guest thread id */
    struct linux_thread *lx;
    struct core_thread *core;
    sigjmp_buf restart; /* engine_run: where a synchronous fault in guest code continues */
};

/* ---- implemented by runtime/engine (engine.h has the rest) ---- */

/* Makes the engine: code cache, block table, optimizer threads (started on first use). */
enum status engine_create(struct process *proc, char *message, size_t size);
/* Per-thread part; called on the new thread (or by its creator) before engine_run. */
void engine_thread_init(struct thread *t);
void engine_thread_fini(struct thread *t);
/* Runs the guest thread until it exits the thread or process: never returns. */
_Noreturn void engine_run(struct thread *t);
/* The guest code in [start, end) changed, was unmapped or lost its execute permission: no thread will enter
 * translations of it after its next block boundary. Any thread, also from the SIGSEGV handler of a guest write (no
 * locks of libc are taken). */
void engine_invalidate(struct process *proc, gaddr_t start, gaddr_t end);
/* Is host pc inside generated code or its glue? Async-signal-safe. */
bool engine_owns_pc(const struct process *proc, uintptr_t host_pc);
/* From a SIGSEGV/SIGBUS/SIGFPE handler on thread t: the host context faulted in generated code (or in the interpreter)
 * while running the guest. Completes cpu->guest and cpu->pc from it, so that a guest signal can be raised. False: the
 * fault is not the guest's (tandem's own bug). Async-signal-safe. */
bool engine_sync_state(struct thread *t, const siginfo_t *info, const void *ucontext);
/* After engine_sync_state of a write that mem_handle_write_fault has made possible: leaves the handler, makes that
 * instruction by itself and goes on with what the code is then. For guests with coherent_code. */
_Noreturn void engine_step(struct thread *t);
/* Would engine_sync_state recover all registers? */
bool engine_is_precise_at(struct thread *t, const void *ucontext);
/* Is addr on a page of the block or region that the host context is in? Async-signal-safe. */
bool engine_is_own_page(struct thread *t, const void *ucontext, gaddr_t addr);
/* Leaves the handler and goes on in engine_run's loop, which delivers what signal_raise_sync queued. */
_Noreturn void engine_restart(struct thread *t);
/* Guest-visible precision changed (first SIGSEGV/... handler installed): retires imprecise regions, waits until none
 * runs. */
void engine_set_precise(struct process *proc);
/* Somebody else is about to see the guest's memory: a second thread, or whoever shares a mapping. Retires regions that
 * were made as if nobody did, in which accesses change places and atomic operations are plain ones; waits until none
 * runs. */
void engine_set_ordered(struct process *proc);
/* fork: before, in the parent after, in the child after. */
void engine_fork_prepare(struct process *proc);
void engine_fork_parent(struct process *proc);
void engine_fork_child(struct process *proc, struct thread *self);
/* The process is about to exit (exit_group, fatal signal): write statistics, timeline, maps. Once; any thread. */
void engine_finish(struct process *proc);
/* Makes thread t leave generated code at its next poll. Async-signal-safe, any thread. */
static inline void thread_kick(struct thread *t) { __atomic_store_n(&t->cpu->pending, 1, __ATOMIC_RELEASE); }

/* ---- implemented by runtime/linux ---- */

/* The system call that the registers of t ask for; cpu->pc is already past it. Stores the result. May not return
 * (exit). */
void sys_call(struct thread *t);
/* Delivers what is pending and not masked: pushes guest signal frames, or ends the process. Called by engine_run when
 * cpu->pending was seen and after every system call and raise. Clears cpu->pending first. */
void signal_deliver(struct thread *t);
/* Queues a synchronous signal for this thread (forced: if blocked or ignored, the default action ends the process).
 * Async-signal-safe when called from the fault handler. addr: si_addr. */
void signal_raise_sync(struct thread *t, int signo, int code, gaddr_t addr);
/* The same for what the guest's instruction at cpu->pc has raised. */
void signal_raise_trap(struct thread *t, enum ir_trap trap);

/* ---- implemented by runtime/mem ---- */

/* Guest code at pc: *code points at it, *avail bytes up to the end of the executable mapping or 4096 bytes, whichever
 * is less. False: not executable. The bytes may change under the reader: compare generations. */
bool mem_fetch(struct guest_mem *mem, gaddr_t pc, const uint8_t **code, size_t *avail);
/* Pages of [start, end) now hold translated code: write-protects those that the guest can write. Returns the
 * generation of the range (a number that changes with every engine_invalidate of one of its pages). */
uint64_t mem_protect_code(struct guest_mem *mem, gaddr_t start, gaddr_t end);
uint64_t mem_generation(struct guest_mem *mem, gaddr_t start, gaddr_t end);
/* True if the guest writes code on this page all the time: it is not protected; blocks there check their bytes on
 * entry. */
bool mem_code_is_volatile(struct guest_mem *mem, gaddr_t pc);
/* From the SIGSEGV handler: was it a guest write to a page that only we protect? Then the page is made writable, its
 * translations are invalidated, and the access can be made again. Async-signal-safe with respect to guest code. */
bool mem_handle_write_fault(struct guest_mem *mem, gaddr_t addr);
/* Code on the page of addr has written to this page: from now on blocks there end behind each store
 * (guest_lift.stores_end). */
void mem_note_self_write(struct guest_mem *mem, gaddr_t addr);
/* Has the guest itself the right to write at pc? */
bool mem_code_is_writable(struct guest_mem *mem, gaddr_t pc);
bool mem_code_writes_itself(struct guest_mem *mem, gaddr_t pc);

#endif
