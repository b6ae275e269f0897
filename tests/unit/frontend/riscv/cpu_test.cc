// SPDX-License-Identifier: Apache-2.0
// CPU models, hwcap, hwprobe, FP state and signal frames of riscv64.
#include <cstring>
#include <elf.h>
#include <gtest/gtest.h>
#include <memory>
#include <vector>

#include "frontend/guest_linux.h"
#include "frontend/riscv/rv_cpu.h"
#include "frontend/riscv/rv_state.h"
#include "src/ir/state.h"

namespace
{

const struct guest *rv() { return guest_find_name("riscv64"); }

struct guest_config config_of(const char *text)
{
    struct guest_config config;
    char message[128] = "";
    EXPECT_TRUE(rv()->cpu.parse(text, &config, message, sizeof message)) << message;
    return config;
}

uint64_t bit(char letter) { return UINT64_C(1) << (letter - 'A'); }

template <class T> T read_at(const std::vector<uint8_t> &buf, size_t offset)
{
    T v;
    memcpy(&v, buf.data() + offset, sizeof v);
    return v;
}

} // namespace

TEST(guests, are_found_by_name_and_by_elf_header)
{
    ASSERT_NE(rv(), nullptr);
    EXPECT_EQ(guest_find_elf(EM_RISCV, ELFCLASS64, ELFDATA2LSB), rv());
    EXPECT_EQ(guest_find_elf(EM_RISCV, ELFCLASS32, ELFDATA2LSB), nullptr);
    EXPECT_EQ(guest_find_name("vax"), nullptr);
}

TEST(rv_state_table, has_names_and_pins_distinct_registers)
{
    const struct ir_state *state = rv()->state;
    EXPECT_STREQ(state->rows[rv()->abi->row_sp].name, "sp");
    EXPECT_STREQ(state->rows[rv()->abi->row_tls].name, "tp");
    EXPECT_STREQ(state->rows[rv()->abi->call.number].name, "a7");
    EXPECT_GE(state->pinned_gpr_count, CPU_PINNED_GPRS);
    EXPECT_GE(state->pinned_fpr_count, CPU_PINNED_FPRS);
    for (unsigned n = 0; n < state->pinned_gpr_count; n++) {
        EXPECT_EQ(state->rows[state->pinned_gpr[n]].type, IR_I64);
        for (unsigned k = 0; k < n; k++)
            EXPECT_NE(state->pinned_gpr[n], state->pinned_gpr[k]);
    }
    for (unsigned n = 0; n < state->pinned_fpr_count; n++)
        EXPECT_EQ(state->rows[state->pinned_fpr[n]].type, IR_F64);
}

TEST(rv_parse_cpu, takes_models_and_properties)
{
    EXPECT_STREQ(config_of(nullptr).model, "rv64");
    EXPECT_NE(config_of("rv64").features, config_of("rv64,zba=false").features);
    EXPECT_EQ(config_of("rv64,zba=off,zba=on").features, config_of("max").features);
    for (const char *const *m = rv()->cpu.models; *m; m++)
        config_of(*m);
}

TEST(rv_parse_cpu, rejects_what_it_does_not_know)
{
    struct guest_config config;
    char message[128];
    for (const char *text : {"", "rv128", "rv64,", "rv64,v=true", "rv64,zba", "rv64,zba=maybe", "rv64,f=false",
                             "rv64,i=false", "rv64gc"}) {
        message[0] = 0;
        EXPECT_FALSE(rv()->cpu.parse(text, &config, message, sizeof message)) << text;
        EXPECT_NE(message[0], 0) << text;
    }
}

TEST(rv_hwcap, tells_what_the_decoder_takes)
{
    struct guest_config config = config_of("rv64");
    EXPECT_EQ(rv()->abi->hwcap(&config), bit('I') | bit('M') | bit('A') | bit('F') | bit('D') | bit('C'));
    config = config_of("rv64,c=false");
    EXPECT_EQ(rv()->abi->hwcap(&config) & bit('C'), 0u);
}

TEST(rv_hwprobe, answers_known_keys_only)
{
    struct guest_config config = config_of("rv64,zbb=false");
    bool known;
    EXPECT_EQ(rv_hwprobe(&config, 3, &known), 1u);
    EXPECT_TRUE(known);
    uint64_t ext = rv_hwprobe(&config, 4, &known);
    EXPECT_TRUE(ext & 1 << 0 && ext & 1 << 1 && ext & 1 << 3 && ext & 1 << 5);
    EXPECT_FALSE(ext & 1 << 4);
    EXPECT_FALSE(ext & 1 << 2); // no vectors
    rv_hwprobe(&config, 1000, &known);
    EXPECT_FALSE(known);
    rv_hwprobe(&config, -1, &known);
    EXPECT_FALSE(known);
}

