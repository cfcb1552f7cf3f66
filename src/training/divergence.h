// SPDX-License-Identifier: MIT
// Whether training has gone astray, so that there is no model of it.
#pragma once

namespace microgpt {

class TrainingRun;

// Throws Diverged where both hold:
// - no validation was better than the one before the first step, or nothing is held out;
// - the loss of the first documents of the first epoch, cut as in training, is now no number, or more than twice what random
//   guessing costs; in the first 100 steps, which are Adam's largest, more than 100,000 times that.
// The first alone is seen where there are too few documents to learn from, or too few steps; the second alone where training
// went astray after it had found something.
// REQUIRES: the run is finished, and TrainingRun::load_best_parameters() was not called.
void require_no_divergence(TrainingRun& run);

}  // namespace microgpt
