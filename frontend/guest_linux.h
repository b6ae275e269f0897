/* SPDX-License-Identifier: Apache-2.0 */
/* What Linux is like on a guest architecture: one const struct guest_linux per guest, made by its front end. It holds
 * the numbers and registers of system calls, signal frames, the code of the vDSO, and the calls that only this
 * architecture has. runtime/linux, runtime/loader and the wiring read it; the engine does not know it.
 * All functions may be called from any thread unless they take a struct cpu: then only by that cpu's thread, or while
 * the cpu is not running. */
#ifndef TANDEM_FRONTEND_GUEST_LINUX_H
#define TANDEM_FRONTEND_GUEST_LINUX_H

#include "frontend/guest.h"

/* ---- system calls ---- */

/* The names of Linux's system calls, of all architectures. */
enum linux_call {
#define CALL(name) LINUX_##name,
#include "frontend/numbers/calls.def"
#undef CALL
    LINUX_CALL_COUNT
};

/* A number of a guest's: the call, and for 32-bit guests how registers and structures differ from the 64-bit call. */
struct guest_call {
    uint16_t name; /* enum linux_call + 1; 0: there is no such number */
    uint8_t split; /* bits: arguments of 64 bits, which come in two registers */
    uint8_t ids;   /* bits: arguments that are 16-bit ids of users or groups; GUEST_CALL_ID_RESULT: so is the result */
    bool wide;     /* structures are the variants with 64-bit fields */
};
enum { GUEST_CALL_ID_RESULT = 1 << 6 };

struct guest_syscalls {
    const struct guest_call *numbers;    /* by number */
    unsigned count;                      /* of numbers */
    unsigned number, arg[6], result;     /* rows of the registers; number and result may be one */
    unsigned insn_bytes;                 /* of the instruction that makes a call: how far back to make it again */
    unsigned clone_tls, clone_child_tid; /* which arguments of clone these are */
};

/* Whose structures the guest's are, where 64-bit Linux is not the same everywhere. 32-bit guests have layouts.def. */
enum guest_structs {
    GUEST_STRUCTS_GENERIC, /* asm-generic: riscv64, aarch64 */
    GUEST_STRUCTS_X86_64,
    GUEST_STRUCTS_32,
};

/* ---- calls that only one architecture has ---- */

/* A call under way, and what of the process a front end may need for it. The functions take ctx first; read and write
 * copy guest memory and give 0 or -EFAULT. */
struct guest_arch_call {
    enum linux_call name;
    uint64_t arg[6];
    struct cpu *cpu;
    const struct guest_config *config;
    void *ctx;
    long (*read)(void *ctx, void *dst, gaddr_t src, size_t size);
    long (*write)(void *ctx, gaddr_t dst, const void *src, size_t size);
    void (*code_changed)(void *ctx, gaddr_t start, gaddr_t end); /* what was translated of it is stale */
};

/* A thread pointer as clone brings it, for guests where it is more than a number: private to the front end. */
struct guest_tls {
    uint32_t word[4];
};

/* ---- signals ---- */

/* A signal about to be delivered, in the guest's terms. */
enum guest_fault {
    GUEST_FAULT_WRITE = 1,
    GUEST_FAULT_PRESENT = 2, /* the page is there, and does not allow it */
    GUEST_FAULT_FETCH = 4,   /* of an instruction */
};
struct guest_signal {
    int signo;
    gaddr_t handler, restorer;
    uint64_t sa_flags;
    uint64_t mask;          /* signal mask to restore at sigreturn */
    const uint8_t *siginfo; /* 128 bytes, the guest's layout */
    gaddr_t altstack_sp;    /* the alternate stack as sigaltstack reports it */
    uint64_t altstack_size;
    uint32_t altstack_flags;
    gaddr_t trampoline; /* guest address of the vDSO's code that returns from this kind of frame */
    gaddr_t fault_pc;   /* for information; registers in cpu are already those of the interrupted place */
    bool sync;          /* an instruction at fault_pc caused it */
    unsigned fault;     /* sync, SIGSEGV or SIGBUS: bits of enum guest_fault */
};

