/* SPDX-License-Identifier: Apache-2.0 */
/* -strace: one line a system call, "pid name(arguments) = result", from the argument kinds of the table.
 *
 * How: the line is made when the call has come back, so that what the kernel wrote can be shown; calls that do not come
 * back (exit, a successful execve) are logged before. Guest memory is read as system calls read it: a bad pointer is
 * shown as a number. */
#include "runtime/linux/table/strace.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <sched.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "runtime/linux/base/call.h"
#include "runtime/linux/base/layout.h"
#include "runtime/linux/base/state.h"
#include "runtime/linux/base/user_mem.h"
#include "src/base/log.h"

enum { STRING_SHOWN = 48, STRINGS_SHOWN = 16 };

struct strace_flag {
    uint64_t value;
    const char *name;
};

#define F(name)            {(uint64_t)(unsigned)name, #name},
#define FLAGS(table, list) static const struct strace_flag flags_##table[] = {list{0, NULL}};
#include "runtime/linux/table/strace_flags.def"
#undef FLAGS
#undef F

static const struct strace_flag *const flag_tables[STRACE_FLAGS_COUNT] = {
#define FLAGS(table, list) [STRACE_##table] = flags_##table,
#include "runtime/linux/table/strace_flags.def"
#undef FLAGS
};