// Offsets of the kernel's struct rt_sigframe: siginfo 0, ucontext 128 (flags, link, stack 16, sigmask 40, mcontext
// 176).
TEST(rv_sigframe, has_the_kernels_layout_and_comes_back)
{
    enum {
        UC = 128,
        STACK = UC + 16,
        SIGMASK = UC + 40,
        MCONTEXT = UC + 176,
        FPREGS = MCONTEXT + 256,
        FCSR = FPREGS + 256
    };
    auto cpu = std::make_unique<struct cpu>();
    struct guest_config config = config_of("rv64");
    rv()->cpu.init(cpu.get(), &config, 0x1000, 0x8000);
    struct rv_state *state = rv_state_of(cpu.get());
    for (unsigned n = 1; n < 32; n++)
        guest_set(cpu.get(), rv(), rv_row_x(n), 0x100 + n);
    for (unsigned n = 0; n < 32; n++)
        guest_set(cpu.get(), rv(), rv_row_f(n), 0x200 + n);
    state->frm = 3;
    state->fflags = 0x11;
    rv()->fp.from_guest(cpu.get());
    cpu->fp_env |= 1 << 5; // an inexact result since

    uint8_t siginfo[128];
    memset(siginfo, 0x5a, sizeof siginfo);
    struct guest_signal sig = {};
    sig.signo = 11;
    sig.handler = 0x4444;
    sig.mask = 0xabcdef;
    sig.siginfo = siginfo;
    sig.altstack_sp = 0x9000;
    sig.altstack_size = 0x4000;
    sig.altstack_flags = 2;
    sig.trampoline = 0x7000;
    std::vector<uint8_t> buf(rv()->abi->sigframe.size);
    ASSERT_EQ(buf.size(), 1088u);
    rv()->abi->sigframe.fill(cpu.get(), &sig, 0x6000, buf.data());
    EXPECT_EQ(buf[127], 0x5a);
    EXPECT_EQ(read_at<uint64_t>(buf, STACK), 0x9000u);
    EXPECT_EQ(read_at<uint32_t>(buf, STACK + 8), 2u);
    EXPECT_EQ(read_at<uint64_t>(buf, STACK + 16), 0x4000u);
    EXPECT_EQ(read_at<uint64_t>(buf, SIGMASK), 0xabcdefu);
    EXPECT_EQ(read_at<uint64_t>(buf, MCONTEXT), 0x1000u);
    EXPECT_EQ(read_at<uint64_t>(buf, MCONTEXT + 8 * 31), 0x11fu);
    EXPECT_EQ(read_at<uint64_t>(buf, FPREGS + 8 * 31), 0x21fu);
    EXPECT_EQ(read_at<uint32_t>(buf, FCSR), 3u << 5 | 0x11);

    rv()->abi->sigframe.enter(cpu.get(), &sig, 0x6000);
    EXPECT_EQ(cpu->pc, 0x4444u);
    EXPECT_EQ(state->x1, 0x7000u);
    EXPECT_EQ(state->x2, 0x6000u);
    EXPECT_EQ(state->x10, 11u);
    EXPECT_EQ(state->x11, 0x6000u);
    EXPECT_EQ(state->x12, 0x6080u);

    struct guest_sigreturn back;
    rv()->cpu.init(cpu.get(), &config, 0, 0);
    ASSERT_TRUE(rv()->abi->sigframe.rt.restore(cpu.get(), buf.data(), &back));
    EXPECT_EQ(back.mask, 0xabcdefu);
    EXPECT_EQ(back.altstack_size, 0x4000u);
    EXPECT_EQ(cpu->pc, 0x1000u);
    EXPECT_EQ(state->x31, 0x11fu);
    EXPECT_EQ(state->f31, 0x21fu);
    EXPECT_EQ(state->frm, 3u);
    rv()->fp.to_guest(cpu.get());
    EXPECT_EQ(state->fflags, 0x11u);
    EXPECT_EQ(cpu->fp_env >> 13 & 3, 2u);

    buf[FPREGS + 516] = 1; // reserved: must be zero
    EXPECT_FALSE(rv()->abi->sigframe.rt.restore(cpu.get(), buf.data(), &back));
}
