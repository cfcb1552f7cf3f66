// SPDX-License-Identifier: MIT
#include "training/pair.h"

#include "training/presets.h"

namespace microgpt {
TrainingRunOptions pair_defaults() {
  TrainingRunOptions options;
  apply_generalising(options);
  options.n_layer = 3;
  options.n_embd = 64;
  options.training.num_steps = 5000;
  options.training.learning_rate = 0.005;
  options.training.adam.weight_decay = 0.04;
  options.training.dropout = 0.1;
  options.held_out = 0.05;
  options.patience = 0;
  options.with_baseline = true;
  return options;
}

}  // namespace microgpt
