/* SPDX-License-Identifier: Apache-2.0 */
/* What a guest architecture is to the rest of tandem: one const struct guest per guest. Everything that differs
 * between guests is behind it: lifting, disassembly, registers, ABI facts, signal frames.
 * All functions may be called from any thread unless they take a struct cpu: then only by that cpu's thread, or while
 * the cpu is not running. */
#ifndef TANDEM_FRONTEND_GUEST_H
#define TANDEM_FRONTEND_GUEST_H

#include "src/base/cpu.h"
#include "src/base/status.h"
#include "src/ir/build/builder.h"
#include "src/ir/ir.h"

/* Which instructions the emulated CPU has (-cpu). Parsed once, const afterwards. */
struct guest_config {
    uint64_t features; /* bits private to the frontend */
    char model[64];
};

/* ABI of the Linux kernel for the guest; selects the column of the system-call table and structure layouts. */
enum guest_abi {
    GUEST_ABI_RISCV64,
    GUEST_ABI_X86_64,
    GUEST_ABI_I386,
    GUEST_ABI_AARCH64,
    GUEST_ABI_ARM,
    GUEST_ABI_COUNT
};

/* A signal about to be delivered, in the guest's terms. */
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
    bool write;         /* sync: it was a write to memory */
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

/* Code that the vDSO has for the guest. */
enum guest_vdso { GUEST_VDSO_RT_SIGRETURN, GUEST_VDSO_SIGRETURN, GUEST_VDSO_SYSCALL, GUEST_VDSO_COUNT };
struct guest_vdso_code {
    const char *symbol; /* exported; NULL: there is no such code */
    const uint8_t *code;
    size_t size;
};

/* A descriptor as set_thread_area(2) and modify_ldt(2) know it: struct user_desc of asm/ldt.h. */
struct guest_segment {
    uint32_t entry, base, limit, flags;
};

struct guest {
    const char *name; /* as in qemu-NAME: "riscv64" */
    enum guest_abi abi;
    uint16_t elf_machine; /* EM_* */
    uint8_t elf_class;    /* ELFCLASS32/64 */
    uint8_t elf_data;     /* ELFDATA2LSB/MSB */
    gaddr_t address_end;  /* where user addresses end, if that is below the host's; else 0 */
    gaddr_t pie_base;     /* where position-independent programs go: far from where the host puts its own, with room for
                                    * the heap behind; on 64 bits, where ThreadSanitizer lets a program have memory */
    const char *uname_machine; /* uname -m */
    const char *platform;      /* AT_PLATFORM, or NULL */

    const struct ir_state *state; /* register table; rows are for IR_GET/IR_PUT, -d cpu, -g */
    unsigned row_sp, row_tls;     /* stack pointer, thread pointer */
    unsigned row_gs;              /* x86: base of gs, for arch_prctl */
    unsigned row_sysno;           /* system-call number */
    unsigned row_sysarg[6];
    unsigned row_sysret;

    /* Parses a -cpu argument ("rv64", "rv64,zba=false", "max"); NULL: default. False and a message if unknown. */
    bool (*parse_cpu)(const char *text, struct guest_config *config, char *message, size_t size);
    /* Lists what -cpu help prints. */
    const char *const *cpu_models; /* NULL-terminated */
    uint64_t (*hwcap)(const struct guest_config *config);
    uint64_t (*hwcap2)(const struct guest_config *config);

    /* Sets up registers for a new process: everything zero but pc and sp. */
    void (*cpu_init)(struct cpu *cpu, const struct guest_config *config, gaddr_t entry, gaddr_t sp);

    const struct guest_lifter *lifter; /* guest code to IR: frontend/block.h */
    /* Disassembles one instruction into text; returns its length in bytes (at least 1; 0 if avail is too small). */
    unsigned (*disas)(gaddr_t pc, const uint8_t *code, size_t avail, char *text, size_t size);
    /* The translation mode that the registers of cpu now call for (RISC-V: rounding mode kind; Arm: Thumb, ...). Called
     * after cpu_init, sigreturn, CPU_EXIT_LOOKUP; helpers that change it store cpu->mode themselves. */
    uint32_t (*mode)(const struct cpu *cpu);

