// SPDX-License-Identifier: Apache-2.0
// Memory for generated code, mapped twice: writable at rw, executable at rx. No page is both.
#ifndef TANDEM_TESTS_HARNESS_CODE_BUFFER_H
#define TANDEM_TESTS_HARNESS_CODE_BUFFER_H

#include <cstddef>
#include <cstdint>

namespace harness
{

class CodeBuffer
{
  public:
    explicit CodeBuffer(size_t size); // a multiple of the page size
    ~CodeBuffer();
    CodeBuffer(const CodeBuffer &) = delete;
    CodeBuffer &operator=(const CodeBuffer &) = delete;
    uint8_t *rw(size_t offset = 0) const { return rw_ + offset; }
    const uint8_t *rx(size_t offset = 0) const { return rx_ + offset; }
    size_t size() const { return size_; }

  private:
    size_t size_;
    uint8_t *rw_, *rx_;
};

} // namespace harness

#endif
