// SPDX-License-Identifier: MIT
#include "io/file.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "microgpt/error.h"
#include "support/process.h"

namespace microgpt::file_test {
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

std::string error_of_corpus(const std::string& path, const CorpusFormat& format, std::uint64_t memory) {
  try {
    read_corpus(path, format, memory);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(File, RefusesByItsSizeWhatDoesNotFitInMemory) {
  const TemporaryFolder folder;
  const std::string path = folder.write("file", "abcdefg\n");
  const CorpusFormat text{.kind = CorpusKind::text};
  EXPECT_EQ(error_of_corpus(path, text, 48), "no error");
  EXPECT_EQ(error_of_corpus(path, text, 47),
            "cannot read " + path +
                ": it has 8 bytes, more than 7 bytes, the most for which there is memory (47 bytes, and a corpus takes 6 bytes "
                "for each of its own); take a part of it");
  const std::string huge = folder.write("huge", "");
  std::filesystem::resize_file(huge, std::uintmax_t{1} << 42);
  EXPECT_TRUE(error_of_corpus(huge, text, 1 << 20).starts_with("cannot read " + huge + ": it has 4398046511104 bytes, more"));
  EXPECT_EQ(error_of_corpus("/dev/zero", text, 1 << 20),
            "cannot read /dev/zero: it has more than 174762 bytes, the most for which there is memory (1.0 MiB, and a corpus "
            "takes 6 bytes for each of its own); take a part of it")
      << "where the size is not known before";
}

TEST(File, LinesTakeMemoryToo) {
  const TemporaryFolder folder;
  const std::string path = folder.write("file", "a\nb\r\n");
  EXPECT_EQ(error_of_corpus(path, {}, 6 * 5 + 4 * 32), "no error");
  EXPECT_EQ(error_of_corpus(path, {}, 6 * 5 + 4 * 32 - 1), "cannot read " + path +
                                                               ": its 5 bytes in 4 lines take 158 bytes of memory, and there "
                                                               "are 157 bytes; take a part of it");
  EXPECT_EQ(error_of_corpus(path, {.kind = CorpusKind::text}, 30), "no error") << "a running text is one document";
}

TEST(File, ReadsACorpusInItsFormat) {
  const TemporaryFolder folder;
  const std::string path = folder.write("file", "\xFF\r\na\n");
  EXPECT_EQ(read_corpus(path, {.encoding = Encoding::bytes}).size(), 2U);
  EXPECT_EQ(read_corpus(path, {.kind = CorpusKind::text, .encoding = Encoding::bytes})[0], "\xFF\na\n");
  EXPECT_THROW(read_corpus(path), Error);
  EXPECT_EQ(read_corpus(folder.write("mark", "\ufeffa"), {.byte_order_mark = ByteOrderMark::keep})[0], "\ufeffa");
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
}  // namespace microgpt::file_test
