// SPDX-License-Identifier: MIT
#include "training/presets.h"

namespace microgpt {
namespace {

void apply_microgpt(TrainSettings& run) {
  run.n_layer = 1;
  run.n_embd = 16;
  run.n_head = 4;
  run.block_size = 16;
  run.activation = Activation::relu;
  run.batch_size = 1;
  run.training = {.num_steps = 1000};
}

void apply_narrow(TrainSettings& run) {
  apply_generalising(run);
  run.n_embd = 32;
  run.n_head = 4;
  run.block_size = 16;
  run.activation = Activation::relu;
}

void apply_small(TrainSettings& run) {
  apply_narrow(run);
  run.n_layer = 4;
  run.training.num_steps = 8000;
  run.training.learning_rate = 0.009;
  run.training.adam.weight_decay = 0.03;
  run.training.teacher_part = 0.4;
  run.training.teacher_share = 0.6;
}

void apply_best(TrainSettings& run) {
  apply_narrow(run);
  run.n_layer = 4;
  run.n_embd = 64;
  run.batch_size = 128;
  run.training.num_steps = 5200;
  run.training.optimizer = OptimizerKind::muon;
  run.training.learning_rate = 0.02;
  run.training.warmup = 100;
  run.training.adam.weight_decay = 0.2;
  run.training.average = 0.1;
  run.training.ngram_share = 0.3;
  run.training.teacher_part = 0.4;
  run.training.teacher_share = 0.6;
}

}  // namespace

void apply_generalising(TrainSettings& run) {
  run.batch_size = 64;
  run.training = {.schedule = Schedule::linear, .warmup = 200, .clip = 1.0, .loss_mean = LossMean::token};
  run.training.adam.beta1 = 0.9;
}

void apply(Preset preset, TrainSettings& run) {
  run.ngram_documents = 0.0;
  switch (preset) {
    case Preset::microgpt:
      return apply_microgpt(run);
    case Preset::small:
      return apply_small(run);
    case Preset::best:
      return apply_best(run);
  }
}

}  // namespace microgpt
