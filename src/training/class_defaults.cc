// SPDX-License-Identifier: MIT
#include "training/class_defaults.h"

namespace microgpt {

TrainingRunOptions class_defaults() {
  TrainingRunOptions options;
  options.held_out = 0.05;
  options.patience = 0;
  options.with_baseline = true;
  return options;
}

}  // namespace microgpt
