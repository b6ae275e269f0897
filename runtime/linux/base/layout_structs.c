/* SPDX-License-Identifier: Apache-2.0 */
/* Structures of 32-bit guests that a list of fields cannot describe: see layouts.def, LAYOUT_FN. */
#include "runtime/linux/base/layout_structs.h"

#include <assert.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>

/* ---- siginfo: a union whose member the signal and si_code tell (kernel/signal.c, siginfo_layout) ---- */

enum member { KILL, TIMER, POLL, FAULT, CHLD, RT, SYS };

static enum member member_of(int signo, int code)
{
    if (code > SI_USER && code < SI_KERNEL) {
        switch (signo) {
        case SIGILL:
        case SIGFPE:
        case SIGSEGV:
        case SIGBUS:
        case SIGTRAP:
            return FAULT;
        case SIGCHLD:
            return CHLD;
        case SIGPOLL:
            return POLL;
        case SIGSYS:
            return SYS;
        default:
            return code <= POLL_HUP ? POLL : KILL; /* F_SETSIG */
        }
    }
    return code == SI_TIMER ? TIMER : code == SI_SIGIO ? POLL : code < 0 ? RT : KILL;
}

/* Words of the guest's union and where the host has them: { guest offset, host offset, host bytes }; the end: 0. */
struct part {
    uint8_t guest, host, bytes;
};
static const struct part parts[][6] = {
    [KILL] = {{12, 16, 4}, {16, 20, 4}},                                        /* pid, uid */
    [TIMER] = {{12, 16, 4}, {16, 20, 4}, {20, 24, 8}},                          /* timer, overrun, value */
    [POLL] = {{12, 16, 8}, {16, 24, 4}},                                        /* band, fd */
    [FAULT] = {{12, 16, 8}, {16, 24, 4}, {20, 32, 8}, {24, 40, 8}},             /* address, its bits, bounds */
    [CHLD] = {{12, 16, 4}, {16, 20, 4}, {20, 24, 4}, {24, 32, 8}, {28, 40, 8}}, /* pid, uid, status, times */
    [RT] = {{12, 16, 4}, {16, 20, 4}, {20, 24, 8}},                             /* pid, uid, value */
    [SYS] = {{12, 16, 8}, {16, 24, 4}, {20, 28, 4}},                            /* address, number, architecture */
};
enum { SIGINFO_HEAD = 12 };

static int32_t word_at(const void *p, size_t at)
{
    int32_t v;
    memcpy(&v, (const char *)p + at, sizeof v);
    return v;
}

bool put_siginfo(void *guest, const void *host, bool wide)
{
    memset(guest, 0, 128);
    memcpy(guest, host, SIGINFO_HEAD);
    for (const struct part *p = parts[member_of(word_at(host, 0), word_at(host, 8))]; p->guest; p++)
        memcpy((char *)guest + p->guest, (const char *)host + p->host, 4);
    return true;
}

void get_siginfo(void *host, const void *guest, bool wide)
{
    memcpy(host, guest, SIGINFO_HEAD);
    for (const struct part *p = parts[member_of(word_at(guest, 0), word_at(guest, 8))]; p->guest; p++)
        memcpy((char *)host + p->host, (const char *)guest + p->guest, 4);
}

/* ---- sysinfo: sizes in larger units if they do not fit ---- */

struct sysinfo32 {
    int32_t uptime;
    uint32_t loads[3], ram[6]; /* total, free, shared, buffers; swap: total, free */
    uint16_t procs, pad;
    uint32_t totalhigh, freehigh, unit;
    uint8_t rest[8];
};
static_assert(sizeof(struct sysinfo32) == 64, "struct sysinfo");

bool put_sysinfo(void *guest, const void *host, bool wide)
{
    const struct sysinfo *h = host;
    struct sysinfo32 g = {.uptime = (int32_t)h->uptime, .procs = h->procs, .unit = h->mem_unit};
    const unsigned long ram[6] = {h->totalram, h->freeram, h->sharedram, h->bufferram, h->totalswap, h->freeswap};
    unsigned shift = 0;
    while (shift < 12 && ((ram[0] >> shift) > UINT32_MAX || (ram[4] >> shift) > UINT32_MAX))
        shift++;
    shift = shift ? 12 : 0; /* as the kernel does: pages */
    for (unsigned i = 0; i < 3; i++)
        g.loads[i] = (uint32_t)h->loads[i];
    for (unsigned i = 0; i < 6; i++)
        g.ram[i] = (uint32_t)(ram[i] >> shift);
    g.totalhigh = (uint32_t)(h->totalhigh >> shift);
    g.freehigh = (uint32_t)(h->freehigh >> shift);
    g.unit <<= shift;
    memcpy(guest, &g, sizeof g);
    return true;
}

