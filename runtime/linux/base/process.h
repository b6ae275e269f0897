/* SPDX-License-Identifier: Apache-2.0 */
/* The guest process and its threads, as user mode has them.
 *
 * Ownership: struct process is made by main and lives as long as the host process. struct thread is made by
 * thread_alloc and freed by its own thread when it ends; so is its engine part, between these.
 * A process that shares another one's memory is made and freed by generic/share.c.
 * threads_lock stands alone in the lock order (runtime/engine/engine.h): nothing else is taken while it is held, but
 * for signal delivery (tgkill). */
#ifndef TANDEM_RUNTIME_LINUX_BASE_PROCESS_H
#define TANDEM_RUNTIME_LINUX_BASE_PROCESS_H

#include <pthread.h>
#include <signal.h>

#include "frontend/guest.h"
#include "src/base/cpu.h"
#include "src/base/options.h"

struct engine;        /* runtime/engine */
struct engine_thread; /* its part of a guest thread */
struct guest_mem;     /* runtime/mem: the guest's memory map */
struct linux_process; /* lx.h: brk, signal actions, auxv, exe path */
struct linux_thread;  /* lx.h: signal queue and mask, robust list, tid address */

struct process {
    const struct guest *guest;
    struct guest_config config;
    const struct options *options;
    char *cache_root; /* folder of the cache on disk; NULL: none */
    struct guest_mem *mem;
    struct engine *engine;
    struct linux_process *lx;
    struct process *lender; /* NULL, or the process whose memory and engine this one uses (generic/share.c) */
    pthread_mutex_t threads_lock;
    struct thread *threads; /* list by next; under threads_lock */
    unsigned thread_count;  /* of this process alone; atomic; changed under the lock of its home */
};

struct thread {
    struct cpu *cpu; /* own mapping, 64-byte aligned */
    struct process *proc;
    struct thread *next;
    pid_t tid; /* host = guest thread id */
    struct linux_thread *lx;
    struct engine_thread *engine; /* atomic; changed to NULL under threads_lock */
};

/* The process that has the memory, the engine, and the list of all threads that use them. */
static inline struct process *process_home(struct process *proc) { return proc->lender ? proc->lender : proc; }

/* Makes thread t leave generated code at its next poll. Async-signal-safe, any thread. */
static inline void thread_kick(struct thread *t) { __atomic_store_n(&t->cpu->pending, 1, __ATOMIC_RELEASE); }

#endif
