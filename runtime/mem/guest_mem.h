/* SPDX-License-Identifier: Apache-2.0 */
/* The guest's memory map: which addresses belong to the guest, with which rights, and which pages hold translated code.
 *
 * Guest addresses are host addresses (32-bit guests have the lowest 4 GiB), so the map also keeps the guest away from
 * tandem's own memory: nothing here maps over, unmaps or changes a host page that the guest does not own. Guest code is
 * data for the host: no page gets host PROT_EXEC, and execute-only pages are readable.
 *
 * Ownership: one struct guest_mem a process, made by main, never freed but by tests.
 * Threads: every function may be called from any thread. Functions that return "long" give a result >= 0 or -errno, as
 * the system call of that name does, and take rounded or unrounded arguments as it does. Locks: mem.lock (a read-write
 * lock) is taken and released inside each call and never held while the invalidate hook runs. mem_handle_write_fault
 * takes it in a SIGSEGV handler: correct because code that touches guest memory on the guest's behalf (generated code,
 * ir_interp, copies in system calls) never holds it. mem_generation, mem_code_is_volatile take no lock at all: they may
 * be called with tbs.lock held. */
#ifndef TANDEM_RUNTIME_MEM_GUEST_MEM_H
#define TANDEM_RUNTIME_MEM_GUEST_MEM_H

#include <pthread.h>
#include <sys/mman.h>

#include "src/base/status.h"
#include "src/base/types.h"

struct guest_mem;

enum {
    MEM_PAGE_SIZE = 4096,
    MEM_BEYOND = 64 << 10,     /* bytes behind the end of a 32-bit guest's addresses where nothing is */
    MEM_VOLATILE_FAULTS = 128, /* default of mem_set_fault_limit */
};

/* Called without mem.lock after guest code in [start, end) changed, vanished or lost its execute permission: what was
 * translated from it is void. Generations have already changed when it is called. */
typedef void (*mem_invalidate_fn)(void *arg, gaddr_t start, gaddr_t end);

/* One line of /proc/self/maps. */
struct mem_region {
    gaddr_t start, end;
    int prot;        /* the guest's PROT_* */
    int flags;       /* MAP_SHARED or MAP_PRIVATE, MAP_ANONYMOUS, MAP_GROWSDOWN */
    uint64_t offset; /* in the file */
    uint32_t dev_major, dev_minor;
    uint64_t inode;
    const char *name; /* file, "[stack]", "[heap]", "[vdso]", or ""; valid during the call */
};
/* False ends the walk. */
typedef bool (*mem_visit_fn)(const struct mem_region *region, void *arg);

TANDEM_BEGIN_DECLS
/* arg is handed to invalidate. */
enum status mem_create(struct guest_mem **out, mem_invalidate_fn invalidate, void *arg);
/* Write faults (1 to 65535) after which a code page is no longer protected but checked by content. */
void mem_set_fault_limit(struct guest_mem *mem, unsigned faults);
/* A guest whose addresses end at limit, below the host's: what it does not place itself goes below top, and above only
 * where there is no room left. Before anything is mapped. STATUS_NO_MEMORY: the host process itself has something in
 * that space, first at *in_the_way. */
enum status mem_set_limit(struct guest_mem *mem, gaddr_t limit, gaddr_t top, gaddr_t *in_the_way);
gaddr_t mem_limit(const struct guest_mem *mem);
/* Unmaps everything the guest owns (tests). */
void mem_destroy(struct guest_mem *mem);

/* Host pointer of guest address. The caller checks the range where the guest chose it. */
static inline void *mem_host(const struct guest_mem *mem, gaddr_t addr)
{
    (void)mem;
    return (void *)(uintptr_t)addr;
}

/* ---- system calls (guest values of PROT_* and MAP_*, which all our 64-bit guests share with the host) ---- */
long mem_mmap(struct guest_mem *mem, gaddr_t addr, uint64_t len, int prot, int flags, int fd, uint64_t offset);
long mem_munmap(struct guest_mem *mem, gaddr_t addr, uint64_t len);
long mem_mprotect(struct guest_mem *mem, gaddr_t addr, uint64_t len, int prot);
long mem_mremap(struct guest_mem *mem, gaddr_t old_addr, uint64_t old_len, uint64_t new_len, int flags,
                gaddr_t new_addr);