/* The signal that a trap becomes. */
struct guest_trap {
    int signo, code;
    gaddr_t addr;
};

/* Part of a frame that lies where a pointer in the frame says: read to buf + offset. */
struct guest_sigframe_part {
    gaddr_t at;
    size_t offset;
    size_t least, size; /* bytes that must, and that may be there (zero where they are not) */
};

/* What sigreturn brought back beside the registers. */
struct guest_sigreturn {
    uint64_t mask;
    bool has_altstack;
    gaddr_t altstack_sp;
    uint64_t altstack_size;
    uint32_t altstack_flags;
};

/* How a system call takes a signal frame back. */
struct guest_sigreturn_frame {
    int64_t sp_offset; /* the frame is at guest address sp + sp_offset */
    /* NULL: the whole frame is there. Else core bytes are, and the rest as *part says (false: is not, and zero). */
    size_t core;
    bool (*part)(const uint8_t *buf, struct guest_sigframe_part *part);
    /* False if the frame is bad (SIGSEGV). NULL: the guest has no such call. */
    bool (*restore)(struct cpu *cpu, const uint8_t *buf, struct guest_sigreturn *out);
};

/* Signal frames (the kernel's layout). fill writes size bytes to buf, to be placed at guest address frame; enter then
 * sets pc, sp and argument registers. */
struct guest_sigframe {
    size_t size;
    size_t align;   /* of the frame: a power of two */
    size_t redzone; /* bytes below the stack pointer that belong to the interrupted function */
    void (*fill)(struct cpu *cpu, const struct guest_signal *sig, gaddr_t frame, uint8_t *buf);
    void (*enter)(struct cpu *cpu, const struct guest_signal *sig, gaddr_t frame);
    struct guest_sigreturn_frame rt;  /* rt_sigreturn's */
    struct guest_sigreturn_frame old; /* sigreturn's: i386's frames of handlers without SA_SIGINFO */
    bool has_restorer;                /* struct sigaction has sa_restorer */
    bool kernel_si_code;              /* faults may have SI_KERNEL: addresses that are not canonical */
};

/* ---- registers as ptrace shows them ---- */

struct guest_ptrace {
    size_t regs_size;   /* NT_PRSTATUS: struct user_regs_struct; at most 272 */
    size_t fp_size;     /* at most 832 */
    unsigned fp_note;   /* what the FP registers are: NT_PRFPREG, NT_X86_XSTATE */
    unsigned tls_note;  /* of a set that is the thread pointer alone: NT_ARM_TLS; 0: there is no such */
    unsigned call_note; /* of a set that is the number of the call under way, 4 bytes: NT_ARM_SYSTEM_CALL; 0 */
    bool steps;         /* the kernel knows PTRACE_SINGLESTEP */
    size_t orig_at;     /* in the registers: the number of the call under way, -1 outside of one; 0: there is no such */
    void (*get)(const struct cpu *cpu, uint8_t *regs, uint8_t *fp);
    void (*set_regs)(struct cpu *cpu, const uint8_t *regs);
    bool (*is_fp)(const uint8_t *fp); /* can it be set? NULL: anything can */
    void (*set_fp)(struct cpu *cpu, const uint8_t *fp);
};

/* ---- the vDSO ---- */

/* Code that the vDSO has for the guest. */
enum guest_vdso_symbol {
    GUEST_VDSO_RT_SIGRETURN,
    GUEST_VDSO_SIGRETURN,
    GUEST_VDSO_SYSCALL,
    GUEST_VDSO_OLD_COUNT, /* those before have the old version */
    GUEST_VDSO_CLOCK_GETTIME = GUEST_VDSO_OLD_COUNT,
    GUEST_VDSO_CLOCK_GETTIME64,
    GUEST_VDSO_CLOCK_GETRES,
    GUEST_VDSO_GETTIMEOFDAY,
    GUEST_VDSO_TIME,
    GUEST_VDSO_GETCPU,
    GUEST_VDSO_FLUSH_ICACHE,
    GUEST_VDSO_HWPROBE,
    GUEST_VDSO_COUNT
};
struct guest_vdso_code {
    const char *symbol; /* exported; NULL: there is no such code */
    const uint8_t *code;
    size_t size;
};
#define GUEST_VDSO_CODE(symbol, array)                                                                                 \
    {                                                                                                                  \
        symbol, array, sizeof array                                                                                    \
    }
