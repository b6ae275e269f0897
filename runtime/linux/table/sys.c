/* SPDX-License-Identifier: Apache-2.0 */
/* System calls: the table, the way in and out, and the handler of the calls that the host can make as they are.
 *
 * I1  Results become the guest's at one place (finish). A handler that was interrupted leaves the registers alone.
 * I2  Signals that came before the call are delivered before it: the call is made again afterwards.
 * I3  Guest memory that only tandem write-protects (translated code) is made writable before the kernel writes to it.
 */
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "runtime/linux/base/layout.h"
#include "runtime/linux/base/sys.h"
#include "src/base/log.h"

/* the short names of sys_table.def */
#define A_INT       ARG_INT
#define A_UINT      ARG_UINT
#define A_LONG      ARG_LONG
#define A_HIGH      ARG_HIGH
#define A_HEX       ARG_HEX
#define A_OCT       ARG_OCT
#define A_FD        ARG_FD
#define A_AT        ARG_AT
#define A_PTR       ARG_PTR
#define A_STR       ARG_STR
#define A_PATH      ARG_PATH
#define A_LOOKUP    ARG_LOOKUP
#define A_IN(n)     (ARG_IN | (n) << 8)
#define A_OUT(n)    (ARG_OUT | (n) << 8)
#define A_FL(table) (ARG_FLAGS | STRACE_##table << 8)
#define A_EN(table) (ARG_ENUM | STRACE_##table << 8)
#define A_SI(s)     (ARG_S_IN | SYS_STRUCT_##s << 8)
#define A_SO(s)     (ARG_S_OUT | SYS_STRUCT_##s << 8)
#define A_SIO(s)    (ARG_S_INOUT | SYS_STRUCT_##s << 8)
#define A_IOVI(n)   (ARG_IOV_IN | (n) << 8)
#define A_IOVO(n)   (ARG_IOV_OUT | (n) << 8)
#define A_MSGI      ARG_MSG_IN
#define A_MSGO      ARG_MSG_OUT
#define A_ADDRI(n)  (ARG_ADDR_IN | (n) << 8)
#define A_ADDRO(n)  (ARG_ADDR_OUT | (n) << 8)
#define A_SIGNO     ARG_SIGNO
#define A_SET       ARG_SIGSET
#define A_STRV      ARG_STRV
#define A_          ARG_END

#define ARGS_(a, b, c, d, e, f, ...)                                                                                   \
    {                                                                                                                  \
        A_##a, A_##b, A_##c, A_##d, A_##e, A_##f                                                                       \
    }
#define ARGS(...) ARGS_(__VA_ARGS__, , , , , , )

static const struct sys_row rows[SYS_ROW_COUNT] = {
#define SYS(name, rv64, handler, ...)     [SYS_ROW_##name] = {#name, sys_##handler, SYS_##name, ARGS(__VA_ARGS__)},
#define SYS_OWN(name, rv64, handler, ...) [SYS_ROW_##name] = {#name, sys_##handler, -1, ARGS(__VA_ARGS__)},
#define SYS_X86(name, handler, ...)       [SYS_ROW_##name] = {#name, sys_##handler, SYS_##name, ARGS(__VA_ARGS__)},
#define SYS_32(name, host, handler, ...)  [SYS_ROW_##name] = {#name, sys_##handler, host, ARGS(__VA_ARGS__)},
#include "runtime/linux/table/sys_table.def"
};

enum { NUMBERS = 512, OVERFLOW_ID = 65534 };

/* One array a guest. */
static const struct sys_entry riscv64_numbers[NUMBERS] = {
#define SYS(name, rv64, handler, ...)     [rv64] = {.row = SYS_ROW_##name + 1},
#define SYS_OWN(name, rv64, handler, ...) [rv64] = {.row = SYS_ROW_##name + 1},
#include "runtime/linux/table/sys_table.def"
};

static const struct sys_entry x86_64_numbers[NUMBERS] = {
#define SYS(name, rv64, handler, ...) [SYS_##name] = {.row = SYS_ROW_##name + 1},
#define SYS_X86(name, handler, ...)   [SYS_##name] = {.row = SYS_ROW_##name + 1},
#include "runtime/linux/table/sys_table.def"
};

static const struct sys_entry i386_numbers[NUMBERS] = {
#define NR(number, name, ...) [number] = {.row = SYS_ROW_##name + 1, __VA_ARGS__},
#include "runtime/linux/table/numbers_i386.def"
#undef NR
};

static const struct sys_entry *const numbers[GUEST_ABI_COUNT] = {
    [GUEST_ABI_RISCV64] = riscv64_numbers, [GUEST_ABI_X86_64] = x86_64_numbers, [GUEST_ABI_I386] = i386_numbers};

static const uint16_t struct_sizes[SYS_STRUCT_COUNT] = {
#define X(name, size) size,
    SYS_STRUCTS(X)
#undef X
};

static const struct sys_entry *find_entry(enum guest_abi abi, uint64_t number)
{
    if ((unsigned)abi >= GUEST_ABI_COUNT || !numbers[abi] || number >= NUMBERS || !numbers[abi][number].row)
        return NULL;
    return &numbers[abi][number];
}

const struct sys_row *sys_find(enum guest_abi abi, uint64_t number)
{
    const struct sys_entry *e = find_entry(abi, number);
    return e ? &rows[e->row - 1] : NULL;
}

const struct sys_row *sys_row_of(enum sys_number row) { return &rows[row]; }

size_t sys_struct_size(enum sys_struct s) { return struct_sizes[s]; }

