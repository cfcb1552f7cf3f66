// SPDX-License-Identifier: MIT
#include "parallel/cores.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <cstring>
#include <string>

#include "parallel/thread_team.h"
#include "support/control_groups.h"

namespace microgpt::cores_test {
namespace {

class ControlGroups : public testing::ControlGroups {
 public:
  std::optional<double> limit_of(const std::string& process_groups) const { return find(control_group_cores, process_groups); }
};

TEST(Cores, NoGroupsAreNoLimit) {
  EXPECT_EQ(control_group_cores("/nowhere/cgroup", "/nowhere"), std::nullopt);
  const ControlGroups groups;
  EXPECT_EQ(groups.limit_of("0::/user\n1:cpu:/user\n"), std::nullopt);
}

TEST(Cores, TheSecondVersionHasQuotaAndPeriodInOneFile) {
  const ControlGroups groups;
  groups.write("a/cpu.max", "max 100000\n");
  EXPECT_EQ(groups.limit_of("0::/a\n"), std::nullopt);
  groups.write("a/cpu.max", "150000 100000\n");
  EXPECT_EQ(groups.limit_of("0::/a\n"), 1.5);
  EXPECT_EQ(groups.limit_of("0::/b\n"), std::nullopt);
  groups.write("a/cpu.max", "150000 0\n");
  EXPECT_EQ(groups.limit_of("0::/a\n"), std::nullopt);
}

TEST(Cores, LimitsOfTheFoldersAboveHold) {
  const ControlGroups groups;
  groups.write("a/b/cpu.max", "800000 100000\n");
  groups.write("a/cpu.max", "40000 10000\n");
  EXPECT_EQ(groups.limit_of("0::/a/b\n"), 4.0);
  groups.write("cpu.max", "50000 100000\n");
  EXPECT_EQ(groups.limit_of("0::/a/b\n"), 0.5);
  EXPECT_EQ(groups.limit_of("0::/not/there\n"), 0.5) << "a container may see its path from outside";
  EXPECT_EQ(groups.limit_of("9:cpu:/a/b\n"), std::nullopt) << "files of the other version";
}

TEST(Cores, TheFirstVersionHasAFolderForTheController) {
  const ControlGroups groups;
  groups.write("cpu/docker/x/cpu.cfs_quota_us", "250000\n");
  groups.write("cpu/docker/x/cpu.cfs_period_us", "100000\n");
  groups.write("cpu/cpu.cfs_quota_us", "-1\n");
  groups.write("cpu/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(groups.limit_of("5:cpu,cpuacct:/docker/x\n0::/\n"), 2.5);
  EXPECT_EQ(groups.limit_of("5:cpu:/docker/x\n"), 2.5);
  EXPECT_EQ(groups.limit_of("5:cpu:/docker\n"), std::nullopt) << "-1 is no limit";
  EXPECT_EQ(groups.limit_of("5:cpuset:/docker/x\n"), std::nullopt);
}

// The mask of this thread is what counts.
TEST(Cores, TheAffinityMaskIsRespected) {
  cpu_set_t before;
  ASSERT_EQ(sched_getaffinity(0, sizeof before, &before), 0);
  EXPECT_GE(usable_cores(), 1U);
  EXPECT_LE(usable_cores(), machine_cores());
  cpu_set_t one;
  CPU_ZERO(&one);
  for (int i = 0; i < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++i)
    if (CPU_ISSET(i, &before)) CPU_SET(i, &one);
  ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
  EXPECT_EQ(usable_cores(), 1U);
  const AffinityMask mask = affinity_mask();
  ASSERT_GE(mask.size() * sizeof mask[0], sizeof one);
  EXPECT_EQ(std::memcmp(mask.data(), &one, sizeof one), 0);
  sched_setaffinity(0, sizeof before, &before);
}

TEST(Cores, MasksOfTheLargestMachinesMayHaveACoreInCommon) {
  constexpr std::size_t kWords = 64;  // 4096 cores
  AffinityMask one(kWords), other(kWords);
  EXPECT_FALSE(share_a_core(one, one));
  one.back() = 6;
  other.back() = 9;
  EXPECT_FALSE(share_a_core(one, other));
  other.back() = 12;
  EXPECT_TRUE(share_a_core(one, other));
}

}  // namespace
}  // namespace microgpt::cores_test
