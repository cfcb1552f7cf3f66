// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <latch>
#include <string>
#include <thread>
#include <vector>

#include "io/resource_limits.h"
#include "support/control_groups.h"

namespace microgpt::memory_test {
namespace {

class ControlGroups : public testing::ControlGroups {
 public:
  std::optional<std::uint64_t> limit_of(const std::string& process_groups) const {
    return find(control_group_memory, process_groups);
  }
};

TEST(Memory, NoGroupsAreNoLimit) {
  EXPECT_EQ(control_group_memory("/nowhere/cgroup", "/nowhere"), std::nullopt);
  const ControlGroups groups;
  EXPECT_EQ(groups.limit_of("0::/user\n1:cpu:/user\n"), std::nullopt);
  EXPECT_EQ(groups.limit_of("no line of this kind\n:\n"), std::nullopt);
}

TEST(Memory, TheSecondVersionSaysMaxWhereThereIsNoLimit) {
  const ControlGroups groups;
  groups.write("a/memory.max", "max\n");
  EXPECT_EQ(groups.limit_of("0::/a\n"), std::nullopt);
  groups.write("a/memory.max", "4096000\n");
  EXPECT_EQ(groups.limit_of("0::/a\n"), 4096000U);
  EXPECT_EQ(groups.limit_of("0::/b\n"), std::nullopt);
}

TEST(Memory, LimitsOfTheFoldersAboveHold) {
  const ControlGroups groups;
  groups.write("a/b/c/memory.max", "3000\n");
  groups.write("a/memory.max", "2000\n");
  EXPECT_EQ(groups.limit_of("0::/a/b/c\n"), 2000U);
  groups.write("memory.max", "1000\n");
  EXPECT_EQ(groups.limit_of("0::/a/b/c\n"), 1000U);
  EXPECT_EQ(groups.limit_of("0::/\n"), 1000U) << "a container sees its own folder as the root";
  EXPECT_EQ(groups.limit_of("0::/not/there\n"), 1000U) << "or its path from outside";
}

TEST(Memory, TheFirstVersionHasAFolderForEachController) {
  const ControlGroups groups;
  groups.write("memory/docker/x/memory.limit_in_bytes", "2147483648\n");
  groups.write("memory/memory.limit_in_bytes", "9223372036854771712\n");
  EXPECT_EQ(groups.limit_of("5:cpu:/y\n4:memory:/docker/x\n0::/\n"), 2147483648U);
  EXPECT_EQ(groups.limit_of("4:hugetlb,memory:/docker/x\n"), 2147483648U);
  EXPECT_EQ(groups.limit_of("4:memory:/y\n"), std::nullopt) << "the largest number of pages is no limit";
  EXPECT_EQ(groups.limit_of("4:memoryless:/docker/x\n"), std::nullopt);
}

TEST(Memory, WhatIsUsableIsTheLesser) {
  EXPECT_GT(usable_memory(), 0U);
  EXPECT_LE(usable_memory(), physical_memory());
  EXPECT_LE(usable_memory(), control_group_memory().value_or(physical_memory()));
}

// Where another allocator stands in for the C library's, as under AddressSanitizer, the first call finds that one not yet set
// up.
TEST(Memory, IsReturnedByAllThreadsAtOnce) {
  std::latch begin(8);
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&begin] {
      begin.arrive_and_wait();
      return_freed_memory();
    });
  for (std::thread& thread : threads) thread.join();
}

TEST(Memory, IsDescribedInTheUnitThatFits) {
  EXPECT_EQ(describe_memory(0), "0 bytes");
  EXPECT_EQ(describe_memory(1023), "1023 bytes");
  EXPECT_EQ(describe_memory(1024), "1.0 KiB");
  EXPECT_EQ(describe_memory(1.5 * 0x1p30), "1.5 GiB");
  EXPECT_EQ(describe_memory(0x1p64), "16.0 EiB");
}

}  // namespace
}  // namespace microgpt::memory_test
