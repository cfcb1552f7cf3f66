// SPDX-License-Identifier: MIT
// What must be said of a run whose model is not good, in plain words, with the likely reason and the flag that may help. The
// end of `train` says it, and the model card repeats it.
#pragma once

#include <string>
#include <string_view>

#include "report/run/model_card.h"
#include "training/checkpoint.h"
#include "training/loss_checks.h"
#include "training/training_run.h"

namespace microgpt {

// Paragraphs of lines, each line with its end; empty where there is nothing to say. `options` have the numbers of steps that
// the run itself fixed.
std::string verdict(const TrainSettings& options, bool began_with_model, const Progress& progress, const RunLosses& losses);

// What the check of the first loss found (training/loss_checks.h). Lines that begin with `indent`: what was found, and where it
// is suspicious the usual causes.
std::string describe(const InitialLoss& loss, std::string_view indent = "");

// The same of a model that is not fresh, as it was trained before.
std::string describe_trained(const InitialLoss& loss, std::string_view indent = "");

}  // namespace microgpt
