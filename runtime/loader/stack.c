/* SPDX-License-Identifier: Apache-2.0 */
/* Builds the guest's first stack: argc, argv, envp, auxiliary vector, and the strings they point at.
 *
 * How: from the top down, as the kernel lays it out:
 *     8 zero bytes | path of the program | environment strings | argument strings | platform, 16 random bytes |
 *     auxv | 0 | envp | 0 | argv | argc   <- sp
 * Sizes are added up first. So each part is written once, upwards, at its final address.
 *
 * Invariants
 * I1  sp is a multiple of 16.
 * I2  Nothing is written below sp or outside of [stack_start, stack_end), which is mapped. */
#include "runtime/loader/stack.h"

#include <errno.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

#include "runtime/mem/guest_mem.h"
#include "runtime/mem/mem_stack.h"

enum {
    MAX_AUXV = 24,
    RANDOM_BYTES = 16,
    MORE_STACK = 128 << 10,
    LARGEST_STRINGS = 6 << 20, /* of arguments and environment: three quarters of the kernel's usual stack */
    LEAST_STRINGS = 128 << 10,
    MIN_SIGNAL_STACK = 2048,
    AT_FLAGS_NONE = 0,
};

#ifndef AT_MINSIGSTKSZ
#define AT_MINSIGSTKSZ 51
#endif

struct auxv {
    uint64_t pair[MAX_AUXV][2];
    unsigned count;
};

struct strings {
    size_t count, bytes;
};

static void aux_put(struct auxv *v, uint64_t type, uint64_t value)
{
    v->pair[v->count][0] = type;
    v->pair[v->count++][1] = value;
}

static struct strings measure(const char *const *list)
{
    struct strings s = {0, 0};
    for (; list && list[s.count]; s.count++)
        s.bytes += strlen(list[s.count]) + 1;
    return s;
}

/* Writes words of the guest's size, upwards. */
struct writer {
    const struct guest_mem *mem;
    gaddr_t at;
    unsigned size;
};

static void put_word(struct writer *w, uint64_t v)
{
    memcpy(mem_host(w->mem, w->at), &v, w->size); /* little-endian on both sides */
    w->at += w->size;
}

/* Copies the strings to guest address at and writes their addresses, and a final 0. */
static void put_strings(struct writer *w, const char *const *list, size_t count, gaddr_t at)
{
    for (size_t i = 0; i < count; i++) {
        const size_t len = strlen(list[i]) + 1;
        memcpy(mem_host(w->mem, at), list[i], len);
        put_word(w, at);
        at += len;
    }
    put_word(w, 0);
}

/* 16 bytes: from the kernel, or the same for the same seed (splitmix64). */
static void fill_random(uint8_t *bytes, uint64_t seed)
{
    if (seed == 0 && getrandom(bytes, RANDOM_BYTES, GRND_NONBLOCK) == RANDOM_BYTES)
        return;
    for (unsigned i = 0; i < RANDOM_BYTES / sizeof(uint64_t); i++) {
        seed += 0x9e3779b97f4a7c15u;
        uint64_t z = (seed ^ seed >> 30) * 0xbf58476d1ce4e5b9u;
        z = (z ^ z >> 27) * 0x94d049bb133111ebu;
        z ^= z >> 31;
        memcpy(bytes + i * sizeof z, &z, sizeof z);
    }
}

static void fill_auxv(struct auxv *v, const struct loader_target *to, const struct elf_file *file,
                      const struct loader_image *image, gaddr_t execfn, gaddr_t platform, gaddr_t random)
{
    const struct guest *guest = to->guest;
    const uint64_t frame = guest->abi->sigframe.size + guest->abi->sigframe.align;
    const uint64_t hwcap2 = guest->abi->hwcap2 ? guest->abi->hwcap2(to->config) : 0;
    if (image->vdso_code[GUEST_VDSO_SYSCALL])
        aux_put(v, AT_SYSINFO, image->vdso_code[GUEST_VDSO_SYSCALL]);
    if (image->vdso)
        aux_put(v, AT_SYSINFO_EHDR, image->vdso);
    aux_put(v, AT_HWCAP, guest->abi->hwcap ? guest->abi->hwcap(to->config) : 0);
    aux_put(v, AT_PAGESZ, MEM_PAGE_SIZE);
    aux_put(v, AT_CLKTCK, (uint64_t)sysconf(_SC_CLK_TCK));
    aux_put(v, AT_PHDR, image->phdr);
    aux_put(v, AT_PHENT, ELF_SIZE(Phdr, guest_is32(guest)));
    aux_put(v, AT_PHNUM, file->header.e_phnum);
    aux_put(v, AT_BASE, image->interp_base);
    aux_put(v, AT_FLAGS, AT_FLAGS_NONE);
    aux_put(v, AT_ENTRY, image->program_entry);
    aux_put(v, AT_UID, getuid());
    aux_put(v, AT_EUID, geteuid());
    aux_put(v, AT_GID, getgid());
    aux_put(v, AT_EGID, getegid());
    aux_put(v, AT_SECURE, 0);
    aux_put(v, AT_RANDOM, random);
    if (hwcap2)
        aux_put(v, AT_HWCAP2, hwcap2);
    aux_put(v, AT_EXECFN, execfn);
    if (platform)
        aux_put(v, AT_PLATFORM, platform);
    aux_put(v, AT_MINSIGSTKSZ, frame > MIN_SIGNAL_STACK ? frame : MIN_SIGNAL_STACK);
    aux_put(v, AT_NULL, 0);
}

