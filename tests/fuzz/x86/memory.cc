// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/x86/memory.h"

#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace x86fuzz
{

namespace
{

void map_at(uint64_t at, size_t size, int prot)
{
    void *p = mmap(reinterpret_cast<void *>(at), size, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (p != reinterpret_cast<void *>(at)) {
        perror("the fuzzer's memory");
        exit(1);
    }
}

} // namespace

void map_memory()
{
    map_at(kData - kPage, kDataSize + 2 * kPage, PROT_NONE);
    mprotect(reinterpret_cast<void *>(kData), kDataSize, PROT_READ | PROT_WRITE);
    map_at(kCode, kPage, PROT_READ | PROT_WRITE | PROT_EXEC);
}

void set_data(const state &s)
{
    memset(reinterpret_cast<void *>(kData), 0, kDataSize);
    memcpy(reinterpret_cast<void *>(kWindowAt), s.window, kWindow);
}

void get_data(state *s) { memcpy(s->window, reinterpret_cast<void *>(kWindowAt), kWindow); }

} // namespace x86fuzz