static void put(struct strace_line *line, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void put(struct strace_line *line, const char *fmt, ...)
{
    size_t room = sizeof line->text - line->len;
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(line->text + line->len, room, fmt, ap);
    va_end(ap);
    line->len += n < 0 ? 0 : (size_t)n < room ? (size_t)n : room - 1;
}

static void put_pointer(struct strace_line *line, uint64_t v)
{
    if (v)
        put(line, "0x%llx", (unsigned long long)v);
    else
        put(line, "NULL");
}

static void put_quoted(struct strace_line *line, const char *s, size_t n, bool more)
{
    put(line, "\"");
    for (size_t i = 0; i < n; i++) {
        unsigned char ch = (unsigned char)s[i];
        const char *escape = ch == '\n'   ? "\\n"
                             : ch == '\t' ? "\\t"
                             : ch == '\r' ? "\\r"
                             : ch == '"'  ? "\\\""
                             : ch == '\\' ? "\\\\"
                                          : NULL;
        if (escape)
            put(line, "%s", escape);
        else if (ch >= 32 && ch < 127)
            put(line, "%c", ch);
        else
            put(line, "\\%o", ch);
    }
    put(line, more ? "\"..." : "\"");
}

/* n bytes of guest memory as a string */
static void put_buffer(struct strace_line *line, const struct sys_ctx *c, gaddr_t addr, uint64_t n)
{
    char buf[STRING_SHOWN];
    size_t shown = n < sizeof buf ? n : sizeof buf;
    if (!addr || guest_read(c->t, buf, addr, shown))
        put_pointer(line, addr);
    else
        put_quoted(line, buf, shown, n > shown);
}

static void put_string(struct strace_line *line, const struct sys_ctx *c, gaddr_t addr)
{
    char buf[LX_PATH_MAX];
    long n = addr ? guest_string(c->t, buf, sizeof buf, addr) : -EFAULT;
    if (n < 0)
        put_pointer(line, addr);
    else
        put_quoted(line, buf, (size_t)n, false);
}

static void put_flags(struct strace_line *line, const struct strace_flag *f, uint64_t v)
{
    const char *sep = "";
    for (; f->name; f++) {
        if (f->value && (v & f->value) == f->value) {
            put(line, "%s%s", sep, f->name);
            v &= ~f->value;
            sep = "|";
        }
    }
    if (v || !*sep)
        put(line, *sep ? "%s0x%llx" : "%s%llu", sep, (unsigned long long)v);
}

static void put_enum(struct strace_line *line, const struct strace_flag *f, uint64_t v)
{
    for (; f->name; f++) {
        if (f->value == (uint32_t)v) {
            put(line, "%s", f->name);
            return;
        }
    }
    put(line, "%d", (int)v);
}

static void put_signal(struct strace_line *line, int signo)
{
    const char *name = sigabbrev_np(signo);
    if (name)
        put(line, "SIG%s", name);
    else
        put(line, "%d", signo);
}

static void put_sigset(struct strace_line *line, const struct sys_ctx *c, gaddr_t addr)
{
    uint64_t set;
    if (!addr || guest_read_u64(c->t, &set, addr)) {
        put_pointer(line, addr);
        return;
    }
    bool invert = __builtin_popcountll(set) > 40;
    const char *sep = "";
    put(line, invert ? "~[" : "[");
    for (uint64_t s = invert ? ~set : set; s; s &= s - 1) {
        int signo = __builtin_ctzll(s) + 1;
        put(line, sigabbrev_np(signo) ? "%s%s" : "%sRT%.0s%d", sep, sigabbrev_np(signo) ? sigabbrev_np(signo) : "",
            signo);
        sep = " ";
    }
    put(line, "]");
}

static void put_iov(struct strace_line *line, const struct sys_ctx *c, gaddr_t addr, uint64_t count, uint64_t bytes)
{
    put(line, "[");
    for (uint64_t i = 0; i < count && i < STRINGS_SHOWN; i++) {
        struct iovec v;
        if (abi_get_iovec(c->t, &v, addr, i))
            break;
        uint64_t n = v.iov_len < bytes ? v.iov_len : bytes;
        put(line, "%s{", i ? "," : "");
        put_buffer(line, c, (uintptr_t)v.iov_base, n);
        put(line, ",%zu}", v.iov_len);
        bytes -= n;
    }
    put(line, "]");
}

static void put_sockaddr(struct strace_line *line, const struct sys_ctx *c, gaddr_t addr, uint64_t len)
{
    union {
        struct sockaddr any;
        struct sockaddr_in in;
        struct sockaddr_in6 in6;
        struct sockaddr_un un;
    } u = {0};
    char text[INET6_ADDRSTRLEN];
    size_t n = len < sizeof u ? len : sizeof u - 1;
    if (!addr || n < sizeof u.any.sa_family || guest_read(c->t, &u, addr, n)) {
        put_pointer(line, addr);
    } else if (u.any.sa_family == AF_UNIX) {
        put(line, "{AF_UNIX,");
        put_quoted(line, u.un.sun_path, n > 2 ? strnlen(u.un.sun_path + 1, n - 3) + 1 : 0, false);
        put(line, "}");
    } else if (u.any.sa_family == AF_INET) {
        put(line, "{AF_INET,%s:%u}", inet_ntop(AF_INET, &u.in.sin_addr, text, sizeof text), ntohs(u.in.sin_port));
    } else if (u.any.sa_family == AF_INET6) {
        put(line, "{AF_INET6,[%s]:%u}", inet_ntop(AF_INET6, &u.in6.sin6_addr, text, sizeof text),
            ntohs(u.in6.sin6_port));
    } else {
        put(line, "{family=%u}", u.any.sa_family);
    }
}

static void put_strings(struct strace_line *line, const struct sys_ctx *c, gaddr_t addr)
{
    uint64_t p = 0;
    if (!addr) {
        put(line, "NULL");
        return;
    }
    put(line, "[");
    for (unsigned i = 0; abi_get_word(c->t, &p, addr + i * guest_word_bytes(c->t->proc->guest)) == 0 && p; i++) {
        if (i == STRINGS_SHOWN) {
            put(line, ",...");
            break;
        }
        put(line, i ? "," : "");
        put_string(line, c, p);
    }
    put(line, "]");
}

/* Structures worth reading; others are shown as pointers. */
static void put_struct(struct strace_line *line, const struct sys_ctx *c, gaddr_t addr, enum sys_struct kind)
{
    int64_t v[4];
    int32_t w[2];
    size_t size = sys_struct_size(kind);
    bool words = kind == SYS_STRUCT_int || kind == SYS_STRUCT_int2;
    if (!addr || size > sizeof v || abi_get(c, kind, words ? (void *)w : (void *)v, addr)) {
        put_pointer(line, addr);
        return;
    }
    switch (kind) {
    case SYS_STRUCT_int:
        put(line, "[%d]", w[0]);
        break;
    case SYS_STRUCT_int2:
        put(line, "[%d,%d]", w[0], w[1]);
        break;
    case SYS_STRUCT_off:
    case SYS_STRUCT_loff:
        put(line, "[%lld]", (long long)v[0]);
        break;
    case SYS_STRUCT_timespec:
        put(line, "{tv_sec=%lld,tv_nsec=%lld}", (long long)v[0], (long long)v[1]);
        break;
    case SYS_STRUCT_timeval:
        put(line, "{tv_sec=%lld,tv_usec=%lld}", (long long)v[0], (long long)v[1]);
        break;
    case SYS_STRUCT_itimerspec:
    case SYS_STRUCT_itimerval:
        put(line, "{it_interval={%lld,%lld},it_value={%lld,%lld}}", (long long)v[0], (long long)v[1], (long long)v[2],
            (long long)v[3]);
        break;
    case SYS_STRUCT_rlimit:
    case SYS_STRUCT_rlimit_old:
    case SYS_STRUCT_rlimit64:
        put(line, "{rlim_cur=%lld,rlim_max=%lld}", (long long)v[0], (long long)v[1]);
        break;
    case SYS_STRUCT_sigset:
        put_sigset(line, c, addr);
        break;
    default:
        put_pointer(line, addr);
        break;
    }
}

static void put_at(struct strace_line *line, int fd)
{
    if (fd == AT_FDCWD)
        put(line, "AT_FDCWD");
    else
        put(line, "%d", fd);
}

static void put_out_addr(struct strace_line *line, const struct sys_ctx *c, unsigned i, unsigned param)
{
    uint32_t len = 0;
    guest_read(c->t, &len, c->a[param], sizeof len);
    put_sockaddr(line, c, c->a[i], len);
}

static void put_msg(struct strace_line *line, const struct sys_ctx *c, gaddr_t addr, uint64_t bytes)
{
    struct msghdr m;
    if (!addr || abi_get_msghdr(c->t, &m, addr)) {
        put_pointer(line, addr);
        return;
    }
    put(line, "{msg_iov=");
    put_iov(line, c, (uintptr_t)m.msg_iov, m.msg_iovlen, bytes);
    put(line, ",msg_controllen=%zu,msg_flags=%#x}", m.msg_controllen, (unsigned)m.msg_flags);
}

/* What the argument itself says; false: it points to memory. */
static bool put_value(struct strace_line *line, const struct sys_ctx *c, unsigned i)
{
    uint64_t v = c->a[i];
    unsigned param = sys_arg_param(c->row->arg[i]);
    switch (sys_arg_kind(c->row->arg[i])) {
    case ARG_INT:
    case ARG_FD:
        put(line, "%d", (int)v);
        return true;
    case ARG_UINT:
    case ARG_HIGH:
        put(line, "%llu", (unsigned long long)v);
        return true;
    case ARG_LONG:
        put(line, "%lld", (long long)v);
        return true;
    case ARG_HEX:
        put(line, "%#llx", (unsigned long long)v);
        return true;
    case ARG_OCT:
        put(line, "0%03llo", (unsigned long long)v);
        return true;
    case ARG_AT:
        put_at(line, (int)v);
        return true;
    case ARG_FLAGS:
        put_flags(line, flag_tables[param], (uint32_t)(param == STRACE_open ? lx_open_flags(c->t, v) : v));
        return true;
    case ARG_ENUM:
        put_enum(line, flag_tables[param], v);
        return true;
    case ARG_SIGNO:
        put_signal(line, (int)v);
        return true;
    default:
        return false;
    }
}

/* Memory that the call has filled in; got: bytes that an output holds. False: it is not that. */
static bool put_output(struct strace_line *line, const struct sys_ctx *c, unsigned i, uint64_t got)
{
    uint64_t v = c->a[i];
    unsigned param = sys_arg_param(c->row->arg[i]);
    switch (sys_arg_kind(c->row->arg[i])) {
    case ARG_OUT:
        put_buffer(line, c, v, got < c->a[param] ? got : c->a[param]);
        return true;
    case ARG_S_OUT:
    case ARG_S_INOUT:
        put_struct(line, c, v, (enum sys_struct)param);
        return true;
    case ARG_ADDR_OUT:
        put_out_addr(line, c, i, param);
        return true;
    default:
        return false;
    }
}

static void put_arg(struct strace_line *line, const struct sys_ctx *c, unsigned i, long result)
{
    uint64_t v = c->a[i], got = result > 0 ? (uint64_t)result : 0;
    unsigned param = sys_arg_param(c->row->arg[i]);
    if (put_value(line, c, i) || (result >= 0 && put_output(line, c, i, got)))
        return;
    switch (sys_arg_kind(c->row->arg[i])) {
    case ARG_STR:
    case ARG_PATH:
    case ARG_LOOKUP:
        put_string(line, c, v);
        break;
    case ARG_IN:
        put_buffer(line, c, v, c->a[param]);
        break;
    case ARG_S_IN:
        put_struct(line, c, v, (enum sys_struct)param);
        break;
    case ARG_IOV_IN:
        put_iov(line, c, v, c->a[param], ~0ull);
        break;
    case ARG_IOV_OUT:
        put_iov(line, c, v, c->a[param], got);
        break;
    case ARG_MSG_IN:
        put_msg(line, c, v, ~0ull);
        break;
    case ARG_MSG_OUT:
        put_msg(line, c, v, got);
        break;
    case ARG_ADDR_IN:
        put_sockaddr(line, c, v, c->a[param]);
        break;
    case ARG_SIGSET:
        put_sigset(line, c, v);
        break;
    case ARG_STRV:
        put_strings(line, c, v);
        break;
    default: /* an output of a call that failed, too */
        put_pointer(line, v);
        break;
    }
}

static void put_call(struct strace_line *line, const struct sys_ctx *c, long result)
{
    line->len = 0;
    put(line, "%d %s(", (int)c->t->tid, c->row->name);
    for (unsigned i = 0, n = sys_arg_count(c->row); i < n; i++) {
        put(line, i ? "," : "");
        put_arg(line, c, i, result);
    }
    put(line, ")");
}

static enum linux_call call_of(const struct sys_ctx *c) { return (enum linux_call)(c->row - c->table->rows); }

static bool may_not_return(const struct sys_ctx *c)
{
    const enum linux_call call = call_of(c);
    return call == LINUX_exit || call == LINUX_exit_group || call == LINUX_execve || call == LINUX_execveat;
}

static bool returns_address(const struct sys_ctx *c)
{
    const enum linux_call call = call_of(c);
    return call == LINUX_mmap || call == LINUX_mmap2 || call == LINUX_old_mmap || call == LINUX_brk ||
           call == LINUX_mremap || call == LINUX_shmat;
}

void strace_begin(struct strace_line *line, const struct sys_ctx *c)
{
    line->len = 0;
    if (!may_not_return(c))
        return;
    put_call(line, c, 0);
    log_printf("%s\n", line->text);
}

void strace_end(struct strace_line *line, const struct sys_ctx *c, long result)
{
    put_call(line, c, result);
    if (result == LX_RESTARTSYS || result == LX_RESTARTNOINTR)
        put(line, " = ? (interrupted by a signal)");
    else if (result == LX_NO_RESULT)
        put(line, " = ?");
    else if (result < 0 && result >= -4095)
        put(line, " = -1 %s (%s)", strerrorname_np((int)-result) ? strerrorname_np((int)-result) : "E?",
            strerror((int)-result));
    else if (returns_address(c))
        put(line, " = %#lx", (unsigned long)result);
    else
        put(line, " = %ld", result);
    log_printf("%s\n", line->text);
}
