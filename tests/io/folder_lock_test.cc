// SPDX-License-Identifier: MIT
#include "io/folder_lock.h"

#include <gtest/gtest.h>

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

TEST(FolderLock, NeedsAFolder) {
  const testing::TemporaryFolder folder;
  EXPECT_THROW(FolderLock lock(folder.path("none")), Error);
}

}  // namespace
}  // namespace microgpt::folder_lock_test