/* Maps room for bytes, and for some more as the kernel does, if the limit allows it. Further down the kernel grows
 * it. */
static enum status map_stack(const struct loader_target *to, const struct loader_request *req, uint64_t bytes,
                             bool executable, struct loader_image *image, const struct loader_message *m)
{
    const uint64_t more = req->stack_size > bytes ? req->stack_size - bytes : 0;
    struct mem_stack want = {.size = ALIGN_UP(bytes, MEM_PAGE_SIZE) +
                                     ALIGN_DOWN(more < MORE_STACK ? more : MORE_STACK, MEM_PAGE_SIZE),
                             .limit = req->stack_size,
                             .prot = PROT_READ | PROT_WRITE | (executable ? PROT_EXEC : 0)};
    uint8_t random[RANDOM_BYTES];
    fill_random(random, req->rand_seed);
    memcpy(&want.seed, random, sizeof want.seed);
    const long at = mem_map_stack(to->mem, &want);
    if (at < 0)
        return loader_fail(m, STATUS_NO_MEMORY, "no room for a stack of %llu bytes", (unsigned long long)want.size);
    image->stack_end = mem_mapped_end(to->mem, (gaddr_t)at);
    image->stack_start = (gaddr_t)at;
    mem_set_label(to->mem, image->stack_start, image->stack_end, "[stack]");
    return STATUS_OK;
}

/* The kernel's limit for strings and the pointers to them: a quarter of the stack's. */
static bool are_too_large(uint64_t bytes, uint64_t stack_limit)
{
    uint64_t most = stack_limit / 4 < LARGEST_STRINGS ? stack_limit / 4 : LARGEST_STRINGS;
    return bytes > (most > LEAST_STRINGS ? most : LEAST_STRINGS);
}

enum status stack_build(const struct loader_target *to, const struct loader_request *req, const struct elf_file *file,
                        bool executable, struct loader_image *image, const struct loader_message *m)
{
    struct guest_mem *mem = to->mem;
    const struct strings argv = measure(req->argv), envp = measure(req->envp);
    const size_t path_len = strlen(image->exec_name) + 1;
    const char *platform = to->guest->abi->platform;
    const size_t platform_len = platform ? strlen(platform) + 1 : 0;
    const uint64_t strings = argv.bytes + envp.bytes + path_len + platform_len + RANDOM_BYTES + 64;
    const uint64_t words = 1 + (argv.count + 1) + (envp.count + 1) + 2 * MAX_AUXV;
    if (are_too_large(argv.bytes + envp.bytes + (argv.count + envp.count) * sizeof(uint64_t), req->stack_size)) {
        errno = E2BIG;
        return loader_fail(m, STATUS_SYSTEM, "%s", strerror(E2BIG));
    }
    enum status status = map_stack(to, req, strings + words * sizeof(uint64_t), executable, image, m);
    if (status != STATUS_OK)
        return status;
    const gaddr_t execfn = image->stack_end - sizeof(uint64_t) - path_len;
    image->env_end = execfn;
    image->env_start = image->arg_end = image->env_end - envp.bytes;
    image->arg_start = image->arg_end - argv.bytes;
    const gaddr_t platform_at = image->arg_start - platform_len;
    const gaddr_t random = ALIGN_DOWN(platform_at - RANDOM_BYTES, 16);

    struct auxv auxv = {.count = 0};
    fill_auxv(&auxv, to, file, image, execfn, platform ? platform_at : 0, random);
    const unsigned word = guest_word_bytes(to->guest);
    const size_t auxv_bytes = auxv.count * 2 * word;
    const size_t vector_bytes = (1 + argv.count + 1 + envp.count + 1) * word + auxv_bytes;
    image->sp = ALIGN_DOWN(random - vector_bytes, 16);

    struct writer w = {mem, image->sp, word};
    put_word(&w, argv.count);
    put_strings(&w, req->argv, argv.count, image->arg_start);
    put_strings(&w, req->envp, envp.count, image->env_start);
    image->auxv = w.at;
    for (unsigned i = 0; i < auxv.count; i++) {
        put_word(&w, auxv.pair[i][0]);
        put_word(&w, auxv.pair[i][1]);
    }
    image->auxv_end = w.at;
    memcpy(mem_host(mem, execfn), image->exec_name, path_len);
    if (platform)
        memcpy(mem_host(mem, platform_at), platform, platform_len);
    fill_random(mem_host(mem, random), req->rand_seed);
    return STATUS_OK;
}
