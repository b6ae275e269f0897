/* SPDX-License-Identifier: Apache-2.0 */
/* Fills in what the engine calls: struct engine_os with the Linux layer, struct engine_mem with runtime/mem. An
 * engine_thread's owner is its struct thread; process is the struct process, memory its struct guest_mem. */
#include "runtime/linux/table/user_mode.h"

#include "runtime/engine/invalidate.h"
#include "runtime/engine/lifecycle.h"
#include "runtime/engine/thread.h"
#include "runtime/linux/generic/signal.h"
#include "runtime/linux/generic/signal_state.h"
#include "runtime/linux/generic/ticks.h"
#include "runtime/linux/generic/traced.h"
#include "runtime/linux/table/call_page.h"
#include "runtime/linux/table/dispatch.h"
#include "runtime/mem/guest_mem.h"
#include "runtime/mem/mem_code.h"
#include "runtime/mem/mem_files.h"
#include "src/base/log.h"

/* ---- one instruction by itself (x86's trap flag, PTRACE_SINGLESTEP) ---- */

static bool steps(const struct thread *t)
{
    const struct guest_linux *abi = t->proc->guest->abi;
    return traced_steps(t) || (abi->steps && abi->steps(t->cpu));
}

/* The instruction has been executed; one that has raised something has not. */
static void step_end(const struct engine_thread *et, struct thread *t)
{
    if (!t->lx->traced || et->step)
        return;
    t->lx->traced = false;
    if (!t->lx->sync.signo)
        signal_raise_sync(t, SIGTRAP, TRAP_TRACE, t->cpu->pc);
}

static void step_begin(struct engine_thread *et, struct thread *t)
{
    if (!steps(t))
        return;
    t->lx->traced = true;
    et->step = 1;
    thread_kick(t);
}

/* ---- struct engine_os ---- */

/* No trap behind a system call: its entry clears the flag, and the kernel brings it back for the next instruction. */
static void user_syscall(struct engine_thread *et)
{
    struct thread *t = et->owner;
    if (t->lx->traced) { /* step_begin's kick would keep the call from being made */
        __atomic_store_n(&t->cpu->pending, 0, __ATOMIC_SEQ_CST); /* before looking, as in signal_deliver */
        if (signal_deliverable(t) || t->lx->trace_begin.tid)
            thread_kick(t);
    }
    sys_call(t);
    t->lx->traced = false;
    if (traced_steps(t) && t->lx->restart == LX_RESTART_NONE)
        signal_raise_sync(t, SIGTRAP, TRAP_BRKPT, t->cpu->pc);
    if (steps(t))
        thread_kick(t);
}

static void user_deliver(struct engine_thread *et)
{
    struct thread *t = et->owner;
    step_end(et, t);
    signal_deliver(t);
    step_begin(et, t);
}

static void user_trap(struct engine_thread *et, enum ir_trap trap)
{
    struct thread *t = et->owner;
    if (log_on(LOG_INT))
        log_printf("trap %s at %#llx\n", ir_trap_names[trap], (unsigned long long)t->cpu->pc);
    if (trap == IR_TRAP_TRACE) /* the engine calls user_deliver now */
        return;
    if (trap != IR_TRAP_FETCH || !call_page_enter(t))
        signal_raise_trap(t, trap);
}

static void user_foreach_thread(void *process, engine_visit_fn visit, void *arg)
{
    struct process *proc = process;
    pthread_mutex_lock(&proc->threads_lock);
    for (struct thread *t = proc->threads; t; t = t->next) {
        struct engine_thread *et = __atomic_load_n(&t->engine, __ATOMIC_ACQUIRE);
        if (et)
            visit(et, arg);
    }
    pthread_mutex_unlock(&proc->threads_lock);
}

static void user_ticks_begin(struct engine_thread *t) { ticks_begin(t->owner); }

static void user_ticks_end(struct engine_thread *t) { ticks_end(t->owner); }

static const struct engine_os user_os = {
    .syscall = user_syscall,
    .trap = user_trap,
    .deliver = user_deliver,
    .foreach_thread = user_foreach_thread,
    .ticks_begin = user_ticks_begin,
    .ticks_end = user_ticks_end,
};

/* ---- struct engine_mem ---- */

static bool user_fetch(void *memory, gaddr_t pc, const uint8_t **code, size_t *avail)
{
    return mem_fetch(memory, pc, code, avail);
}
static uint64_t user_protect(void *memory, gaddr_t start, gaddr_t end) { return mem_protect_code(memory, start, end); }
static uint64_t user_generation(void *memory, gaddr_t start, gaddr_t end) { return mem_generation(memory, start, end); }
static bool user_is_volatile(void *memory, gaddr_t pc) { return mem_code_is_volatile(memory, pc); }
static bool user_is_writable(void *memory, gaddr_t pc) { return mem_code_is_writable(memory, pc); }
static bool user_writes_itself(void *memory, gaddr_t pc) { return mem_code_writes_itself(memory, pc); }
static void user_note_self_write(void *memory, gaddr_t addr) { mem_note_self_write(memory, addr); }
static bool user_write_fault(void *memory, gaddr_t addr) { return mem_handle_write_fault(memory, addr); }
static bool user_file_at(void *memory, gaddr_t pc, uint64_t id[2]) { return mem_file_at(memory, pc, id); }

static const struct engine_mem user_mem = {
    .fetch = user_fetch,
    .protect = user_protect,
    .generation = user_generation,
    .is_volatile = user_is_volatile,
    .is_writable = user_is_writable,
    .writes_itself = user_writes_itself,
    .note_self_write = user_note_self_write,
    .write_fault = user_write_fault,
    .file_at = user_file_at,
};

/* The memory map tells that code changed. There may be no engine yet. */
static void code_changed(void *process, gaddr_t start, gaddr_t end)
{
    engine_invalidate(((struct process *)process)->engine, start, end);
}

enum status user_mode_create(struct process *proc, char *why, size_t size)
{
    pthread_mutex_init(&proc->threads_lock, NULL);
    enum status status = mem_create(&proc->mem, code_changed, proc);
    if (status != STATUS_OK)
        return status;
    mem_set_fault_limit(proc->mem, (unsigned)proc->options->code_faults);
    mem_set_files(proc->mem, proc->cache_root, !proc->options->random_addresses);
    const struct engine_setup setup = {
        .guest = proc->guest,
        .config = &proc->config,
        .options = proc->options,
        .os = &user_os,
        .process = proc,
        .mem = &user_mem,
        .memory = proc->mem,
        .cache_root = proc->cache_root,
    };
    return engine_create(&proc->engine, &setup, why, size);
}

void user_mode_destroy(struct process *proc)
{
    engine_destroy(proc->engine);
    mem_destroy(proc->mem);
}
