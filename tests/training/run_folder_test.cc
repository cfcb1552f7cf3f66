// SPDX-License-Identifier: MIT
#include "training/run_folder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <span>

#include "microgpt/error.h"
#include "model/saved_model.h"
#include "scoring/evaluation.h"
#include "support/process.h"

namespace microgpt::run_folder_test {
namespace {

using testing::read_text;
using testing::TemporaryFolder;

Corpus some_corpus() {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "n" + std::to_string(i) + "\n";
  return Corpus::from_lines("test", text);
}

const RunInputs kWithBaseline{.with_baseline = true};

TrainSettings small(EngineKind engine = EngineKind::fast) {
  TrainSettings options;
  options.n_embd = 8;
  options.n_head = 2;
  options.block_size = 4;
  options.batch_size = 3;
  options.training.num_steps = 12;
  options.eval_every = 4;
  options.engine = engine;
  return options;
}

// As the command does it, up to `step`.
void train_until(TrainingRun& run, std::size_t step) {
  if (run.validation_is_due()) run.validate();
  while (run.trainer().step() < step && !run.is_finished()) {
    run.trainer().train_step();
    if (run.validation_is_due()) run.validate();
  }
}

void begin(RunFolder& folder, TrainingRun& run) {
  folder.begin({{std::nullopt, std::string(64, '0'), {}}, run.options()}, run.config(), run.tokenizer(), *run.baseline(),
               run.checkpoint());
}

class RunFolderTest : public ::testing::TestWithParam<EngineKind> {
 protected:
  std::string in_folder(const char* file) const { return folder_.path(std::string("run/") + file); }
  std::string checkpoint() const { return read_text(in_folder("checkpoint.safetensors")); }
  std::string model() const { return read_text(in_folder("model.safetensors")); }

