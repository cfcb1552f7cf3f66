// SPDX-License-Identifier: MIT
// What must be said of a run whose model is not good, in plain words, with the likely reason and the flag that may help. The
// end of `train` says it, and the model card repeats it.
#pragma once

#include <string>

#include "report/run/model_card.h"
#include "training/progress.h"
#include "training/training_run.h"

namespace microgpt {

// Paragraphs of lines, each line with its end; empty where there is nothing to say. `options` have the numbers of steps that
// the run itself fixed.
std::string verdict(const TrainSettings& options, bool began_with_model, const Progress& progress, const RunLosses& losses);

}  // namespace microgpt
