// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "io/file.h"
#include "microgpt/error.h"
#include "support/process.h"

namespace microgpt::append_test {
namespace {

using testing::read_text;
using testing::TemporaryFolder;

TEST(Append, AddsToWhatIsThere) {
  const TemporaryFolder folder;
  const std::string path = folder.path("file");
  append(path, "one\n", Durability::at_once);
  append(path, "two\n", Durability::when_convenient);
  EXPECT_EQ(read_text(path), "one\ntwo\n");
}

TEST(Append, SaysWhatTheSystemDoesNotTake) {
  const TemporaryFolder folder;
  EXPECT_THROW(append(folder.path("none/file"), "x", Durability::at_once), Error);
  try {
    append("/dev/full", "x", Durability::when_convenient);
    ADD_FAILURE() << "a full disk took it";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "cannot write /dev/full: No space left on device");
  }
}

}  // namespace
}  // namespace microgpt::append_test
