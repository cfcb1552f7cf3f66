// SPDX-License-Identifier: MIT
#include "training/run_log.h"

#include <gtest/gtest.h>

#include <fstream>

#include "microgpt/error.h"
#include "support/process.h"

namespace microgpt::run_log_test {
namespace {

using testing::read_text;
using testing::TemporaryFolder;

LogEntry entry_of(std::size_t step) {
  LogEntry entry;
  entry.step = step;
  entry.training_loss = 1.0 / 3.0;
  entry.learning_rate = 0.01;
  entry.seconds = 0.5;
  return entry;
}

TEST(LogLine, HasAllFieldsAndReadsBack) {
  const std::string line = log_line(entry_of(7));
  EXPECT_EQ(line, R"({"step":7,"train_loss":0.3333333333333333,"val_loss":null,"learning_rate":0.01,"gradient_norm":null,)"
                  R"("tokens_per_second":0.0,"seconds":0.5})"
                  "\n");
  ASSERT_TRUE(parse_log_line(line));
  EXPECT_EQ(log_line(*parse_log_line(line)), line);
}

TEST(LogLine, WhatIsNoneIsNothing) {
  for (const char* line : {"", "{", "[]", "{}", R"({"step":1})", R"({"step":"x","train_loss":null,"val_loss":null})"})
    EXPECT_FALSE(parse_log_line(line)) << line;
}

TEST(RunLog, GrowsLineByLine) {
  const TemporaryFolder folder;
  RunLog log(folder.path("log.jsonl"), std::nullopt);
  EXPECT_EQ(read_text(folder.path("log.jsonl")), "");
  log.add(entry_of(1));
  log.add(entry_of(2));
  EXPECT_EQ(read_text(folder.path("log.jsonl")), log_line(entry_of(1)) + log_line(entry_of(2)));
}

TEST(RunLog, TakesBackWhatTheCheckpointDoesNotKnow) {
  const TemporaryFolder folder;
  const std::string path = folder.path("log.jsonl");
  const std::string torn = log_line(entry_of(4)).substr(0, 20);
  std::ofstream(path) << log_line(entry_of(1)) << log_line(entry_of(2)) << log_line(entry_of(3)) << torn;
  const RunLog log(path, 2);
  EXPECT_EQ(log.entries().size(), 2U);
  EXPECT_EQ(read_text(path), log_line(entry_of(1)) + log_line(entry_of(2)));
  const RunLog fresh(path, std::nullopt);
  EXPECT_EQ(read_text(path), "");
}

TEST(RunLog, WithoutAFileItIsInMemory) {
  RunLog log;
  LogEntry entry;
  entry.step = 3;
  log.add(entry);
  ASSERT_EQ(log.entries().size(), 1U);
  EXPECT_EQ(log.entries()[0].step, 3U);
}

TEST(RunLog, SaysWhatCannotBeWritten) {
  const TemporaryFolder folder;
  EXPECT_THROW(RunLog(folder.path("none/log.jsonl"), std::nullopt), Error);
}

}  // namespace
}  // namespace microgpt::run_log_test
