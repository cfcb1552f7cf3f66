// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <filesystem>

#include "io/folders.h"
#include "microgpt/error.h"
#include "support/process.h"

namespace microgpt::folder_lock_test {
namespace {

TEST(FolderLock, KeepsASecondWriterOutAsLongAsItLives) {
  const testing::TemporaryFolder folder;
  {
    const FolderLock lock(folder.path(""));
    EXPECT_THROW(FolderLock second(folder.path("")), Error);
  }
  EXPECT_NO_THROW(FolderLock again(folder.path("")));
}

TEST(FolderLock, ItsFileStaysWhereItIsKeptOrWasThere) {
  const testing::TemporaryFolder folder;
  const auto is_there = [&] { return std::filesystem::exists(folder.path("lock")); };
  { const FolderLock lock(folder.path("")); }
  EXPECT_FALSE(is_there());
  FolderLock(folder.path("")).keep();
  EXPECT_TRUE(is_there());
  { const FolderLock lock(folder.path("")); }
  EXPECT_TRUE(is_there());
}

TEST(FolderLock, NeedsAFolder) {
  const testing::TemporaryFolder folder;
  EXPECT_THROW(FolderLock lock(folder.path("none")), Error);
}

}  // namespace
}  // namespace microgpt::folder_lock_test
