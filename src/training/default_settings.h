// SPDX-License-Identifier: MIT
// What a training is like where nothing is asked for: a model and a number of steps that fit the documents. The same on every
// machine. docs/training.md has the measurements.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <string_view>

#include "microgpt/corpus.h"
#include "training/training_run.h"

namespace microgpt {

// What is longer is read in windows: attention to all before a position takes longer with each of them, and few positions gain.
inline constexpr std::size_t kMaxDefaultContext = 96;
inline constexpr std::size_t kDefaultTextContext = 64;

// The settings that depend on the documents; all others are as TrainSettings has them.
inline constexpr std::array<std::string_view, 16> kFittedSettings{
    "num_steps",     "n_layer", "n_embd", "n_head", "block_size",   "loss_mean",       "batch_size", "optimizer",
    "learning_rate", "warmup",  "beta1",  "clip",   "weight_decay", "ngram_documents", "average",    "ngram_share"};

// Of the documents that are trained on: how many, their positions, those of the longest, and the tokens of the vocabulary.
struct TrainingSize {
  CorpusKind kind = CorpusKind::lines;
  std::size_t documents = 0;
  std::size_t positions = 0;
  std::size_t longest = 0;
  std::size_t vocab_size = 0;

  // What fits both: the larger number of each.
  TrainingSize or_larger(const TrainingSize& other) const;
};

// Of a run that begins with this model's vocabulary, or else with the corpus's. Throws as split_corpus().
TrainingSize training_size(const Corpus& corpus, const TrainSettings& options, const InitialModel* init = nullptr);

// Whether the setting is of the model's shape, and not of its training.
bool is_of_shape(std::string_view setting);

using IsGiven = std::function<bool(std::string_view setting)>;

// How long many documents are trained on, for which a usual number of steps is too few.
struct LengthForMany {
  std::size_t epochs = 7;
  std::size_t max_steps = 3000;
};

// Sets each of kFittedSettings that is not given. The engines exact and graph, which take far longer, keep their small model,
// and get a context alone. With `goes_on` the run begins with a model's parameters, whose shape it keeps.
void fit(const TrainingSize& size, const IsGiven& is_given, TrainSettings& run, LengthForMany many = {}, bool goes_on = false);

}  // namespace microgpt
