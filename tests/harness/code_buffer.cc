// SPDX-License-Identifier: Apache-2.0
// Two mappings of one memory file.
#include "tests/harness/code_buffer.h"

#include <cstdio>
#include <cstdlib>
#include <sys/mman.h>
#include <unistd.h>

namespace harness
{

namespace
{
uint8_t *map(int fd, size_t size, int prot)
{
    void *at = mmap(nullptr, size, prot, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED) {
        perror("memory for generated code");
        abort();
    }
    return static_cast<uint8_t *>(at);
}
} // namespace

CodeBuffer::CodeBuffer(size_t size) : size_(size)
{
    int fd = memfd_create("code", MFD_CLOEXEC);
    if (fd < 0 || ftruncate(fd, static_cast<off_t>(size))) {
        perror("memory for generated code");
        abort();
    }
    rw_ = map(fd, size, PROT_READ | PROT_WRITE);
    rx_ = map(fd, size, PROT_READ | PROT_EXEC);
    close(fd);
}

CodeBuffer::~CodeBuffer()
{
    munmap(rw_, size_);
    munmap(rx_, size_);
}

} // namespace harness
