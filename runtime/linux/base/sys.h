/* SPDX-License-Identifier: Apache-2.0 */
/* The system-call table: what a row is, what its arguments are. sys_table.def has the rows. */
#ifndef TANDEM_RUNTIME_LINUX_BASE_SYS_H
#define TANDEM_RUNTIME_LINUX_BASE_SYS_H

#include "runtime/linux/base/lx.h"

struct sys_row;

/* One system call under way. */
struct sys_ctx {
    struct thread *t;
    const struct sys_row *row;
    bool wide; /* struct sys_entry's */
    uint64_t a[6];
};

/* A result, -errno, or one of LX_RESTARTSYS, LX_RESTARTNOINTR, LX_NO_RESULT. */
typedef long (*sys_fn)(struct sys_ctx *c);

/* What an argument is: for strace, for the look-up in the sysroot, and for telling memory what the kernel will write.
 * An argument is kind | parameter << 8; the parameter is an argument number, or a row of a list below. */
enum sys_arg_kind {
    ARG_END,
    ARG_INT,
    ARG_UINT,
    ARG_LONG,
    ARG_HIGH, /* the upper half of the argument before it, for 32-bit guests; others ignore it */
    ARG_HEX,
    ARG_OCT,
    ARG_FD,
    ARG_AT,
    ARG_PTR,
    ARG_STR,
    ARG_PATH,   /* a file name */
    ARG_LOOKUP, /* a file name that -L applies to */
    ARG_IN,     /* parameter: argument with the number of bytes */
    ARG_OUT,    /* the kernel writes; parameter: argument with the number of bytes */
    ARG_FLAGS,  /* parameter: enum strace_flags */
    ARG_ENUM,
    ARG_S_IN,  /* parameter: enum sys_struct */
    ARG_S_OUT, /* the kernel writes it */
    ARG_S_INOUT,
    ARG_IOV_IN, /* parameter: argument with the number of vectors */
    ARG_IOV_OUT,
    ARG_MSG_IN, /* struct msghdr */
    ARG_MSG_OUT,
    ARG_ADDR_OUT, /* struct sockaddr; parameter: argument that points at its socklen_t */
    ARG_ADDR_IN,  /* struct sockaddr; parameter: argument with its length */
    ARG_SIGNO,
    ARG_SIGSET, /* the guest's, read */
    ARG_STRV,   /* NULL-terminated array of strings */
};

/* Structures that go in and out as they are: SYS_STRUCT(name, bytes). strace.c prints those it knows. */
#define SYS_STRUCTS(X)                                                                                                 \
    X(timespec, 16)                                                                                                    \
    X(timespec2, 32)                                                                                                   \
    X(timeval, 16)                                                                                                     \
    X(timezone, 8)                                                                                                     \
    X(itimerspec, 32)                                                                                                  \
    X(itimerval, 32)                                                                                                   \
    X(rusage, 144)                                                                                                     \
    X(rlimit, 16)                                                                                                      \
    X(utsname, 390)                                                                                                    \
    X(sysinfo, 112)                                                                                                    \
    X(statfs, 120)                                                                                                     \
    X(statx, 256)                                                                                                      \
    X(siginfo, 128)                                                                                                    \
    X(int, 4)                                                                                                          \
    X(int2, 8)                                                                                                         \
    X(off, 8)                                                                                                          \
    X(tms, 32)                                                                                                         \
    X(timex, 208)                                                                                                      \
    X(sigset, 8)                                                                                                       \
    X(stack, 24)                                                                                                       \
    X(sched_param, 4)                                                                                                  \
    X(mq_attr, 64)                                                                                                     \
    X(sigevent, 64)                                                                                                    \
    X(cap_header, 8)                                                                                                   \
    X(cap_data, 24)                                                                                                    \
    X(clone_args, 88)                                                                                                  \
    X(open_how, 24)                                                                                                    \
    X(ptr, 8)                                                                                                          \
    X(timerid, 4)                                                                                                      \
    X(word, 4)                                                                                                         \
    X(stat, 144)                                                                                                       \
    X(utimbuf, 16)                                                                                                     \
    X(timeval2, 32)                                                                                                    \
    X(ustat, 32)                                                                                                       \
    X(stat_old, 144)                                                                                                   \
    X(rlimit_old, 16)                                                                                                  \
    X(rlimit64, 16)                                                                                                    \
    X(loff, 8)                                                                                                         \
    X(sigaction, 32)                                                                                                   \
    X(robust_head, 24)                                                                                                 \
    X(sigmask_pair, 16)                                                                                                \
    X(flock, 32) X(semid_ds, 104) X(msqid_ds, 120) X(shmid_ds, 112) X(shminfo, 72) X(shm_info, 48) X(sock_fprog, 16)

