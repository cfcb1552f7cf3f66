// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <string>

#include "io/file.h"
#include "microgpt/error.h"
#include "support/process.h"

namespace microgpt::input_stream_test {
namespace {

TEST(InputStream, ReadsAFileToItsEnd) {
  const testing::TemporaryFolder folder;
  std::string content;
  for (int i = 0; i < 1000; ++i) content += std::to_string(i) + '\n';
  InputStream input(folder.write("file", content));
  EXPECT_EQ(input.name(), folder.path("file"));
  std::string all;
  std::array<char, 100> buffer;
  while (const std::size_t count = input.read(buffer)) {
    EXPECT_TRUE(input.wait(std::chrono::milliseconds(0)));
    all.append(buffer.data(), count);
  }
  EXPECT_EQ(all, content);
}

TEST(InputStream, SaysWhyItCannotRead) {
  const testing::TemporaryFolder folder;
  const auto complaint = [](const std::string& path) {
    try {
      const InputStream input(path);
      return std::string("none");
    } catch (const Error& error) {
      return std::string(error.what());
    }
  };
  EXPECT_EQ(complaint(folder.path("none")), "cannot read " + folder.path("none") + ": No such file or directory");
  EXPECT_EQ(complaint(folder.path("")), "cannot read " + folder.path("") + ": Is a directory");
}

}  // namespace
}  // namespace microgpt::input_stream_test
