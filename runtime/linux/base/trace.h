/* SPDX-License-Identifier: Apache-2.0 */
/* What a traced thread and its tracer share (ptrace of one guest by another; generic/traced.h and tracer.h say how). */
#ifndef TANDEM_RUNTIME_LINUX_BASE_TRACE_H
#define TANDEM_RUNTIME_LINUX_BASE_TRACE_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "src/base/types.h"

enum { TRACE_REGS_MAX = 272, TRACE_FP_MAX = 832, TRACE_MAGIC = 0x7ace0001 };

/* How a traced thread goes on. */
enum trace_resume { TRACE_RUN, TRACE_CALLS, TRACE_STEP, TRACE_DETACH };

/* What of a record the tracer has changed. */
enum {
    TRACE_CHANGED_REGS = 1,
    TRACE_CHANGED_FP = 2,
    TRACE_CHANGED_INFO = 4,
    TRACE_CHANGED_TLS = 8,
    TRACE_CHANGED_CALL = 16
};

/* A traced thread's record, in its own memory. While command is 0 the thread stands still and the tracer reads and
 * writes the record by process_vm_readv and its kin; ask_stop, ask_interrupt and acknowledged it writes at any time. */
struct trace_record {
    uint32_t magic;
    uint32_t command;                 /* futex; 1: go on as said here */
    uint32_t ask_stop, ask_interrupt; /* atomic: the tracer wants a stop by SIGSTOP, by PTRACE_INTERRUPT */
    uint32_t acknowledged;            /* atomic: the tracer knows where this is */
    int32_t status;                   /* signal | event << 8, as wait shows it */
    uint32_t options;                 /* PTRACE_O_* */
    uint8_t seized, has_info, is32, steps, resume;
    int32_t signo; /* goes on with this signal; 0: none */
    uint32_t changed;
    uint64_t message;              /* PTRACE_GETEVENTMSG */
    uint64_t code_start, code_end; /* what the tracer has written to */
    uint32_t machine;              /* AUDIT_ARCH_* */
    uint32_t call_op;              /* PTRACE_SYSCALL_INFO_* */
    uint64_t call[7];              /* entry: number, arguments; exit: result */
    uint64_t pc, sp;
    uint32_t regs_size, fp_size, fp_note, tls_note, call_note, orig_at;
    uint64_t tls;
    int32_t number; /* of the call under way; -1: none */
    siginfo_t info;
    TANDEM_ALIGNED(16) uint8_t regs[TRACE_REGS_MAX]; /* NT_PRSTATUS's layout */
    TANDEM_ALIGNED(16) uint8_t fp[TRACE_FP_MAX];     /* fp_note's */
};

/* A tracer has come by a message: written by the handler, adopted at the next block boundary. */
struct lx_trace_begin {
    pid_t tid; /* atomic: of the thread that it came to, not of one that was copied since; 0: none */
    pid_t tracer;
    uint64_t value;
};

/* Of a thread that may be traced. */
struct lx_trace {
    pid_t tracer, tracer_tid; /* atomic; 0: it is not */
    uint32_t options;
    bool seized;
    uint8_t resume;              /* enum trace_resume */
    uint8_t begins;              /* enum trace_begin: what is left to do before the next instruction */
    pid_t former;                /* after execve: the id of the thread that called it */
    bool in_call;                /* between a call's two stops */
    struct trace_record *record; /* NULL: it has never stopped */
};
enum trace_begin { TRACE_BEGINS_NOT, TRACE_BEGINS_CHILD, TRACE_BEGINS_EXEC };

/* Of a process that may trace: a thread that it traces. Entries are made by signal handlers, too. */
struct lx_tracee {
    pid_t tid;      /* atomic; 0: free */
    pid_t tracer;   /* the thread that traces it */
    bool held;      /* the host's kernel has it as that thread's tracee now */
    bool is_child;  /* of the tracer's process */
    uint32_t wants; /* atomic: PTRACE_INTERRUPT came before the record was known */
    uint32_t options;
    uint64_t record; /* atomic: address of its struct trace_record; 0: not known yet */
};
enum { LX_TRACEES = 256 };

/* Messages are SIGTRAPs with these codes. BEGIN goes to the tracee: si_value is tid of the tracer | options << 32 |
 * TRACE_SEIZED. BELL goes there, too: the record has news. The others go to the tracer; si_value is the record's
 * address, with TRACE_EXITKILL in it. */
enum {
    TRACE_BEGIN = -0x7ace0001,
    TRACE_BELL = -0x7ace0002,
    TRACE_HELLO = -0x7ace0003,
    TRACE_STOP = -0x7ace0004,
    TRACE_LAST = -0x7ace0005
};
enum { TRACE_EXITKILL = 1 };
#define TRACE_SEIZED (UINT64_C(1) << 63)

#endif