    /* The sticky FP flags and rounding mode live partly in cpu->fp_env (src/base/cpu.h I3). Before registers are shown
     * to the guest or a debugger, and after they were changed from outside: */
    void (*fp_to_guest)(struct cpu *cpu);   /* collect cpu->fp_env and fp_flags into the guest's own register fields */
    void (*fp_from_guest)(struct cpu *cpu); /* the reverse */

    /* The signal that a trap at cpu->pc becomes. NULL: as on most guests. */
    void (*trap)(const struct cpu *cpu, enum ir_trap trap, struct guest_trap *out);

    /* Signal frames (the kernel's layout). sigframe_fill writes sigframe_size bytes to buf, to be placed at guest
     * address frame; sigframe_enter then sets pc, sp and argument registers. sigframe_align: alignment of frame (a
     * power of two). */
    size_t sigframe_size;
    size_t sigframe_align;
    size_t sigframe_redzone; /* bytes below the stack pointer that belong to the interrupted function */
    void (*sigframe_fill)(const struct cpu *cpu, const struct guest_signal *sig, gaddr_t frame, uint8_t *buf);
    void (*sigframe_enter)(struct cpu *cpu, const struct guest_signal *sig, gaddr_t frame);
    struct guest_sigreturn_frame rt_frame;  /* rt_sigreturn's */
    struct guest_sigreturn_frame old_frame; /* sigreturn's: i386's frames of handlers without SA_SIGINFO */
    struct guest_vdso_code vdso[GUEST_VDSO_COUNT];
    /* System-call number conventions: how a call that a signal interrupted is made again. */
    unsigned syscall_insn_bytes;
    bool coherent_code; /* what is stored is what the very next instruction fetches, without a fence (x86) */
    bool fp_traps;      /* the guest itself may unmask exceptions in MXCSR: SIGFPE is its own */
    /* riscv_hwprobe(2): the value of a key; *known false: no such key. NULL: the guest has no such call. */
    uint64_t (*hwprobe)(const struct guest_config *config, int64_t key, bool *known);
    /* Segment descriptors (i386; NULL: there are none). Both give 0 or -errno. set_segment: a thread's own, entry -1:
     * any that is free, which it says; also clone's thread pointer. get_segment: the entry that is asked for. */
    long (*set_segment)(struct cpu *cpu, struct guest_segment *desc);
    long (*get_segment)(const struct cpu *cpu, struct guest_segment *desc);
    /* modify_ldt: a descriptor of the process's; code: its 8 bytes are read by others. old: func 1's meaning of
     * flags. */
    long (*set_ldt)(struct cpu *cpu, const struct guest_segment *desc, bool old);
    /* The table as the CPU has it, in size bytes (at most 64 KiB): that many, or 0 if nothing is in it. */
    size_t (*read_ldt)(const struct cpu *cpu, uint8_t *table, size_t size);
};

TANDEM_BEGIN_DECLS
/* Every guest built in, NULL-terminated (defined in frontend/guests.c). */
extern const struct guest *const guest_list[];
/* The guest for an ELF header's e_machine, EI_CLASS and EI_DATA; NULL if none. */
const struct guest *guest_find_elf(uint16_t machine, uint8_t elf_class, uint8_t data);
const struct guest *guest_find_name(const char *name);
TANDEM_END_DECLS

static inline bool guest_is32(const struct guest *guest) { return guest->elf_class == 1; /* ELFCLASS32 */ }
static inline unsigned guest_word_bytes(const struct guest *guest) { return guest_is32(guest) ? 4 : 8; }

static inline uint64_t guest_get(const struct cpu *cpu, const struct guest *guest, unsigned row)
{
    uint64_t v = 0;
    unsigned bits = ir_type_bits((enum ir_type)guest->state->rows[row].type);
    __builtin_memcpy(&v, (const char *)cpu + guest->state->rows[row].offset, bits > 64 ? 8 : bits / 8);
    return v;
}
static inline void guest_set(struct cpu *cpu, const struct guest *guest, unsigned row, uint64_t v)
{
    unsigned bits = ir_type_bits((enum ir_type)guest->state->rows[row].type);
    __builtin_memcpy((char *)cpu + guest->state->rows[row].offset, &v, bits > 64 ? 8 : bits / 8);
}

#endif
