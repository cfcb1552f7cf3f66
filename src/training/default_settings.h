// SPDX-License-Identifier: MIT
// Settings of `train`: by name, where nothing is asked for, and for classes. docs/training.md says how they were found, and
// bench/presets.py measures them.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <string_view>
#include <vector>

#include "microgpt/corpus.h"
#include "text/names.h"
#include "training/training_run.h"

namespace microgpt {

enum class Preset {
  microgpt,  // the model of microgpt.py, trained as it does: one document a step
  small,     // a few seconds; predicts names better than the n-gram
  best,      // half a minute; what predicts names best in that time
};

inline constexpr std::array<Named<Preset>, 3> kPresetNames{{
    {Preset::microgpt, "microgpt"},
    {Preset::small, "small"},
    {Preset::best, "best"},
}};

// What keeps training from learning documents by heart, whatever the model: many documents a step, a gentle start, the loss of
// tokens. All else of the training, the number of its steps and the rate among them, is as by default.
void apply_generalising(TrainSettings& run);

// Sets what the preset says; all else stays as it is.
void apply(Preset preset, TrainSettings& run);

// What a training is like where nothing is asked for: a model and a number of steps that fit the documents. The same on every
// machine. docs/training.md has the measurements.

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

// In fewer seconds a small model learns more.
inline constexpr double kFewSeconds = 3.0;

// The engines exact and graph stop early where nothing says how long a training is, and no teacher is asked for.
void set_default_patience(TrainSettings& run);

// Runs of training whose models are to tell classes of documents apart: what they have in common.
//
// All have the vocabulary of all corpora, so that a character that only one class has is evidence and not a surprise. What is
// held out is held out by content (text/split.h): a document of several corpora is in the same part of each, unless one is so
// small that its bounds move.

// The settings of each where none are given.
TrainSettings class_defaults();

// The settings of each class that fit its documents where they are not given, and `run` elsewhere. All have the shape that fits
// the largest class, but are small: n-grams and the linear model know most of what a larger one would, and each line costs as
// many of them as there are classes. The n-gram does not teach: the less alike GPT and n-gram are, the more both know together.
// Many documents are trained on for longer than a model alone would be, as whoever has a classifier calls it often
// (docs/classifier.md). REQUIRES: a class.
std::vector<TrainSettings> settings_of_classes(std::vector<TrainingSize> sizes, const IsGiven& is_given,
                                               const TrainSettings& run);

}  // namespace microgpt