long mem_madvise(struct guest_mem *mem, gaddr_t addr, uint64_t len, int advice);
long mem_msync(struct guest_mem *mem, gaddr_t addr, uint64_t len, int flags);
/* brk(2): the new or, on failure and for 0, the old break. mem_set_brk says where the heap begins (once, by the
 * loader). */
long mem_brk(struct guest_mem *mem, gaddr_t addr);
void mem_set_brk(struct guest_mem *mem, gaddr_t start);
long mem_shmat(struct guest_mem *mem, int shmid, gaddr_t addr, int shmflg);
long mem_shmdt(struct guest_mem *mem, gaddr_t addr);

/* ---- questions ---- */
/* Is all of [addr, addr+len) the guest's and readable/writable by it? len 0: true. */
bool mem_is_readable(struct guest_mem *mem, gaddr_t addr, uint64_t len);
bool mem_is_writable(struct guest_mem *mem, gaddr_t addr, uint64_t len);
/* Does the guest own any byte of the page at addr (mapped, whatever the rights)? For si_code: MAPERR or ACCERR. */
bool mem_is_mapped(struct guest_mem *mem, gaddr_t addr);
/* The guest's PROT_* bits at addr, or -1. */
int mem_prot_at(struct guest_mem *mem, gaddr_t addr);
/* Each region in address order, as /proc/self/maps shows it (names and offsets are read from the host's). visit runs
 * without any lock. */
void mem_foreach(struct guest_mem *mem, mem_visit_fn visit, void *arg);
/* Gives what lies in [start, end) a name in mem_foreach; name must stay valid. */
void mem_set_label(struct guest_mem *mem, gaddr_t start, gaddr_t end, const char *name);

/* ---- code ---- */
/* Guest code at pc: *code points at it, *avail bytes up to the end of the executable mapping or 4096 bytes, whichever
 * is less. False: not executable. The bytes may change under the reader: compare generations. */
bool mem_fetch(struct guest_mem *mem, gaddr_t pc, const uint8_t **code, size_t *avail);
/* Pages of [start, end) now hold translated code: write-protects those that the guest can write. Returns the
 * generation of the range (a number that changes with every call of invalidate for one of its pages). */
uint64_t mem_protect_code(struct guest_mem *mem, gaddr_t start, gaddr_t end);
uint64_t mem_generation(struct guest_mem *mem, gaddr_t start, gaddr_t end);
/* True if the guest writes code on this page all the time: it is not protected; blocks there check their bytes on
 * entry. */
bool mem_code_is_volatile(struct guest_mem *mem, gaddr_t pc);
/* From the SIGSEGV handler: was it a guest write to a page that only we protect? Then the page is made writable, its
 * translations are invalidated, and the access can be made again. Async-signal-safe with respect to guest code. */
bool mem_handle_write_fault(struct guest_mem *mem, gaddr_t addr);
/* Code on the page of addr has written to this page: mem_code_writes_itself. */
void mem_note_self_write(struct guest_mem *mem, gaddr_t addr);
bool mem_code_writes_itself(struct guest_mem *mem, gaddr_t pc);
/* Has the guest itself the right to write at pc? */
bool mem_code_is_writable(struct guest_mem *mem, gaddr_t pc);

/* Before the kernel writes [addr, addr+len) in a system call: makes writable what only we protect, as a guest write
 * would have done through mem_handle_write_fault. True if something was protected. One atomic load when no page is
 * protected. Another thread may translate code there again before the kernel writes: on EFAULT, call again and retry
 * while true. */
bool mem_prepare_write(struct guest_mem *mem, gaddr_t addr, uint64_t len);
/* Guest code in [start, end) may have changed behind our back (writes by another process, ptrace): new generation,
 * translations dropped. Not needed for fence.i or flush_icache: writes by the guest itself are always seen. */
void mem_code_changed(struct guest_mem *mem, gaddr_t start, gaddr_t end);

/* ---- fork: before, in the parent after, in the child after ---- */
void mem_fork_prepare(struct guest_mem *mem);
void mem_fork_parent(struct guest_mem *mem);
void mem_fork_child(struct guest_mem *mem);
TANDEM_END_DECLS

#endif
