/* SPDX-License-Identifier: Apache-2.0 */
/* What a guest architecture is to the rest of tandem: one const struct guest per guest. Everything that differs
 * between guests is behind it: lifting, disassembly, registers; and in guest_linux.h, what Linux is like there.
 * All functions may be called from any thread unless they take a struct cpu: then only by that cpu's thread, or while
 * the cpu is not running. */
#ifndef TANDEM_FRONTEND_GUEST_H
#define TANDEM_FRONTEND_GUEST_H

#include "src/base/cpu.h"
#include "src/base/status.h"
#include "src/ir/build/builder.h"
#include "src/ir/ir.h"
#include "src/ir/state.h"

/* Which instructions the emulated CPU has (-cpu). Parsed once, const afterwards. */
struct guest_config {
    uint64_t features; /* bits private to the frontend */
    char model[64];
    gaddr_t vdso_start, vdso_end; /* vdso_clock.h; set when the program has been loaded */
};

struct guest_lifter; /* frontend/block.h */
struct guest_linux;  /* frontend/guest_linux.h */

/* How ELF files of the guest are known. */
struct guest_elf {
    uint16_t machine;   /* EM_* */
    uint8_t bits;       /* EI_CLASS: ELFCLASS32/64 */
    uint8_t byte_order; /* EI_DATA: ELFDATA2LSB/MSB */
};

/* The emulated CPU: which ones there are, and the state of one. */
struct guest_cpu {
    /* Parses a -cpu argument ("rv64", "rv64,zba=false", "max"); NULL: default. False and a message if unknown. */
    bool (*parse)(const char *text, struct guest_config *config, char *message, size_t size);
    /* What -cpu help prints; NULL-terminated. */
    const char *const *models;
    /* Sets up registers for a new process: everything zero but pc and sp. */
    void (*init)(struct cpu *cpu, const struct guest_config *config, gaddr_t entry, gaddr_t sp);
    /* The translation mode that the registers of cpu now call for (RISC-V: rounding mode kind; Arm: Thumb, ...). Called
     * after init, sigreturn, CPU_EXIT_LOOKUP; helpers that change it store cpu->mode themselves. */
    uint32_t (*mode)(const struct cpu *cpu);
    /* IR_TRAP_SETTLE: what the state table keeps in more than one form is brought into the one that the instruction at
     * pc reads (x86: status flags). NULL: the guest's IR never asks. */
    void (*settle)(struct cpu *cpu);
};

/* Floating point. The sticky flags and the rounding mode live partly in cpu->fp_env (src/base/cpu.h I3). */
struct guest_fp {
    /* Before registers are shown to the guest or a debugger: collects cpu->fp_env and fp_flags into the guest's own
     * register fields. */
    void (*to_guest)(struct cpu *cpu);
    void (*from_guest)(struct cpu *cpu); /* the reverse, after they were changed from outside */
    bool traps;                          /* the guest itself may unmask exceptions: SIGFPE is its own */
    bool has_x87; /* the host's x87 unit, if it has one, holds state of the guest's while generated code runs */
};

/* What every consumer needs to translate a guest and to show it. */
struct guest {
    const char *name; /* as in qemu-NAME: "riscv64" */
    struct guest_elf elf;
    gaddr_t address_end;          /* where user addresses end, if that is below the host's; else 0 */
    const struct ir_state *state; /* register table; rows are for IR_GET/IR_PUT, -d cpu, -g */
    struct guest_cpu cpu;
    struct guest_fp fp;
    bool coherent_code; /* what is stored is what the very next instruction fetches, without a fence (x86) */
    bool weak_loads;    /* loads from different addresses may be made in any order, but for fences (RISC-V) */
    const struct guest_lifter *lifter; /* guest code to IR */
    /* Disassembles one instruction into text; returns its length in bytes (at least 1; 0 if avail is too small). */
    unsigned (*disas)(gaddr_t pc, const uint8_t *code, size_t avail, char *text, size_t size);
    const struct guest_linux *abi; /* Linux on this guest */
};

TANDEM_BEGIN_DECLS
/* Every guest built in, NULL-terminated (defined in frontend/guests.c). */
extern const struct guest *const guest_list[];
/* The guest for an ELF header's e_machine, EI_CLASS and EI_DATA; NULL if none. */
const struct guest *guest_find_elf(uint16_t machine, uint8_t elf_class, uint8_t data);
const struct guest *guest_find_name(const char *name);
TANDEM_END_DECLS

static inline bool guest_is32(const struct guest *guest) { return guest->elf.bits == 1; /* ELFCLASS32 */ }
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
