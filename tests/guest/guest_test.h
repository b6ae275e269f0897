/* SPDX-License-Identifier: Apache-2.0 */
/* What the guest programs share: corner values, a line per instruction with a checksum of its results, and checks. */
#ifndef GUEST_TEST_H
#define GUEST_TEST_H

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* Integers at which instructions change their behaviour. */
static const uint64_t corner_integers[] = {
    0,
    1,
    2,
    3,
    7,
    31,
    32,
    63,
    64,
    0x7f,
    0x80,
    0xff,
    0x7fff,
    0x8000,
    0xffff,
    0x12345678,
    0x7fffffff,
    0x80000000,
    0x80000001,
    0xffffffff,
    0x100000000,
    0x0123456789abcdef,
    0xfedcba9876543210,
    0x7fffffffffffffff,
    0x8000000000000000,
    0x8000000000000001,
    0xffffffff00000000,
    0xffffffff7fffffff,
    0xffffffff80000000,
    0xfffffffffffffffe,
    0xffffffffffffffff,
    0x00ff00ff00ff00ff,
    0xaaaaaaaaaaaaaaaa,
};

static const uint64_t corner_doubles[] = {
    0x0000000000000000, 0x8000000000000000, 0x3ff0000000000000, 0xbff0000000000000, 0x3ff0000000000001,
    0x3fe0000000000000, 0x4000000000000000, 0x4008000000000000, 0xc004000000000000, 0x0000000000000001,
    0x800fffffffffffff, 0x0010000000000000, 0x8010000000000000, 0x7fefffffffffffff, 0xffefffffffffffff,
    0x7ff0000000000000, 0xfff0000000000000, 0x7ff8000000000000, 0xfff8000000001234, 0x7ff0000000000001,
    0xfff4000000000000, 0x41dfffffffc00000, 0xc1e0000000000000, 0x43e0000000000000, 0xc3e0000000000001,
    0x43efffffffffffff, 0x3fb999999999999a, 0x36a0000000000000, 0x47efffffe0000000, 0x400921fb54442d18,
};

static const uint32_t corner_floats[] = {
    0x00000000, 0x80000000, 0x3f800000, 0xbf800000, 0x3f800001, 0x3f000000, 0x40000000,
    0x40400000, 0xc0200000, 0x00000001, 0x807fffff, 0x00800000, 0x80800000, 0x7f7fffff,
    0xff7fffff, 0x7f800000, 0xff800000, 0x7fc00000, 0xffc01234, 0x7f800001, 0xffa00000,
    0x4effffff, 0xcf000000, 0x5f000000, 0xdf000001, 0x5f7fffff, 0x3dcccccd, 0x40490fdb,
};

static inline uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 29;
}

static inline uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static inline void print_hash(const char *what, uint64_t hash) { printf("%-14s %016" PRIx64 "\n", what, hash); }

/* Ends the program with a message if ok is false. */
static inline void require(int ok, const char *what)
{
    if (!ok) {
        printf("FAILED: %s\n", what);
        exit(1);
    }
}

/* Makes a directory in $TMPDIR or else /tmp. path: room for its name. */
static inline void make_new_directory(char path[64])
{
    const char *parent = getenv("TMPDIR");
    snprintf(path, 64, "%s/guest-XXXXXX", parent ? parent : "/tmp");
    require(mkdtemp(path) != NULL, "mkdtemp");
}

/* The same, and it becomes the current one. */
static inline void enter_new_directory(char path[64])
{
    make_new_directory(path);
    require(chdir(path) == 0, "chdir");
}

#endif
