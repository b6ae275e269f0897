/* SPDX-License-Identifier: Apache-2.0 */
/* A system call under way, and what its row of the table says of it: handler, arguments. */
#ifndef TANDEM_RUNTIME_LINUX_BASE_CALL_H
#define TANDEM_RUNTIME_LINUX_BASE_CALL_H

#include "frontend/guest_linux.h"
#include "runtime/linux/base/process.h"

struct sys_row;
struct sys_table;

/* One system call under way. */
struct sys_ctx {
    struct thread *t;
    const struct sys_table *table;
    const struct sys_row *row;
    bool wide; /* struct guest_call's */
    uint64_t a[6];
};

/* A result, -errno, or one of LX_RESTARTSYS, LX_RESTARTNOINTR, LX_NO_RESULT. */
typedef long (*sys_fn)(struct sys_ctx *c);

struct sys_table {
    const struct sys_row *rows; /* by enum linux_call */
    sys_fn pass32;              /* `pass` of 32-bit guests, which converts structures */
};

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

/* Structures that go in and out as they are. */
enum sys_struct {
#define STRUCT(name, size) SYS_STRUCT_##name,
#include "runtime/linux/base/structs.def"
    SYS_STRUCT_COUNT
};

struct sys_row {
    const char *name;
    sys_fn fn, narrow;    /* narrow: of 32-bit guests, if theirs is another; else NULL */
    enum linux_call host; /* the host's call that `pass` makes */
    uint16_t arg[6];      /* enum sys_arg_kind | parameter << 8 */
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

TANDEM_BEGIN_DECLS
/* Bytes of structure s. */
size_t sys_struct_size(enum sys_struct s);
/* Another call with the arguments a[0..5] for the same thread. */
struct sys_ctx sys_other(const struct sys_ctx *c, enum linux_call call, const uint64_t a[6]);
/* Answers the call of the context's row by its handler. */
long sys_handle(struct sys_ctx *c);
TANDEM_END_DECLS

#endif
