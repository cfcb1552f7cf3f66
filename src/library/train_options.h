// SPDX-License-Identifier: MIT
// What a training that is asked for comes to inside.
#pragma once

#include "microgpt/corpus.h"
#include "microgpt/train.h"
#include "training/setting_values.h"
#include "training/train_state.h"
#include "training/training_run.h"

namespace microgpt {

// The settings that are given, over those of the preset, over the usual ones. Throws ConfigError that names the setting.
RunSettings settings_of(const TrainOptions& options, const Corpus& corpus, const TrainSettings& usual);

// What train() begins a run with: its settings, those that fit the corpus included, and with what it computes.
struct TrainingPlan {
  TrainState state;
  RunInputs inputs;
};

// Throws as train(), up to its first step.
TrainingPlan plan_training(const Corpus& corpus, const TrainOptions& options);

// What identifies the corpus to a run that is resumed.
CorpusSource source_of(const Corpus& corpus);

// Throws Error where a run with this corpus, or a model that was trained on it, would be split otherwise with the other one.
void require_corpus_of(const CorpusSource& source, const Corpus& corpus);

}  // namespace microgpt
