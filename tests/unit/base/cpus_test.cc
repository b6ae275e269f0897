// SPDX-License-Identifier: Apache-2.0
// What of the machine a process may use (src/base/cpus.c): its CPUs, and quotas of control groups.
#include <gtest/gtest.h>
#include <sched.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

extern "C" {
#include "src/base/cpus.h"
}

namespace
{

namespace fs = std::filesystem;

// A tree of control groups in a temporary folder.
struct Groups : ::testing::Test {
    fs::path root;
    void SetUp() override
    {
        char name[] = "/tmp/tandem-cpus-XXXXXX";
        ASSERT_NE(mkdtemp(name), nullptr);
        root = name;
    }
    void TearDown() override { fs::remove_all(root); }
    void Write(const std::string &name, const std::string &text)
    {
        fs::create_directories((root / name).parent_path());
        std::ofstream(root / name) << text << "\n";
    }
    unsigned Percent() { return cpus_percent(root.c_str(), (root / "membership").c_str()); }
};

TEST(Cpus, AreThoseThatTheThreadMayRunOn)
{
    std::thread([] {
        cpu_set_t one, own;
        ASSERT_EQ(sched_getaffinity(0, sizeof own, &own), 0);
        EXPECT_EQ(cpus_allowed(), (unsigned)CPU_COUNT(&own));
        CPU_ZERO(&one);
        for (unsigned i = 0; i < CPU_SETSIZE && !CPU_COUNT(&one); i++)
            if (CPU_ISSET(i, &own))
                CPU_SET(i, &one);
        ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
        EXPECT_EQ(cpus_allowed(), 1u);
        EXPECT_EQ(cpus_percent("/nowhere", "/nowhere"), 100u);
    }).join();
}

TEST_F(Groups, WithoutAQuotaGiveAllCpus)
{
    EXPECT_EQ(Percent(), cpus_allowed() * 100);
    Write("membership", "0::/user/job");
    Write("user/job/cpu.max", "max 100000");
    EXPECT_EQ(Percent(), cpus_allowed() * 100);
}

TEST_F(Groups, OfVersion2LimitThoseBelow)
{
    Write("membership", "1:cpuset:/other\n0::/user/job");
    Write("user/cpu.max", "30000 100000");
    Write("user/job/cpu.max", "80000 100000");
    EXPECT_EQ(Percent(), 30u);
    Write("user/cpu.max", "max 100000");
    EXPECT_EQ(Percent(), 80u);
    Write("user/cpu.max", "100 100000");
    EXPECT_EQ(Percent(), 1u);
}

TEST_F(Groups, OfVersion1HaveTwoFiles)
{
    Write("membership", "4:cpu,cpuacct:/job\n0::/");
    Write("cpu,cpuacct/job/cpu.cfs_quota_us", "25000");
    Write("cpu,cpuacct/job/cpu.cfs_period_us", "50000");
    EXPECT_EQ(Percent(), 50u);
    Write("cpu,cpuacct/job/cpu.cfs_quota_us", "-1");
    EXPECT_EQ(Percent(), cpus_allowed() * 100);
}

} // namespace
