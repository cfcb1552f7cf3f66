// SPDX-License-Identifier: MIT
#include "training/checkpoint.h"

#include <gtest/gtest.h>

#include "io/atomic_file.h"
#include "microgpt/error.h"
#include "support/models.h"
#include "support/process.h"

namespace microgpt::checkpoint_test {
namespace {

using testing::read_text;
using testing::TemporaryFolder;

constexpr Config kConfig{.vocab_size = 3, .n_embd = 4, .n_head = 2, .block_size = 2};

Checkpoint some_checkpoint(Precision precision = Precision::float64) {
  const auto numbers = [&](std::uint64_t seed) -> TableNumbers {
    std::vector<double> all = testing::random_parameters(kConfig, seed);
    if (precision == Precision::float32)
      for (double& x : all) x = static_cast<double>(static_cast<float>(x));
    return [all](std::size_t tensor, std::span<double> to) { numbers_in(ParameterTable(kConfig), all)(tensor, to); };
  };
  return {{30, 25, 20, 2.0 / 3.0, 1, 15}, precision, numbers(1), numbers(2), numbers(3), numbers(4), numbers(5), numbers(6)};
}

void expect_equal(const TableNumbers& a, const TableNumbers& b) {
  ASSERT_EQ(static_cast<bool>(a), static_cast<bool>(b));
  if (!a) return;
  EXPECT_EQ(all_of(ParameterTable(kConfig), a), all_of(ParameterTable(kConfig), b));
}

void expect_equal(const Checkpoint& a, const Checkpoint& b) {
  EXPECT_EQ(a.progress, b.progress);
  EXPECT_EQ(a.precision, b.precision);
  expect_equal(a.parameters, b.parameters);
  expect_equal(a.mean, b.mean);
  expect_equal(a.square, b.square);
  expect_equal(a.average, b.average);
  expect_equal(a.best, b.best);
  expect_equal(a.teacher, b.teacher);
}

class CheckpointFile : public ::testing::Test {
 protected:
  void write(const Checkpoint& checkpoint) const { write_checkpoint(path_, table_, checkpoint); }
  Checkpoint read() const { return read_checkpoint(path_, table_); }

  std::string complaint() const {
    try {
      read();
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }

  void replace(const std::string& from, const std::string& to) const {
    std::string bytes = read_text(path_);
    ASSERT_EQ(from.size(), to.size());
    const std::size_t at = bytes.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    bytes.replace(at, from.size(), to);
    AtomicFile file(path_);
    file.write(bytes);
    file.commit();
  }

  TemporaryFolder folder_;
  std::string path_ = folder_.path("checkpoint.safetensors");
  ParameterTable table_{kConfig};
};

TEST_F(CheckpointFile, ReadsWhatWasWritten) {
  for (const Precision precision : {Precision::float32, Precision::float64}) {
    const Checkpoint checkpoint = some_checkpoint(precision);
    write(checkpoint);
    expect_equal(read(), checkpoint);
  }
}

TEST_F(CheckpointFile, HasNoBestBeforeTheFirstValidation) {
  Checkpoint checkpoint = some_checkpoint();
  checkpoint.progress = {30, std::nullopt, std::nullopt, 0.0, 0, 15};
  checkpoint.best = nullptr;
  write(checkpoint);
  expect_equal(read(), checkpoint);
  EXPECT_EQ(&checkpoint.model(), &checkpoint.average);
  checkpoint.average = nullptr;
  write(checkpoint);
  expect_equal(read(), checkpoint);
  EXPECT_EQ(&checkpoint.model(), &checkpoint.parameters);
}

TEST_F(CheckpointFile, NeedHaveNoTeacher) {
  Checkpoint checkpoint = some_checkpoint();
  checkpoint.progress.teacher_step.reset();
  checkpoint.teacher = nullptr;
  write(checkpoint);
  expect_equal(read(), checkpoint);
}

TEST_F(CheckpointFile, TheModelIsTheBest) {
  const Checkpoint checkpoint = some_checkpoint();
  EXPECT_EQ(&checkpoint.model(), &checkpoint.best);
}

TEST_F(CheckpointFile, TheSameCheckpointGivesTheSameBytes) {
  write(some_checkpoint());
  const std::string bytes = read_text(path_);
  write(read());
  EXPECT_EQ(read_text(path_), bytes);
}

TEST_F(CheckpointFile, RefusesWhatDoesNotGoTogether) {
  const auto expect_complaint = [&](const std::string& from, const std::string& to, const std::string& part) {
    write(some_checkpoint());
    replace(from, to);
    EXPECT_NE(complaint().find(path_), std::string::npos) << complaint();
    EXPECT_NE(complaint().find(part), std::string::npos) << complaint();
  };
  expect_complaint(R"("step":"30")", R"("step":"x0")", R"(step is "x0", which is no number)");
  expect_complaint(R"("step":"30")", R"("step":"-3")", "which is no number");
  expect_complaint(R"("step":"30")", R"("step":"10")", "the steps do not go together");
  expect_complaint(R"("best_step":"20")", R"("best_step":"26")", "the steps do not go together");
  expect_complaint(R"("teacher_step":"15")", R"("teacher_step":"31")", "the steps do not go together");
  expect_complaint(R"("best_step")", R"("beet_step")", "a field too many");
  expect_complaint(R"("step":"30")", R"("stop":"30")", "the metadata have no step");
  expect_complaint(R"("adam.mean.wte")", R"("adam.mean.wtf")", "the tensor adam.mean.wte is missing");
  expect_complaint(R"("best_loss":"0.6666666666666666")", R"("best_loss":"nan               ")", "which is no number");
}

TEST_F(CheckpointFile, BelongsToOneShape) {
  write(some_checkpoint());
  Config other = kConfig;
  other.block_size = 3;
  EXPECT_THROW(read_checkpoint(path_, ParameterTable(other)), Error);
  other = kConfig;
  other.n_layer = 2;
  EXPECT_THROW(read_checkpoint(path_, ParameterTable(other)), Error);
}

}  // namespace
}  // namespace microgpt::checkpoint_test