void get_sysinfo(void *host, const void *guest, bool wide) {} /* nothing reads one */

/* ---- stat ---- */

struct stat32 { /* i386's and Arm's struct stat */
    uint32_t dev, ino;
    uint16_t mode, nlink, uid, gid;
    uint32_t rdev, size, blksize, blocks;
    uint32_t atime, atime_nsec, mtime, mtime_nsec, ctime, ctime_nsec, unused[2];
};
static_assert(sizeof(struct stat32) == 64, "struct stat");

struct stat64_i386 {
    uint64_t dev;
    uint32_t pad1, ino_low, mode, nlink, uid, gid;
    uint64_t rdev;
    uint32_t pad2;
    uint64_t size;
    uint32_t blksize;
    uint64_t blocks;
    uint32_t atime, atime_nsec, mtime, mtime_nsec, ctime, ctime_nsec;
    uint64_t ino;
} __attribute__((packed));
static_assert(sizeof(struct stat64_i386) == 96, "struct stat64");

struct stat_old {
    uint16_t dev, ino, mode, nlink, uid, gid, rdev, pad;
    uint32_t size, atime, mtime, ctime;
};
static_assert(sizeof(struct stat_old) == 32, "struct __old_kernel_stat");

static uint16_t id16(uint32_t id) { return id > UINT16_MAX ? 65534 : (uint16_t)id; }

static void put_wide(void *guest, const struct stat *h)
{
    const struct stat64_i386 g = {
        .dev = h->st_dev,
        .ino_low = (uint32_t)h->st_ino,
        .mode = h->st_mode,
        .nlink = (uint32_t)h->st_nlink,
        .uid = h->st_uid,
        .gid = h->st_gid,
        .rdev = h->st_rdev,
        .size = (uint64_t)h->st_size,
        .blksize = (uint32_t)h->st_blksize,
        .blocks = (uint64_t)h->st_blocks,
        .atime = (uint32_t)h->st_atim.tv_sec,
        .atime_nsec = (uint32_t)h->st_atim.tv_nsec,
        .mtime = (uint32_t)h->st_mtim.tv_sec,
        .mtime_nsec = (uint32_t)h->st_mtim.tv_nsec,
        .ctime = (uint32_t)h->st_ctim.tv_sec,
        .ctime_nsec = (uint32_t)h->st_ctim.tv_nsec,
        .ino = h->st_ino,
    };
    memcpy(guest, &g, sizeof g);
}

bool put_stat(void *guest, const void *host, bool wide)
{
    const struct stat *h = host;
    if (wide) {
        put_wide(guest, h);
        return true;
    }
    const struct stat32 g = {
        .dev = (uint32_t)h->st_dev,
        .ino = (uint32_t)h->st_ino,
        .mode = (uint16_t)h->st_mode,
        .nlink = (uint16_t)h->st_nlink,
        .uid = id16(h->st_uid),
        .gid = id16(h->st_gid),
        .rdev = (uint32_t)h->st_rdev,
        .size = (uint32_t)h->st_size,
        .blksize = (uint32_t)h->st_blksize,
        .blocks = (uint32_t)h->st_blocks,
        .atime = (uint32_t)h->st_atim.tv_sec,
        .atime_nsec = (uint32_t)h->st_atim.tv_nsec,
        .mtime = (uint32_t)h->st_mtim.tv_sec,
        .mtime_nsec = (uint32_t)h->st_mtim.tv_nsec,
        .ctime = (uint32_t)h->st_ctim.tv_sec,
        .ctime_nsec = (uint32_t)h->st_ctim.tv_nsec,
    };
    memcpy(guest, &g, sizeof g);
    return h->st_size <= INT32_MAX && h->st_ino <= UINT32_MAX && h->st_nlink <= UINT16_MAX;
}

void get_stat(void *host, const void *guest, bool wide) {} /* nothing reads one */

bool put_stat_old(void *guest, const void *host, bool wide)
{
    const struct stat *h = host;
    const struct stat_old g = {
        .dev = (uint16_t)h->st_dev,
        .ino = (uint16_t)h->st_ino,
        .mode = (uint16_t)h->st_mode,
        .nlink = (uint16_t)h->st_nlink,
        .uid = id16(h->st_uid),
        .gid = id16(h->st_gid),
        .rdev = (uint16_t)h->st_rdev,
        .size = (uint32_t)h->st_size,
        .atime = (uint32_t)h->st_atim.tv_sec,
        .mtime = (uint32_t)h->st_mtim.tv_sec,
        .ctime = (uint32_t)h->st_ctim.tv_sec,
    };
    memcpy(guest, &g, sizeof g);
    return h->st_size <= INT32_MAX && h->st_ino <= UINT16_MAX && h->st_nlink <= UINT16_MAX;
}

void get_stat_old(void *host, const void *guest, bool wide) {}
