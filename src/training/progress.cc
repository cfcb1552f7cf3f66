// SPDX-License-Identifier: MIT
#include "training/progress.h"

namespace microgpt {

bool Progress::take_validation(double loss) {
  evaluated_step = step;
  const bool is_best = !best_step || loss < best_loss;
  if (is_best) {
    best_step = step;
    best_loss = loss;
    evaluations_since_best = 0;
  } else {
    ++evaluations_since_best;
  }
  return is_best;
}

}  // namespace microgpt