enum sys_struct {
#define X(name, size) SYS_STRUCT_##name,
    SYS_STRUCTS(X)
#undef X
        SYS_STRUCT_COUNT
};

enum strace_flags {
#define FLAGS(name, list) STRACE_##name,
#include "runtime/linux/table/strace_flags.def"
#undef FLAGS
    STRACE_FLAGS_COUNT
};

struct sys_row {
    const char *name;
    sys_fn fn;
    int16_t host;    /* the host's number; -1: none */
    uint16_t arg[6]; /* enum sys_arg_kind | parameter << 8 */
};

static inline enum sys_arg_kind sys_arg_kind(uint16_t arg) { return (enum sys_arg_kind)(arg & 0xff); }
static inline unsigned sys_arg_param(uint16_t arg) { return arg >> 8; }
static inline unsigned sys_arg_count(const struct sys_row *row)
{
    unsigned n = 0;
    while (n < 6 && row->arg[n] != ARG_END)
        n++;
    return n;
}

/* A number of a guest's: the row that it calls, and for 32-bit guests how registers and structures differ from that. */
struct sys_entry {
    uint16_t row;  /* + 1; 0: there is no such call */
    uint8_t split; /* bits: arguments of 64 bits, which come in two registers */
    uint8_t ids;   /* bits: arguments that are 16-bit ids of users or groups; SYS_ID_RESULT: so is the result */
    bool wide;     /* structures are the variants with 64-bit fields (layouts.def) */
};
enum { SYS_ID_RESULT = 1 << 6 };

/* Rows by name. */
enum sys_number {
#define SYS(name, rv64, handler, ...)     SYS_ROW_##name,
#define SYS_OWN(name, rv64, handler, ...) SYS_ROW_##name,
#define SYS_X86(name, handler, ...)       SYS_ROW_##name,
#define SYS_32(name, host, handler, ...)  SYS_ROW_##name,
#include "runtime/linux/table/sys_table.def"
    SYS_ROW_COUNT
};

/* Handlers: every name in the handler column of sys_table.def. */
#define SYS(name, rv64, handler, ...)     long sys_##handler(struct sys_ctx *c);
#define SYS_OWN(name, rv64, handler, ...) long sys_##handler(struct sys_ctx *c);
#define SYS_X86(name, handler, ...)       long sys_##handler(struct sys_ctx *c);
#define SYS_32(name, host, handler, ...)  long sys_##handler(struct sys_ctx *c);
#include "runtime/linux/table/sys_table.def"

TANDEM_BEGIN_DECLS
/* The row of a guest's call number; NULL if there is none. */
const struct sys_row *sys_find(enum guest_abi abi, uint64_t number);
const struct sys_row *sys_row_of(enum sys_number row);
/* Bytes of structure s. */
size_t sys_struct_size(enum sys_struct s);
TANDEM_END_DECLS

/* Makes writable what the kernel is about to write (mem_prepare_write). True if something was protected. */
bool sys_prepare_outputs(const struct sys_ctx *c);
/* Makes the host call of the row with the context's arguments, interruptibly. */
long sys_host(struct sys_ctx *c);

/* ---- strace.c: all four log under LOG_STRACE; the caller tests log_on ---- */
/* What is known before the call, in full if it may not come back. */
struct strace_line {
    char text[2048];
    size_t len;
};
TANDEM_BEGIN_DECLS
void strace_begin(struct strace_line *line, const struct sys_ctx *c);
void strace_end(struct strace_line *line, const struct sys_ctx *c, long result);
TANDEM_END_DECLS

#endif
