#include "io/file.h"

#include <gtest/gtest.h>

#include "microgpt/error.h"
#include "support/process.h"

namespace microgpt {
namespace {

using testing::TemporaryFolder;

std::string error_of_reading(const std::string& path) {
  try {
    read_file(path);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(File, ReadsEveryByte) {
  const TemporaryFolder folder;
  std::string content(200000, '\0');
  for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<char>(i % 251);
  EXPECT_EQ(read_file(folder.write("bytes", content)), content);
  EXPECT_EQ(read_file(folder.write("empty", "")), "");
}

TEST(File, ReadsNoMoreThanAskedFor) {
  const TemporaryFolder folder;
  const std::string path = folder.write("file", "four");
  EXPECT_EQ(read_file(path, 4), "four");
  EXPECT_THROW(read_file(path, 3), Error);
  EXPECT_THROW(read_file("/dev/zero", 1'000'000), Error) << "a file without end";
}

TEST(File, SaysWhyItCannotRead) {
  const TemporaryFolder folder;
  EXPECT_EQ(error_of_reading(folder.path("none")), "cannot read " + folder.path("none") + ": No such file or directory");
  EXPECT_EQ(error_of_reading(folder.path("")), "cannot read " + folder.path("") + ": Is a directory");
}

TEST(File, WritesAndEmptiesWhatWasThere) {
  const TemporaryFolder folder;
  const std::string path = folder.write("file", "something longer");
  OutputFile file(path);
  EXPECT_EQ(read_file(path), "") << "a run that fails must leave no older result behind";
  file.write("a\n");
  file.write("b\n");
  file.close();
  EXPECT_EQ(read_file(path), "a\nb\n");
}

TEST(File, SaysWhyItCannotWrite) {
  const TemporaryFolder folder;
  EXPECT_THROW(OutputFile(folder.path("no/such/folder")), Error);
  EXPECT_THROW(OutputFile(folder.path("")), Error);
}

TEST(File, AFullDiskIsAnErrorAndNotALostFile) {
  OutputFile file("/dev/full");
  file.write("a");
  EXPECT_THROW(file.close(), Error);
}

}  // namespace
}  // namespace microgpt