static bool prepare_iov(struct thread *t, gaddr_t iov, uint64_t count)
{
    bool any = false;
    for (uint64_t i = 0; i < count && i < 1024; i++) {
        struct iovec v;
        if (abi_get_iovec(t, &v, iov, i))
            break;
        any |= mem_prepare_write(t->proc->mem, (uintptr_t)v.iov_base, v.iov_len);
    }
    return any;
}

static bool prepare_msg(struct thread *t, gaddr_t addr)
{
    struct msghdr m;
    if (abi_get_msghdr(t, &m, addr))
        return false;
    bool any = mem_prepare_write(t->proc->mem, addr, sizeof m);
    any |= m.msg_name && mem_prepare_write(t->proc->mem, (uintptr_t)m.msg_name, m.msg_namelen);
    any |= m.msg_control && mem_prepare_write(t->proc->mem, (uintptr_t)m.msg_control, m.msg_controllen);
    return any | prepare_iov(t, (uintptr_t)m.msg_iov, m.msg_iovlen);
}

static bool prepare_arg(const struct sys_ctx *c, unsigned i)
{
    struct guest_mem *mem = c->t->proc->mem;
    unsigned param = sys_arg_param(c->row->arg[i]);
    uint32_t len = 0;
    if (!c->a[i])
        return false;
    switch (sys_arg_kind(c->row->arg[i])) {
    case ARG_OUT:
        return mem_prepare_write(mem, c->a[i], c->a[param]);
    case ARG_S_OUT:
    case ARG_S_INOUT:
        return mem_prepare_write(mem, c->a[i], abi_size(c, (enum sys_struct)param));
    case ARG_IOV_OUT:
        return prepare_iov(c->t, c->a[i], c->a[param]);
    case ARG_MSG_OUT:
        return prepare_msg(c->t, c->a[i]);
    case ARG_ADDR_OUT:
        guest_read(c->t, &len, c->a[param], sizeof len);
        return mem_prepare_write(mem, c->a[i], len);
    default:
        return false;
    }
}

bool sys_prepare_outputs(const struct sys_ctx *c)
{
    bool any = false;
    for (unsigned i = 0; i < 6; i++)
        any |= prepare_arg(c, i);
    return any;
}

long sys_host(struct sys_ctx *c)
{
    return host_call_intr(c->t, c->row->host, c->a[0], c->a[1], c->a[2], c->a[3], c->a[4], c->a[5]);
}

/* The argument that -L applies to, if the row has one; -1: none. */
static int lookup_arg(const struct sys_row *row)
{
    for (int i = 0; i < 2; i++) {
        if (sys_arg_kind(row->arg[i]) == ARG_LOOKUP)
            return i;
    }
    return -1;
}

static long pass_as_is(struct sys_ctx *c)
{
    long result;
    sys_prepare_outputs(c);
    do
        result = sys_host(c);
    while (result == -EFAULT && sys_prepare_outputs(c)); /* translated again in between (I3) */
    return result;
}

long sys_pass(struct sys_ctx *c)
{
    char buf[LX_PATH_MAX];
    int path = lookup_arg(c->row);
    uint64_t given = 0;
    if (path >= 0 && (given = c->a[path])) {
        const char *name;
        long err = path_get(c->t, buf, &name, given);
        if (err)
            return err;
        c->a[path] = (uintptr_t)name;
    }
    long result = lx_narrow(c->t) ? abi32_pass(c) : pass_as_is(c);
    if (path >= 0)
        c->a[path] = given;
    return result;
}

long sys_enosys(struct sys_ctx *c)
{
    if (log_on(LOG_UNIMP))
        log_printf("system call %s: not there\n", c->row->name);
    return -ENOSYS;
}

long sys_nosys(struct sys_ctx *c) { return -ENOSYS; }
long sys_eperm(struct sys_ctx *c) { return -EPERM; }

static void finish(struct sys_ctx *c, long result)
{
    struct thread *t = c->t;
    if (result == LX_NO_RESULT)
        return;
    if (result == LX_RESTARTSYS || result == LX_RESTARTNOINTR) {
        t->lx->restart = result == LX_RESTARTSYS ? LX_RESTART_SYS : LX_RESTART_NOINTR;
        thread_kick(t);
        return;
    }
    lx_set_result(t, result);
}

static long call(struct sys_ctx *c, const struct sys_entry *entry)
{
    const long result = c->row->fn(c);
    return entry->ids & SYS_ID_RESULT && result > UINT16_MAX ? OVERFLOW_ID : result;
}

static void traced(struct sys_ctx *c, const struct sys_entry *entry)
{
    struct strace_line line;
    strace_begin(&line, c);
    long result = call(c, entry);
    strace_end(&line, c, result);
    finish(c, result);
}

void sys_call(struct thread *t)
{
    const struct guest *guest = t->proc->guest;
    t->cpu->resv.addr = ~0ull; /* the kernel's way back to user mode ends reservations */
    if (__atomic_load_n(&t->cpu->pending, __ATOMIC_RELAXED) && signal_deliverable(t->lx)) { /* I2 */
        t->lx->restart = LX_RESTART_NOINTR;
        return;
    }
    uint64_t number = guest_get(t->cpu, guest, guest->row_sysno);
    const struct sys_entry *entry = find_entry(guest->abi, guest_is32(guest) ? (uint32_t)number : number);
    struct sys_ctx c = {.t = t};
    if (entry) {
        c.row = &rows[entry->row - 1];
        c.wide = entry->wide;
        abi_arguments(&c, entry);
    }
    if (!c.row) {
        if (log_on(LOG_UNIMP))
            log_printf("system call %llu: unknown\n", (unsigned long long)number);
        finish(&c, -ENOSYS);
    } else if (log_on(LOG_STRACE)) {
        traced(&c, entry);
    } else {
        finish(&c, call(&c, entry));
    }
}
