// SPDX-License-Identifier: MIT
// Limits on what the program may map (RLIMIT_AS), as batch systems set them: what does not fit is refused before the first
// step.
#include <gtest/gtest.h>

#include <filesystem>

#include "support/tiny_training.h"
#include "text/encoded_text.h"

namespace microgpt::testing::memory_limits_test {
namespace {

constexpr std::uint64_t kMega = 1'000'000;

// Two thousand different characters, so that what a teacher predicts is 40 MB for 1000 documents.
std::string many_characters() {
  std::string text;
  std::uint32_t state = 1;
  for (int document = 0; document < 1250; ++document) {
    for (int i = 0; i < 4; ++i) {
      state = state * 1664525 + 1013904223;
      append_utf8(text, static_cast<char32_t>(0x4E00 + (state >> 16) % 2000));
    }
    text += '\n';
  }
  return text;
}

class MemoryLimits : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!MICROGPT_FULL_LENGTH) GTEST_SKIP() << "sanitizers map more than any limit";
  }

  ProcessResult within(std::uint64_t bytes, Words call) const {
    std::filesystem::remove_all(folder_.path("out"));
    call.insert(call.end(), {"-o", folder_.path("out"), "--n-embd=8", "--n-head=2", "--batch-size=8", "--num-steps=4",
                             "--teacher-part=0.5", "--quiet", "--threads=1"});
    return run_microgpt_within(bytes, call);
  }

  bool is_left() const { return std::filesystem::exists(folder_.path("out")); }

  TemporaryFolder folder_;
  std::string corpus_ = folder_.write("corpus", many_characters());
};

// However many bytes there are.
TEST_F(MemoryLimits, ATeacherIsRefusedBeforeTheFirstStep) {
  std::size_t refused = 0, trained = 0;
  for (std::uint64_t bytes = 20 * kMega; bytes <= 140 * kMega; bytes += 7 * kMega) {
    const ProcessResult result = within(bytes, {"train", corpus_, "--num-samples=0"});
    if (result.exit_code == kCannotExecute || result.exit_code > 2) continue;  // too few to begin at all
    trained += result.exit_code == 0 ? 1 : 0;
    if (result.exit_code == 0) continue;
    ++refused;
    EXPECT_EQ(lines_with(result.out, "step "), 0U) << bytes << result.out << result.err;
    // What is known before it begins is an estimate from below.
    EXPECT_EQ(is_left(), contains(result.err, "out of memory: choose a smaller corpus or model; step 0 is saved, go on with "))
        << bytes << result.err;
  }
  EXPECT_GT(refused, 3U);
  EXPECT_GT(trained, 3U);
  const ProcessResult little = within(35 * kMega, {"train", corpus_});
  EXPECT_EQ(little.exit_code, 2) << little.err;
  EXPECT_TRUE(contains(little.err, "--teacher-part above 0: training with what a teacher predicts for ")) << little.err;
  EXPECT_TRUE(contains(little.err, ", and there are 33.4 MiB; set it to 0, or give fewer documents\n")) << little.err;
}

TEST_F(MemoryLimits, ThoseThatRunSideBySideAreSummed) {
  const Words plain{"--ngram-share=0", "--ngram-documents=0", "--average=0"};
  Words both{"train-pair", corpus_, corpus_};
  both.insert(both.end(), plain.begin(), plain.end());
  const ProcessResult pair = within(75 * kMega, both);
  EXPECT_EQ(pair.exit_code, 1);
  EXPECT_TRUE(contains(pair.err, "microgpt: training both models at the same time takes at least ")) << pair.err;
  EXPECT_FALSE(is_left());
  Words sweep{"sweep", corpus_, "--seed=1,2,3"};
  sweep.insert(sweep.end(), plain.begin(), plain.end());
  const ProcessResult one = within(300 * kMega, sweep);
  EXPECT_EQ(one.exit_code, 0) << one.err;
  sweep.push_back("--dropout=0.1");
  std::filesystem::remove_all(folder_.path("out"));
  sweep.insert(sweep.end(), {"-o", folder_.path("out"), "--n-embd=8", "--n-head=2", "--num-steps=4", "--teacher-part=0.5",
                             "--threads=3", "--quiet"});
  const ProcessResult three = run_microgpt_within(100 * kMega, sweep);
  EXPECT_EQ(three.exit_code, 1);
  EXPECT_TRUE(contains(three.err, "microgpt: training 3 configurations at the same time takes at least ")) << three.err;
  EXPECT_TRUE(three.err.ends_with("; take --threads 2 or fewer\n")) << three.err;
  EXPECT_FALSE(is_left());
}

}  // namespace
}  // namespace microgpt::testing::memory_limits_test
