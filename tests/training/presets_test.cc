// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "training/default_settings.h"
#include "training/train_state.h"

namespace microgpt::presets_test {
namespace {

std::string settings_of(const TrainSettings& run) {
  return train_state_to_json({{std::nullopt, std::string(64, '0'), {}}, run});
}

// A run that no preset asks for.
TrainSettings odd_run() {
  TrainSettings run;
  run.n_layer = 7;
  run.n_embd = 70;
  run.n_head = 7;
  run.block_size = 70;
  run.activation = Activation::squared_relu;
  run.batch_size = 7;
  run.ngram_documents = 7.0;
  run.training = {.num_steps = 7,
                  .learning_rate = 7.0,
                  .schedule = Schedule::constant,
                  .optimizer = OptimizerKind::muon,
                  .adam = {.beta1 = 0.7, .beta2 = 0.7, .weight_decay = 7.0},
                  .warmup = 7,
                  .clip = 7.0,
                  .dropout = 0.7,
                  .average = 0.7,
                  .loss_mean = LossMean::token,
                  .teacher_part = 0.7,
                  .teacher_share = 0.7,
                  .ngram_share = 0.7};
  return run;
}

TEST(Preset, SaysTheSameWhateverWasSaidBefore) {
  for (const Named<Preset>& preset : kPresetNames) {
    SCOPED_TRACE(preset.name);
    TrainSettings usual;
    TrainSettings odd = odd_run();
    apply(preset.value, usual);
    apply(preset.value, odd);
    EXPECT_EQ(settings_of(odd), settings_of(usual));
  }
}

TEST(Preset, LeavesTheCorpusAndItsSplitAlone) {
  for (const Named<Preset>& preset : kPresetNames) {
    TrainSettings run;
    run.seed = 7;
    run.held_out = 0.3;
    run.patience = 2;
    apply(preset.value, run);
    EXPECT_EQ(run.seed, 7U);
    EXPECT_EQ(run.held_out, 0.3);
    EXPECT_EQ(run.patience, 2U);
  }
}

TEST(Preset, MicrogptIsTheModelOfMicrogptPy) {
  TrainSettings run = odd_run();
  apply(Preset::microgpt, run);
  const Config config;
  EXPECT_EQ(run.n_layer, config.n_layer);
  EXPECT_EQ(run.n_embd, config.n_embd);
  EXPECT_EQ(run.n_head, config.n_head);
  EXPECT_EQ(run.block_size, config.block_size);
  EXPECT_EQ(run.batch_size, 1U);
  EXPECT_EQ(run.training.num_steps, 1000U);
}

}  // namespace
}  // namespace microgpt::presets_test