struct guest_vdso {
    const char *version;     /* of its symbols, as libraries ask for them */
    const char *old_version; /* of the older ones; NULL: the same */
    struct guest_vdso_code code[GUEST_VDSO_COUNT];
};

/* Calls that are made by jumping to an address, at which there is no memory: x86-64's vsyscall page. */
struct guest_call_page {
    gaddr_t start, end;
    unsigned step; /* bytes from one call to the next, the first is at start */
    unsigned count;
    enum linux_call calls[3];
};

struct guest_linux {
    const char *uname_machine;              /* uname -m */
    const char *uname_machine32;            /* under PER_LINUX32; NULL: the same */
    const struct guest_call_page *calls_at; /* NULL: there are none */
    const char *platform;                   /* AT_PLATFORM, or NULL */
    gaddr_t pie_base; /* where position-independent programs go: far from where the host puts its own, with room for the
                       * heap behind; on 64 bits, where ThreadSanitizer lets a program have memory */
    bool old_programs_execute_data; /* without PT_GNU_STACK, what a program may read it may execute */
    unsigned row_sp, row_tls;       /* stack pointer, thread pointer */
    uint64_t (*hwcap)(const struct guest_config *config);
    uint64_t (*hwcap2)(const struct guest_config *config);

    struct guest_syscalls call;
    enum guest_structs structs;
    unsigned align64;    /* of 64-bit integers in structures: i386 has 4, the others 8 */
    bool packed_epoll;   /* struct epoll_event has no padding: x86 */
    bool has_map_32bit;  /* MAP_32BIT means something: x86 */
    bool arm_open_flags; /* O_DIRECT, O_LARGEFILE, O_DIRECTORY and O_NOFOLLOW have Arm's values (src/host/flags.h) */
    unsigned min_signal_stack; /* what sigaltstack wants at least, in bytes; 0: as most guests */
    struct guest_sigframe sigframe;
    const struct guest_ptrace *ptrace;
    const struct guest_vdso *vdso;

    /* What /proc/cpuinfo says of a processor (numbers from 0): writes it to out, with the empty line behind it and a
     * NUL. host: what the host's kernel says of it, with the newline of its last line. */
    void (*cpuinfo)(const struct guest_config *config, unsigned processor, const char *host, char *out, size_t size);
    /* The signal that a trap at cpu->pc becomes. NULL: as on most guests. */
    void (*trap)(const struct cpu *cpu, enum ir_trap trap, struct guest_trap *out);
    /* The signal of an access to an address that is not canonical, made by the instruction at cpu->pc, whose bytes are
     * the first of size ones at code. NULL: SIGSEGV. Async-signal-safe. */
    int (*odd_address)(const struct cpu *cpu, const uint8_t *code, size_t size);
    /* Is SIGTRAP to come behind each instruction (x86's trap flag)? Asked after calls, signals and IR_TRAP_TRACE. NULL:
     * never. */
    bool (*steps)(const struct cpu *cpu);
    /* A call whose handler is `arch`: its result or -errno. NULL: there is none. */
    long (*arch_syscall)(const struct guest_arch_call *call);
    /* clone's thread pointer, where it is the address of something: read_tls reads and checks it for the calling thread
     * (0 or -errno), set_tls gives it to the new one. NULL: it is a number, which goes to row_tls. */
    long (*read_tls)(const struct guest_arch_call *call, gaddr_t address, struct guest_tls *tls);
    void (*set_tls)(struct cpu *cpu, const struct guest_tls *tls);
};

#endif
