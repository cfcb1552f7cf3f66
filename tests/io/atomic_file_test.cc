// SPDX-License-Identifier: MIT
#include "io/atomic_file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <string>

#include "microgpt/error.h"
#include "support/process.h"

namespace microgpt::atomic_file_test {
namespace {

using testing::read_text;
using testing::TemporaryFolder;

std::size_t count_files(const TemporaryFolder& folder) {
  const std::filesystem::directory_iterator files(folder.path(""));
  return static_cast<std::size_t>(std::distance(begin(files), end(files)));
}

// While it lives, no file of this process grows beyond `bytes`: a disk that is full.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FullDisk() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int);
};

TEST(AtomicFile, ASymbolicLinkIsFollowed) {
  const testing::TemporaryFolder folder;
  const std::string target = folder.write("target", "old"), link = folder.path("link");
  std::filesystem::create_symlink(target, link);
  write_atomically(link, "new");
  EXPECT_EQ(testing::read_text(target), "new");
  EXPECT_TRUE(std::filesystem::is_symlink(link));
}

TEST(AtomicFile, IsThereOnlyAfterCommit) {
  const TemporaryFolder folder;
  const std::string path = folder.write("file", "before");
  AtomicFile file(path);
  file.write("af");
  file.write("ter");
  EXPECT_EQ(read_text(path), "before");
  file.sync();
  EXPECT_EQ(read_text(path), "before");
  file.commit();
  EXPECT_EQ(read_text(path), "after");
  EXPECT_EQ(count_files(folder), 1U) << "nothing temporary stays";
}

TEST(AtomicFile, LeavesNothingBehindWithoutCommit) {
  const TemporaryFolder folder;
  { AtomicFile(folder.path("file")).write("half"); }
  EXPECT_EQ(count_files(folder), 0U);
}

TEST(AtomicFile, HasThePermissionsOfAnyNewFile) {
  const TemporaryFolder folder;
  AtomicFile(folder.path("atomic")).commit();
  folder.write("plain", "");
  struct stat atomic {};
  struct stat plain {};
  ASSERT_EQ(stat(folder.path("atomic").c_str(), &atomic), 0);
  ASSERT_EQ(stat(folder.path("plain").c_str(), &plain), 0);
  EXPECT_EQ(atomic.st_mode, plain.st_mode);
}

TEST(AtomicFile, TwoWritersDoNotMix) {
  const TemporaryFolder folder;
  AtomicFile first(folder.path("file"));
  AtomicFile second(folder.path("file"));
  first.write("first");
  second.write("2nd");
  second.commit();
  first.commit();
  EXPECT_EQ(read_text(folder.path("file")), "first");
}

TEST(AtomicFile, AFullDiskLeavesWhatWasThere) {
  const TemporaryFolder folder;
  const std::string path = folder.write("file", "before");
  const std::string bytes(5000, 'a');
  {
    const FullDisk full(4096);
    AtomicFile file(path);
    try {
      file.write(bytes);
      FAIL();
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()), "cannot write " + path + ": File too large");
    }
  }
  EXPECT_EQ(read_text(path), "before");
  EXPECT_EQ(count_files(folder), 1U);
}

TEST(AtomicFile, SaysWhyItCannotWrite) {
  const TemporaryFolder folder;
  const std::string path = folder.path("no/such/folder");
  try {
    AtomicFile file(path);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()), "cannot write " + path + ": No such file or directory");
  }
  std::filesystem::create_directory(folder.path("taken"));
  AtomicFile onto_a_folder(folder.path("taken"));
  EXPECT_THROW(onto_a_folder.commit(), Error);
  EXPECT_THROW(sync_folder(folder.path("none")), Error);
}

}  // namespace
}  // namespace microgpt::atomic_file_test