  TemporaryFolder folder_;
  std::string path_ = folder_.path("run");
  Corpus corpus_ = some_corpus();
};

TEST_P(RunFolderTest, ARunGoesOnToTheSameBytes) {
  {
    RunFolder folder(path_, RunFolder::Purpose::begin);
    TrainingRun run(corpus_, small(GetParam()), kWithBaseline);
    begin(folder, run);
    train_until(run, 12);
    folder.save(run.config(), run.checkpoint());
  }
  const std::string last_checkpoint = checkpoint(), last_model = model();
  for (std::size_t stop = 0; stop <= 12; ++stop) {
    SCOPED_TRACE(stop);
    {
      RunFolder folder(path_, RunFolder::Purpose::begin);
      TrainingRun run(corpus_, small(GetParam()), kWithBaseline);
      begin(folder, run);
      train_until(run, stop);
      folder.save(run.config(), run.checkpoint());
    }
    RunFolder folder(path_, RunFolder::Purpose::resume);
    TrainingRun run(corpus_, folder.read_state().options, kWithBaseline);
    run.restore(folder.read_checkpoint(run.config()));
    EXPECT_EQ(run.trainer().step(), stop);
    train_until(run, 12);
    folder.save(run.config(), run.checkpoint());
    EXPECT_EQ(checkpoint(), last_checkpoint);
    EXPECT_EQ(model(), last_model);
  }
}

INSTANTIATE_TEST_SUITE_P(Engines, RunFolderTest, ::testing::Values(EngineKind::fast, EngineKind::graph));

TEST_F(RunFolderTest, TheModelIsThatOfTheLowestValidationLoss) {
  TrainSettings options = small();
  options.training.learning_rate = 0.3;  // too much
  options.training.schedule = Schedule::constant;
  RunFolder folder(path_, RunFolder::Purpose::begin);
  TrainingRun run(corpus_, options, kWithBaseline);
  begin(folder, run);
  double lowest = run.validate().document_mean;
  std::vector<double> best = all_of(run.table(), run.checkpoint().parameters);
  while (!run.is_finished()) {
    run.trainer().train_step();
    if (!run.validation_is_due()) continue;
    const double loss = run.validate().document_mean;
    if (loss < lowest) best = all_of(run.table(), run.checkpoint().parameters);
    lowest = std::min(loss, lowest);
  }
  folder.save(run.config(), run.checkpoint());
  EXPECT_EQ(load_model(path_).parameters, best);
  EXPECT_EQ(run.progress().best_loss, lowest);
}

TEST_F(RunFolderTest, StopsEarlyAndStaysStopped) {
  TrainSettings options = small();
  options.training.learning_rate = 3.0;
  options.training.num_steps = 1000;
  options.patience = 2;
  RunFolder folder(path_, RunFolder::Purpose::begin);
  TrainingRun run(corpus_, options, kWithBaseline);
  begin(folder, run);
  train_until(run, 1000);
  ASSERT_LT(run.trainer().step(), 1000U);
  EXPECT_EQ(run.progress().evaluations_since_best, 2U);
  folder.save(run.config(), run.checkpoint());
  TrainingRun again(corpus_, folder.read_state().options, kWithBaseline);
  again.restore(folder.read_checkpoint(again.config()));
  EXPECT_TRUE(again.is_finished());
}

TEST_F(RunFolderTest, WithoutValidationTheModelIsTheLast) {
  TrainSettings options = small();
  options.held_out = 0.0;
  RunFolder folder(path_, RunFolder::Purpose::begin);
  TrainingRun run(corpus_, options, kWithBaseline);
  begin(folder, run);
  train_until(run, 5);
  folder.save(run.config(), run.checkpoint());
  EXPECT_EQ(load_model(path_).parameters, all_of(run.table(), run.checkpoint().parameters));
}

TEST_F(RunFolderTest, AModelThatIsBehindOrDamagedIsMadeAnew) {
  TrainingRun run(corpus_, small(), kWithBaseline);
  {
    RunFolder folder(path_, RunFolder::Purpose::begin);
    begin(folder, run);
    train_until(run, 12);
    folder.save(run.config(), run.checkpoint());
  }
  const std::string last_model = model();
  std::ofstream(in_folder("model.safetensors")) << "nonsense";
  std::ofstream(in_folder("model.safetensors.0123abcd.tmp")) << "left by a kill";
  RunFolder folder(path_, RunFolder::Purpose::resume);
  folder.read_checkpoint(run.config());
  EXPECT_EQ(model(), last_model);
  EXPECT_FALSE(std::filesystem::exists(in_folder("model.safetensors.0123abcd.tmp")));
}

TEST_F(RunFolderTest, TheBaselineIsSavedOnce) {
  TrainingRun run(corpus_, small(), kWithBaseline);
  RunFolder folder(path_, RunFolder::Purpose::begin);
  EXPECT_FALSE(load_baseline(path_, run.config()));
  begin(folder, run);
  const std::optional<NgramModel> baseline = load_baseline(path_, run.config());
  ASSERT_TRUE(baseline);
  EXPECT_EQ(evaluate(*baseline, *run.test()).loss.token_mean, evaluate(*run.baseline(), *run.test()).loss.token_mean);
  Config other = run.config();
  ++other.vocab_size;
  EXPECT_THROW(load_baseline(path_, other), Error);
  std::ofstream(in_folder("ngram.bin")) << "nonsense";
  EXPECT_THROW(load_baseline(path_, run.config()), Error);
}

MixtureWeights weights_of(std::size_t order) {
  MixtureWeights weights = default_mixture_weights(order);
  weights.gpt.base = 0.29;
  return weights;
}

TEST_F(RunFolderTest, TheMixtureIsOfOneRun) {
  TrainingRun run(corpus_, small(), kWithBaseline);
  RunFolder folder(path_, RunFolder::Purpose::begin);
  EXPECT_FALSE(load_mixture(path_, 3));
  folder.write_mixture(weights_of(3));
  EXPECT_EQ(load_mixture(path_, 3)->gpt.base, 0.29);
  EXPECT_THROW(load_mixture(path_, 4), Error) << "of another n-gram";
  begin(folder, run);
  EXPECT_FALSE(load_mixture(path_, 3)) << "another run's";
  std::ofstream(in_folder("mixture.json")) << "nonsense";
  EXPECT_THROW(load_mixture(path_, 3), Error);
  std::ofstream(in_folder("mixture.json")) << "{\"ngram_share\": 0.5}";
  EXPECT_FALSE(load_mixture(path_, 3)) << "of version 0.2, whose mixture was another";
}

const std::string kCard = std::string(kModelCardBeginning) + "---\n";

TEST_F(RunFolderTest, TheModelCardOfBeforeGoesWithItsModel) {
  TrainingRun run(corpus_, small(), kWithBaseline);
  RunFolder folder(path_, RunFolder::Purpose::begin);
  begin(folder, run);
  EXPECT_FALSE(folder.has_records());
  EXPECT_TRUE(folder.write_card(kCard));
  EXPECT_TRUE(folder.write_card(kCard + "more\n")) << "it may be replaced";
  EXPECT_EQ(read_text(in_folder("README.md")), kCard + "more\n");
  EXPECT_FALSE(folder.has_records());
  folder.write_picture("<svg/>");
  EXPECT_FALSE(folder.has_records());
  folder.write_mixture(weights_of(run.baseline()->order()));
  EXPECT_TRUE(folder.has_records());
  begin(folder, run);
  EXPECT_FALSE(std::filesystem::exists(in_folder("README.md")));
}

TEST_F(RunFolderTest, AReadmeThatIsNoModelCardStays) {
  for (const std::string text : {"", "# my project\n", "---\nlibrary_name: other\n---\n"}) {
    TrainingRun run(corpus_, small(), kWithBaseline);
    RunFolder folder(path_, RunFolder::Purpose::begin);
    std::ofstream(in_folder("README.md")) << text;
    begin(folder, run);
    EXPECT_FALSE(folder.write_card(kCard));
    EXPECT_EQ(read_text(in_folder("README.md")), text);
  }
}

TEST_F(RunFolderTest, WithoutARunThereIsNothingToGoOnWith) {
  EXPECT_THROW(RunFolder(path_, RunFolder::Purpose::resume), Error);
  EXPECT_FALSE(std::filesystem::exists(path_));
  std::filesystem::create_directory(path_);
  EXPECT_THROW(RunFolder(path_, RunFolder::Purpose::resume), Error);
}

// Which command goes on: it may be called by another one, which has no --resume.
TEST_F(RunFolderTest, WhatIsNotWrittenSaysHowToGoOn) {
  RunFolder folder(path_, RunFolder::Purpose::begin);
  TrainingRun run(corpus_, small(), kWithBaseline);
  begin(folder, run);
  const auto expect_way_on = [&](const char* file, auto write) {
    std::filesystem::remove(in_folder(file));
    std::filesystem::create_directories(in_folder(file) + "/in the way");
    try {
      write();
      ADD_FAILURE() << file << " was written";
    } catch (const Error& error) {
      EXPECT_TRUE(std::string(error.what()).ends_with("go on with microgpt train --resume " + path_)) << error.what();
    }
  };
  expect_way_on("loss.svg", [&] { folder.write_picture("<svg/>"); });
  expect_way_on("mixture.json", [&] { folder.write_mixture(weights_of(3)); });
  train_until(run, 4);
  expect_way_on("model.safetensors", [&] { folder.save(run.config(), run.checkpoint()); });
  expect_way_on("checkpoint.safetensors", [&] { folder.save(run.config(), run.checkpoint()); });
}

TEST_F(RunFolderTest, WithoutABeginningThereIsNothingLeft) {
  { const RunFolder folder(path_ + "/in", RunFolder::Purpose::begin); }
  EXPECT_FALSE(std::filesystem::exists(path_));
  TrainingRun run(corpus_, small(), kWithBaseline);
  Checkpoint not_finite = run.checkpoint();
  not_finite.parameters = [](std::size_t, std::span<double> to) { std::fill(to.begin(), to.end(), std::nan("")); };
  {
    RunFolder folder(path_, RunFolder::Purpose::begin);
    EXPECT_THROW(folder.begin({{std::nullopt, std::string(64, '0'), {}}, run.options()}, run.config(), run.tokenizer(),
                              *run.baseline(), not_finite),
                 Error);
  }
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(RunFolderTest, HasOneWriter) {
  const RunFolder folder(path_, RunFolder::Purpose::begin);
  EXPECT_THROW(RunFolder(path_, RunFolder::Purpose::begin), Error);
}

}  // namespace
}  // namespace microgpt::run_folder_test
