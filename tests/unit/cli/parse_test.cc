// SPDX-License-Identifier: Apache-2.0
// Command line and environment to options (src/cli).
#include <gtest/gtest.h>

#include <string>
#include <vector>

extern "C" {
#include "src/cli/cli.h"
}

namespace
{

struct Cli : ::testing::Test {
    cli c{};
    ~Cli() override { cli_fini(&c); }
    // words[0] is argv[0]
    void Parse(std::vector<const char *> words, std::vector<const char *> env = {}, bool preserve_argv0 = false)
    {
        cli_fini(&c);
        argv_ = std::move(words);
        env_ = std::move(env);
        int argc = static_cast<int>(argv_.size());
        argv_.push_back(nullptr);
        env_.push_back(nullptr);
        cli_parse(&c, argc, const_cast<char **>(argv_.data()), const_cast<char **>(env_.data()), preserve_argv0);
    }
    std::vector<std::string> Guest()
    {
        std::vector<std::string> v;
        for (auto *p = c.guest_argv; p && *p; p++)
            v.push_back(*p);
        return v;
    }
    std::vector<std::string> Environment(std::vector<const char *> host)
    {
        host.push_back(nullptr);
        const char **result = cli_guest_environment(&c.options, const_cast<char **>(host.data()));
        std::vector<std::string> v;
        for (const char **p = result; *p; p++)
            v.push_back(*p);
        free(result);
        return v;
    }
    std::vector<const char *> argv_, env_;
};

using Words = std::vector<std::string>;

TEST_F(Cli, DefaultsAreTheTables)
{
    Parse({"tandem", "prog"});
    ASSERT_EQ(c.action, CLI_RUN) << c.message;
    EXPECT_STREQ(c.program, "prog");
    EXPECT_EQ(Guest(), Words({"prog"}));
    EXPECT_STREQ(c.options.tier, "mixed");
    EXPECT_STREQ(c.options.fp, "exact");
    EXPECT_EQ(c.options.stack_size, 0);
    EXPECT_EQ(c.options.sysroot, nullptr);
    EXPECT_FALSE(c.options.strace);
    EXPECT_EQ(c.guest, nullptr);
}

TEST_F(Cli, EverySpellingOfAnOptionWorks)
{
    Parse({"tandem", "-L", "/root", "--tier=1", "--hot-threshold", "5", "-strace", "--cache-size=1M", "-s", "0x20000",
           "prog", "-L", "x"});
    ASSERT_EQ(c.action, CLI_RUN) << c.message;
    EXPECT_STREQ(c.options.sysroot, "/root");
    EXPECT_STREQ(c.options.tier, "1");
    EXPECT_EQ(c.options.hot_threshold, 5);
    EXPECT_EQ(c.options.cache_size, 1 << 20);
    EXPECT_EQ(c.options.stack_size, 0x20000);
    EXPECT_TRUE(c.options.strace);
    EXPECT_EQ(Guest(), Words({"prog", "-L", "x"})) << "what follows the program is the program's";
}

TEST_F(Cli, ValuesThatMayBeLeftOutNeedAnEqualsSign)
{
    Parse({"tandem", "--stats", "prog"});
    EXPECT_STREQ(c.options.stats, "");
    EXPECT_STREQ(c.program, "prog");
    Parse({"tandem", "--stats=json", "prog"});
    EXPECT_STREQ(c.options.stats, "json");
}

TEST_F(Cli, FlagsCanBeTakenBack)
{
    Parse({"tandem", "--precise=0", "prog"}, {"TANDEM_PRECISE=1"});
    EXPECT_FALSE(c.options.precise);
    Parse({"tandem", "--precise=maybe", "prog"});
    EXPECT_EQ(c.action, CLI_ERROR);
}

TEST_F(Cli, TheCommandLineBeatsTandemsVariablesWhichBeatQemus)
{
    Parse({"tandem", "prog"}, {"TANDEM_LD_PREFIX=/t", "QEMU_LD_PREFIX=/q", "QEMU_STRACE=yes please", "QEMU_TIER=1"});
    ASSERT_EQ(c.action, CLI_RUN) << c.message;
    EXPECT_STREQ(c.options.sysroot, "/t");
    EXPECT_TRUE(c.options.strace);
    EXPECT_STREQ(c.options.tier, "mixed") << "QEMU has no such variable";
    Parse({"tandem", "-L", "/c", "prog"}, {"TANDEM_LD_PREFIX=/t"});
    EXPECT_STREQ(c.options.sysroot, "/c");
    Parse({"tandem", "prog"}, {"TANDEM_HOT_THRESHOLD=many"});
    EXPECT_EQ(c.action, CLI_ERROR);
    EXPECT_STREQ(c.message, "TANDEM_HOT_THRESHOLD: 'many' is not a number");
}

struct Wrong {
    std::vector<const char *> words;
    const char *message;
};
TEST_F(Cli, WrongCommandLinesAreExplained)
{
    const Wrong wrong[] = {
        {{"tandem"}, "no program given (see --help)"},
        {{"tandem", "--nonsense", "p"}, "unknown option --nonsense (see --help)"},
        {{"tandem", "-L"}, "-L: a value is missing"},
        {{"tandem", "--tier=3", "p"}, "--tier=3: '3' is none of interp|1|2|mixed"},
        {{"tandem", "--llvm-level=4", "p"}, "--llvm-level=4: 4 is not in 0-3"},
        {{"tandem", "--inline-calls", "2", "p"}, "--inline-calls: '2' is none of 0|1"},
        {{"tandem", "-s", "12Q", "p"}, "-s: '12Q' is not a number"},
        {{"tandem", "-s", "", "p"}, "-s: '' is not a number"},
        {{"tandem", "-s", "99999999999999999999", "p"}, "-s: '99999999999999999999' is not a number"},
        {{"tandem", "-s", "9000000000G", "p"}, "-s: '9000000000G' is not a number"},
        {{"tandem", "-p", "65536", "p"}, "--page-size: only 4096 is available"},
        {{"tandem", "-g", "1234", "p"}, "-g: not available yet"},
        {{"tandem", "-plugin", "x.so", "p"}, "-plugin: not available yet"},
        {{"tandem", "-E", "A", "p"}, "-E A: NAME=VALUE is expected"},
        {{"tandem", "-U", "A=1", "p"}, "-U A=1: only a NAME is expected"},
        {{"tandem", "--unroll=0", "p"}, "thresholds and limits have to be at least 1"},
        {{"tandem", "--hot-threshold=-1", "p"}, "--hot-threshold: a count, or 0 to go by time"},
        {{"tandem", "--opt-after=-1", "p"}, "--opt-after: a percentage"},
        {{"tandem", "--opt-share=-1", "p"}, "--opt-share: a percentage, or 0 for no limit"},
    };
    for (const Wrong &w : wrong) {
        Parse(w.words);
        EXPECT_EQ(c.action, CLI_ERROR) << w.message;
        EXPECT_STREQ(c.message, w.message);
    }
}

TEST_F(Cli, QuestionsNeedNoProgram)
{
    const std::pair<std::vector<const char *>, cli_action> questions[] = {
        {{"tandem", "--help"}, CLI_HELP},           {{"tandem", "-h"}, CLI_HELP},
        {{"tandem", "-version"}, CLI_VERSION},      {{"tandem", "-d", "help"}, CLI_LOG_HELP},
        {{"tandem", "-cpu", "help"}, CLI_CPU_HELP},
    };
    for (const auto &[words, action] : questions) {
        Parse(words);
        EXPECT_EQ(c.action, action) << words[1];
    }
}

TEST_F(Cli, TheToolsNameChoosesTheGuest)
{
    Parse({"/usr/bin/qemu-riscv64", "prog"});
    ASSERT_NE(c.guest, nullptr);
    EXPECT_STREQ(c.guest->name, "riscv64");
    Parse({"tandem-riscv64", "prog"});
    EXPECT_NE(c.guest, nullptr);
    Parse({"qemu-riscv64-static", "prog"});
    EXPECT_NE(c.guest, nullptr);
    Parse({"/usr/bin/tandem", "prog"});
    EXPECT_EQ(c.guest, nullptr);
    Parse({"qemu-vax", "prog"});
    EXPECT_EQ(c.guest, nullptr);
}

TEST_F(Cli, Argv0CanBeGivenOrPreserved)
{
    Parse({"tandem", "-0", "name", "/bin/prog", "x"});
    EXPECT_EQ(Guest(), Words({"name", "x"}));
    Parse({"qemu-riscv64", "/bin/prog", "name", "x"}, {}, true);
    EXPECT_STREQ(c.program, "/bin/prog");
    EXPECT_EQ(Guest(), Words({"name", "x"}));
    Parse({"tandem", "--", "-odd-name"});
    EXPECT_STREQ(c.program, "-odd-name");
}

TEST_F(Cli, TheGuestsEnvironmentIsChangedAsAsked)
{
    Parse({"tandem", "-E", "A=2", "-E", "N=1", "-U", "B", "-E", "N=3", "prog"}, {"QEMU_SET_ENV=X=1,Y=2"});
    ASSERT_EQ(c.action, CLI_RUN) << c.message;
    EXPECT_EQ(Environment({"A=1", "B=1", "BB=1", "C=1"}), Words({"BB=1", "C=1", "X=1", "Y=2", "A=2", "N=3"}));
    Parse({"tandem", "prog"});
    EXPECT_EQ(Environment({"A=1", "B=1"}), Words({"A=1", "B=1"}));
}

TEST_F(Cli, HelpNamesEveryOption)
{
    char *text = nullptr;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    cli_print_help(f, "tandem");
    cli_print_log_help(f);
    cli_print_cpu_help(f, nullptr);
    fclose(f);
    std::string all = text;
    free(text);
    for (size_t i = 0; i < cli_option_count; i++) {
        EXPECT_NE(all.find(std::string("-") + cli_options[i].long_name), std::string::npos) << cli_options[i].long_name;
        if (cli_options[i].env[0]) {
            EXPECT_NE(all.find(std::string("[TANDEM_") + cli_options[i].env + "]"), std::string::npos)
                << cli_options[i].env;
        }
    }
    EXPECT_NE(all.find("in_asm"), std::string::npos);
}

} // namespace
