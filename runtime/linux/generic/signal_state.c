/* SPDX-License-Identifier: Apache-2.0 */
/* Signal state of a guest thread: its mask, its alternate stack, the synchronous signal in waiting. Only the thread
 * itself changes it. */
#include "runtime/linux/generic/signal_state.h"

#include <errno.h>

#include "runtime/linux/base/process.h"
#include "runtime/linux/base/state.h"
#include "runtime/linux/base/sync_signals.h"
#include "runtime/mem/guest_mem.h"
#include "runtime/mem/mem_code.h"

bool signal_on_altstack(const struct linux_thread *lx, gaddr_t sp)
{
    if (lx->alt_flags & (uint32_t)LX_SS_AUTODISARM)
        return false;
    return lx->alt_size && sp > lx->alt_sp && sp - lx->alt_sp <= lx->alt_size;
}

uint32_t signal_altstack_flags(const struct linux_thread *lx, gaddr_t sp)
{
    const uint32_t kept = lx->alt_flags & (uint32_t)LX_SS_AUTODISARM;
    if (!lx->alt_size)
        return kept | SS_DISABLE;
    return kept | (signal_on_altstack(lx, sp) ? SS_ONSTACK : 0);
}

void signal_raise_sync(struct thread *t, int signo, int code, gaddr_t addr)
{
    /* The host knows mappings of tandem's own; addresses that are not canonical have no code of their own on the guest;
     * and the engine does not know why a page cannot be fetched from. */
    if (signo == SIGSEGV && code > 0 && !(t->proc->guest->abi->sigframe.kernel_si_code && code == SI_KERNEL))
        code = mem_is_mapped(t->proc->mem, addr) ? SEGV_ACCERR : SEGV_MAPERR;
    t->lx->sync.signo = signo;
    t->lx->sync.code = code;
    t->lx->sync.addr = addr;
    t->lx->sync.fault = 0;
    t->lx->sync.again = false;
    thread_kick(t);
}

static void store_mask(struct linux_thread *lx, uint64_t mask)
{
    mask &= ~(lx_sigbit(SIGKILL) | lx_sigbit(SIGSTOP));
    __atomic_store_n(&lx->mask, mask, __ATOMIC_SEQ_CST); /* partner: sync_route */
}

void signal_set_mask(struct thread *t, uint64_t mask)
{
    const uint64_t opened = t->lx->mask & ~mask & LX_SYNC_MASK;
    store_mask(t->lx, mask);
    if (opened && !(signal_deliverable(t) & opened))
        sync_settle(t->proc);
    if (sync_waiting(t->proc) & mask)
        t->lx->to_route = true;
    if (t->lx->to_route || signal_deliverable(t))
        thread_kick(t);
}

uint64_t signal_deliverable(const struct thread *t)
{
    return (__atomic_load_n(&t->lx->queued, __ATOMIC_ACQUIRE) | sync_waiting(t->proc)) & ~t->lx->mask;
}

void signal_mask_temporary(struct thread *t, uint64_t mask)
{
    t->lx->saved_mask = t->lx->mask;
    t->lx->has_saved = true;
    store_mask(t->lx, mask); /* no kick: the call itself is to find what it lets in */
}

void signal_mask_restore(struct thread *t, long result)
{
    if (!t->lx->has_saved)
        return;
    if (result == -EINTR) {
        thread_kick(t); /* signal_deliver finds the handler, or that there is none */
        return;
    }
    t->lx->has_saved = false;
    signal_set_mask(t, t->lx->saved_mask);
}

/* The first byte from the pc on that cannot be fetched: an instruction may begin on a page that can be executed. */
static gaddr_t unfetchable(struct thread *t)
{
    const uint8_t *code;
    size_t avail;
    return t->cpu->pc + (mem_fetch(t->proc->mem, t->cpu->pc, &code, &avail) ? avail : 0);
}

void signal_raise_trap(struct thread *t, enum ir_trap trap)
{
    static const struct {
        int signo, code;
    } signals[IR_TRAP_COUNT] = {
#define TRAP(name, text, imm, signal, code) [IR_TRAP_##name] = {signal, code},
#include "src/ir/traps.def"
    };
    struct guest_trap g = {signals[trap].signo, signals[trap].code, t->cpu->pc};
    const struct guest_linux *abi = t->proc->guest->abi;
    if (abi->trap)
        abi->trap(t->cpu, trap, &g);
    if (trap == IR_TRAP_FETCH && g.code != SI_KERNEL)
        g.addr = unfetchable(t);
    signal_raise_sync(t, g.signo, g.code, g.addr);
    t->lx->sync.again = trap == IR_TRAP_FETCH || trap == IR_TRAP_ILLEGAL || trap == IR_TRAP_DIV_ZERO;
    if (trap == IR_TRAP_FETCH)
        t->lx->sync.fault = GUEST_FAULT_FETCH | (mem_prot_at(t->proc->mem, g.addr) > 0 ? GUEST_FAULT_PRESENT : 0);
}
