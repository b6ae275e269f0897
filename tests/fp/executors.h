// SPDX-License-Identifier: Apache-2.0
// What runs the instructions: the guest program under an emulator, as a process of its own, and the reference
// interpreter in this process.
#ifndef TANDEM_TESTS_FP_EXECUTORS_H
#define TANDEM_TESTS_FP_EXECUTORS_H

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/fp/fp_insn.h"
#include "tests/fp/protocol.h"

// A file in memory that a guest program shares with this process.
class FpShared
{
  public:
    explicit FpShared(size_t size);
    ~FpShared();
    FpShared(const FpShared &) = delete;
    int fd() const { return fd_; }
    uint8_t *data() const { return data_; }

  private:
    int fd_;
    size_t size_;
    uint8_t *data_;
};

// The guest program under one emulator.
class FpWorker
{
  public:
    FpWorker(std::string name, std::vector<std::string> command, const FpShared &operands, size_t results_size);
    ~FpWorker();
    FpWorker(const FpWorker &) = delete;
    const std::string &name() const { return name_; }
    void send(const fp_command &command);
    // Waits until the oldest command that was not waited for is done. False: the process has ended, and why.
    bool wait(std::string *why);
    const uint8_t *results() const { return results_.data(); }
    double cpu_seconds() const; // user and system time of the process until now

  private:
    std::string name_;
    FpShared results_;
    pid_t pid_ = -1;
    int to_ = -1, from_ = -1;
};

// The reference interpreter on the lifted instruction alone; flags are cleared before each case.
class FpInterpreter
{
  public:
    FpInterpreter();
    ~FpInterpreter();
    // False: the instruction trapped.
    bool run(const fp_kernel &kernel, unsigned frm, const uint64_t *operands, unsigned count, uint64_t *values,
             uint8_t *flags);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

#endif
