// SPDX-License-Identifier: MIT
// What `train` says of a run, as text; all of it is the same from run to run.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "microgpt/corpus.h"
#include "microgpt/score.h"
#include "ngram/ngram_model.h"
#include "report/plots/loss_plots.h"
#include "report/run/model_card.h"
#include "training/run_log.h"
#include "training/train_state.h"
#include "training/training_run.h"

namespace microgpt {

// The data, the model, what it begins with if not drawn, and the training, a line each.
std::string describe_run(const TrainingRun& run, const Corpus& corpus, const std::optional<ModelSource>& init);

// "step  800: train loss 2.4012, val loss 2.2871 (token mean 2.2803)".
std::string step_line(const TrainingRun& run, std::optional<double> training_loss, const std::optional<MeanLoss>& validation);

// Whether all steps are done, and the model is that of the last.
bool is_plain_end(const TrainingRun& run);

// Which step's parameters the model has, and why.
std::string describe_end(const TrainingRun& run);

// The picture of the run so far. `baseline_loss`: its loss on the validation part, in nats, the mean that training minimises.
LossPicture picture_of(const TrainingRun& run, const Corpus& corpus, const std::vector<LogEntry>& entries,
                       const NgramModel* baseline, std::optional<double> baseline_loss);

// The losses as a table, and in a line who predicts the test better, the model or the baseline.
std::string summary(const RunLosses& losses);

}  // namespace microgpt
