// SPDX-License-Identifier: MIT
#include "training/training_memory.h"

#include <gtest/gtest.h>

#include <functional>

#include "io/resource_limits.h"
#include "microgpt/error.h"
#include "support/tiny_sweep.h"
#include "sweep/sweep.h"
#include "training/training_run.h"

namespace microgpt::memory_test {
namespace {

std::string error_of(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

// So much of what there is for all processes.
double share_of_machine(double share) { return share * static_cast<double>(machine_memory()); }

TEST(TrainingMemory, IsSummedOverTrainingsAndProcesses) {
  const auto complaint = [](const std::vector<double>& shares, std::size_t processes) {
    std::vector<double> bytes;
    for (const double share : shares) bytes.push_back(share_of_machine(share));
    return error_of([&] { require_memory_together("them", bytes, processes, "do it"); });
  };
  EXPECT_EQ(complaint({0.4, 0.4}, 1), "");
  EXPECT_EQ(complaint({0.4}, 2), "");
  EXPECT_EQ(complaint({0.7, 0.7}, 1), "training them takes at least " + describe_memory(share_of_machine(1.4)) +
                                          ", and there are " + describe_memory(share_of_machine(1.0)) + "; do it");
  EXPECT_TRUE(complaint({0.4, 0.1}, 3).starts_with("training them on 3 ranks of this machine takes at least "));
}

TEST(TrainingMemory, CountsHowManyFit) {
  const std::vector<double> descending{share_of_machine(0.5), share_of_machine(0.3), share_of_machine(0.15),
                                       share_of_machine(0.1)};
  EXPECT_EQ(count_that_fit(descending, 1), 3U);
  EXPECT_EQ(count_that_fit(std::span(descending).subspan(1), 2), 2U);
  EXPECT_EQ(count_that_fit(descending, 3), 0U);
}

// The widest that half of the memory is enough for, and the half of what it takes is too much.
Config half_of_machine() {
  Config config{.vocab_size = 5, .n_layer = 1, .n_embd = 64, .n_head = 1, .block_size = 4};
  while (config.n_embd < Config::kNEmbd.max && training_bytes(config, EngineKind::fast, 1) < share_of_machine(0.6))
    config.n_embd += 64;
  return config;
}

TEST(TrainingMemory, OfRanksIsThatOfAllOnThisMachine) {
  const Config config = half_of_machine();
  TrainSettings options;
  options.batch_size = 1;
  const auto complaint = [&](std::size_t ranks) {
    return error_of([&] { require_training_memory(config, options, CorpusKind::lines, {1, ranks}); });
  };
  EXPECT_EQ(complaint(1), "");
  const std::string message = complaint(4);
  EXPECT_NE(message.find(" on 4 ranks of this machine takes at least "), std::string::npos) << message;
}

TEST(TrainingMemory, IsAlsoThatOfMuonOnEachThreadAndOfTheMean) {
  const Config config{.vocab_size = 5, .n_layer = 2, .n_embd = 32, .n_head = 1, .block_size = 4};
  TrainSettings options;
  const auto bytes = [&] { return training_bytes(config, options, CorpusKind::lines, {.threads = 3}); };
  const double adam_bytes = bytes();
  options.training.optimizer = OptimizerKind::muon;
  const double whole_weight = sizeof(float) * 32.0 * 128.0, square = sizeof(float) * 32.0 * 32.0;
  EXPECT_DOUBLE_EQ(bytes() - adam_bytes, 3.0 * (3.0 * whole_weight + 2.0 * square));
  options.training.optimizer = OptimizerKind::adam;
  options.training.average = 0.1;
  EXPECT_DOUBLE_EQ(bytes() - adam_bytes, sizeof(float) * static_cast<double>(ParameterTable(config).parameter_count()));
}

TEST(TrainingMemory, OfASweepIsThatOfItsThreads) {
  const Corpus corpus =
      Corpus::from_lines("test", "a\nb\nc\nd\na1\na2\na3\na4\na5\na6\na7\na8\na9\nb1\nb2\nb3\nb4\nb5\nb6\nb7\n");
  const std::string wide = std::to_string(half_of_machine().n_embd);
  const SweepTrainer trainer(
      corpus,
      testing::tiny_configurations(R"({"n_embd": [8, )" + wide + R"(], "n_head": 1, "seed": [1, 2, 3], "held_out": 0.3})"),
      best_target());
  const auto complaint = [&](std::size_t threads, std::size_t processes) {
    return error_of([&] { trainer.require_memory(threads, processes); });
  };
  EXPECT_EQ(complaint(1, 1), "");
  EXPECT_TRUE(complaint(2, 1).ends_with("; take --threads 1 or fewer")) << complaint(2, 1);
  EXPECT_TRUE(complaint(6, 1).ends_with("; take --threads 1 or fewer")) << complaint(6, 1);
  EXPECT_TRUE(complaint(1, 2).ends_with("; choose smaller sizes")) << complaint(1, 2);
}

// As TrainingRun counts it once the corpus is tokenized.
TEST(TrainingMemory, OfATeacherIsThatOfItsPredictions) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += std::string(static_cast<std::size_t>(1 + i % 9), 'a') + std::to_string(i) + "\n";
  const Corpus corpus = Corpus::from_lines("test", text);
  TrainSettings options;
  options.n_embd = 8;
  options.block_size = 6;
  options.training.num_steps = 10;
  TrainingRun run(corpus, options);
  RunMemory memory(corpus, run.config().vocab_size, 1);
  const double without = memory.bytes(options);
  options.training.teacher_part = 0.5;
  EXPECT_DOUBLE_EQ(memory.bytes(options) - without, SoftTargets::bytes(run.config(), run.windows()));
  EXPECT_DOUBLE_EQ(without, training_bytes(run.config(), EngineKind::fast, options.batch_size));
}

}  // namespace
}  // namespace microgpt::memory_test
