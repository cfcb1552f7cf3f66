// SPDX-License-Identifier: MIT
#include "training/default_settings.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <string_view>

#include "microgpt/tokenizer.h"
#include "text/encoded_text.h"
#include "text/split.h"

namespace microgpt {
namespace {

void apply_microgpt(TrainSettings& run) {
  run.n_layer = 1;
  run.n_embd = 16;
  run.n_head = 4;
  run.block_size = 16;
  run.activation = Activation::relu;
  run.batch_size = 1;
  run.training = {.num_steps = 1000};
}

void apply_narrow(TrainSettings& run) {
  apply_generalising(run);
  run.n_embd = 32;
  run.n_head = 4;
  run.block_size = 16;
  run.activation = Activation::relu;
}

void apply_small(TrainSettings& run) {
  apply_narrow(run);
  run.n_layer = 4;
  run.training.num_steps = 8000;
  run.training.learning_rate = 0.009;
  run.training.adam.weight_decay = 0.03;
  run.training.teacher_part = 0.4;
  run.training.teacher_share = 0.6;
}

void apply_best(TrainSettings& run) {
  apply_narrow(run);
  run.n_layer = 4;
  run.n_embd = 64;
  run.batch_size = 128;
  run.training.num_steps = 5200;
  run.training.optimizer = OptimizerKind::muon;
  run.training.learning_rate = 0.02;
  run.training.warmup = 100;
  run.training.adam.weight_decay = 0.2;
  run.training.average = 0.1;
  run.training.ngram_share = 0.3;
  run.training.teacher_part = 0.4;
  run.training.teacher_share = 0.6;
}

constexpr std::array<std::string_view, 4> kShape{"block_size", "n_layer", "n_embd", "n_head"};
constexpr double kRateOfGoingOn = 0.25;  // of the usual rate, where a model begins as a trained one
constexpr std::size_t kDefaultModelWidth = 64;
constexpr std::size_t kSmallModelLayers = 2;  // of a model that learns fast, for few seconds and for classifiers
constexpr std::size_t kSmallModelWidth = 32;
constexpr double kSmallModelDecay = 0.1;
constexpr std::size_t kDefaultBatch = 64;  // documents
constexpr std::size_t kMinBatchPositions = 900;
constexpr std::size_t kMaxBatchPositions = 2500;
constexpr std::size_t kDefaultSteps = 1500;
constexpr std::size_t kMaxTrainedPositions = 6'000'000;        // which take less than a minute on two cores
constexpr std::size_t kMaxTrainedPositionsOfText = 5'000'000;  // of a wider model
constexpr std::size_t kMaxEpochs = 40;
constexpr std::size_t kMinSteps = 200;
constexpr std::size_t kMaxWarmup = 100;
constexpr std::size_t kFewPositions = 30'000;       // for which a model of two layers is enough
constexpr std::size_t kManyEpochs = 10;             // in which a model of the default width learns documents by heart
constexpr std::size_t kTaughtPositions = 60'000;    // of those documents, from which on it learns without the n-gram
constexpr double kWritten = 1000.0;                 // documents that the n-gram adds to a few
constexpr double kMaxWrittenOfEach = 10.0;          // for each one that there is
constexpr std::size_t kMaxSoftTargets = 1U << 27U;  // probabilities that the n-gram teaches: 512 MiB

// That the n-gram writes, for each document.
double written_documents(const TrainingSize& size) {
  return std::min(kMaxWrittenOfEach, std::round(kWritten / static_cast<double>(size.documents)));
}

bool can_learn_from_ngram(const TrainingSize& size, double written) {
  if (size.kind == CorpusKind::text) return false;
  const double positions = (1.0 + written) * static_cast<double>(size.positions);
  return positions * static_cast<double>(size.vocab_size) <= static_cast<double>(kMaxSoftTargets);
}

// Documents, or windows, that an epoch has.
std::size_t windows_of(const TrainingSize& size, const TrainSettings& run) {
  const auto own = static_cast<double>(std::max(size.documents, size.positions / run.block_size));
  return static_cast<std::size_t>(own * (1.0 + run.ngram_documents));
}

std::size_t batch_size(const TrainingSize& size, const TrainSettings& run) {
  const std::size_t windows = windows_of(size, run);
  const std::size_t positions =
      std::clamp<std::size_t>(size.positions / std::max<std::size_t>(1, size.documents), 1, run.block_size);
  const std::size_t default_batch = std::clamp(kDefaultBatch, kMinBatchPositions / positions, kMaxBatchPositions / positions);
  return std::clamp<std::size_t>(default_batch / 8 * 8, 8, std::max<std::size_t>(8, windows / 8));
}

std::size_t num_steps(const TrainingSize& size, const TrainSettings& run, LengthForMany many) {
  const std::size_t windows = windows_of(size, run);
  const std::size_t positions = size.kind == CorpusKind::text ? kMaxTrainedPositionsOfText : kMaxTrainedPositions;
  const std::size_t in_time = positions * windows / (size.positions * run.batch_size);
  const std::size_t most = std::max(kDefaultSteps, std::min({many.epochs * windows / run.batch_size, in_time, many.max_steps}));
  return std::clamp(kMaxEpochs * windows / run.batch_size, kMinSteps, most);
}

// Whether the documents are seen so often that a model of these settings needs a high rate and a strong decay, or would learn
// them by heart. So few that the n-gram writes more are another matter.
bool needs_care(const TrainingSize& size, const TrainSettings& run) {
  const double epochs =
      static_cast<double>(run.training.num_steps * run.batch_size) / static_cast<double>(windows_of(size, run));
  return size.kind == CorpusKind::lines && size.positions >= kFewPositions && written_documents(size) == 0.0 &&
         run.n_embd == kDefaultModelWidth && epochs >= static_cast<double>(kManyEpochs);
}

constexpr LengthForMany kLengthForMany{21, 5000};
constexpr std::size_t kEnoughToStop = 1000;  // documents, of which some 50 validate

}  // namespace

void set_default_patience(TrainSettings& run) {
  constexpr std::size_t kDefaultPatience = 3;  // validations
  if (run.engine != EngineKind::fast && !run.patience && run.training.teacher_part == 0.0) run.patience = kDefaultPatience;
}

void apply_generalising(TrainSettings& run) {
  run.batch_size = 64;
  run.training = {.schedule = Schedule::linear, .warmup = 200, .clip = 1.0, .loss_mean = LossMean::token};
  run.training.adam.beta1 = 0.9;
}

void apply(Preset preset, TrainSettings& run) {
  run.ngram_documents = 0.0;
  switch (preset) {
    case Preset::microgpt:
      return apply_microgpt(run);
    case Preset::small:
      return apply_small(run);
    case Preset::best:
      return apply_best(run);
  }
}

TrainingSize TrainingSize::or_larger(const TrainingSize& other) const {
  return {kind, std::max(documents, other.documents), std::max(positions, other.positions), std::max(longest, other.longest),
          std::max(vocab_size, other.vocab_size)};
}

bool is_of_shape(std::string_view setting) { return std::find(kShape.begin(), kShape.end(), setting) != kShape.end(); }

TrainingSize training_size(const Corpus& corpus, const TrainSettings& options, const InitialModel* init) {
  const std::size_t vocab_size = init != nullptr ? init->tokenizer.vocab_size() : Tokenizer(corpus).vocab_size();
  TrainingSize size{.kind = corpus.kind(), .vocab_size = vocab_size};
  const auto add = [&](std::size_t characters) {
    ++size.documents;
    size.positions += characters + 1;
    size.longest = std::max(size.longest, characters + 1);
  };
  if (corpus.kind() == CorpusKind::text) {
    add(count_characters(corpus.encoding(), split_text(corpus, options.held_out).training));
    return size;
  }
  for (const std::size_t d : split_corpus(corpus, options.seed, options.held_out).training)
    add(count_characters(corpus.encoding(), corpus[d]));
  return size;
}

void fit(const TrainingSize& size, const IsGiven& is_given, TrainSettings& run, LengthForMany many, bool goes_on) {
  const auto set = [&](std::string_view name, auto& setting, auto value) {
    assert(std::find(kFittedSettings.begin(), kFittedSettings.end(), name) != kFittedSettings.end());
    const bool is_of_model = goes_on && is_of_shape(name);
    if (!is_given(name) && !is_of_model) setting = value;
  };
  TrainingOptions& training = run.training;
  set("block_size", run.block_size,
      size.kind == CorpusKind::text ? kDefaultTextContext : std::min(size.longest, kMaxDefaultContext));
  if (run.engine != EngineKind::fast) return;
  const bool is_text = size.kind == CorpusKind::text;
  const bool is_short = run.seconds && *run.seconds < kFewSeconds;
  if (is_short) {
    set("n_layer", run.n_layer, kSmallModelLayers);
    set("n_embd", run.n_embd, kSmallModelWidth);
  } else {
    set("n_layer", run.n_layer, std::size_t{size.positions < kFewPositions ? 2U : is_text ? 3U : 4U});
    set("n_embd", run.n_embd, std::size_t{is_text && size.positions >= kFewPositions ? 96U : 64U});
  }
  set("n_head", run.n_head, 4U);
  const double written = is_given("ngram_documents") ? run.ngram_documents : written_documents(size);
  const bool is_unwanted = is_given("ngram_share") && training.ngram_share == 0.0;
  const bool learns = !is_unwanted && can_learn_from_ngram(size, written);
  set("ngram_documents", run.ngram_documents, learns ? written : 0.0);
  set("batch_size", run.batch_size, batch_size(size, run));
  set("num_steps", training.num_steps, num_steps(size, run, many));
  set("loss_mean", training.loss_mean, LossMean::token);
  set("optimizer", training.optimizer, OptimizerKind::muon);
  const bool is_muon = training.optimizer == OptimizerKind::muon;
  const bool has_care =
      is_muon && !is_short && !goes_on && !is_given("learning_rate") && !is_given("weight_decay") && needs_care(size, run);
  // The less of the n-gram's predictions the GPT has learned, the more the two have to say to each other.
  const bool is_taught = learns && !(has_care && size.positions >= kTaughtPositions);
  set("ngram_share", training.ngram_share, is_taught ? 0.25 : 0.0);
  const double rate_of_muon = run.n_embd > kDefaultModelWidth ? 0.014 : has_care ? 0.03 : 0.02;
  set("learning_rate", training.learning_rate, (is_muon ? rate_of_muon : 0.008) * (goes_on ? kRateOfGoingOn : 1.0));
  const double decay_of_muon = is_short ? kSmallModelDecay : has_care || size.positions < kFewPositions ? 0.4 : 0.2;
  set("weight_decay", training.adam.weight_decay, is_muon ? decay_of_muon : 0.04);
  run.fits_warmup = !is_given("warmup");
  set("warmup", training.warmup, run.seconds ? kMaxWarmup : std::min(kMaxWarmup, training.num_steps / kWarmupPart));
  set("beta1", training.adam.beta1, 0.9);
  set("clip", training.clip, 1.0);
  set("average", training.average, 0.1);
}

TrainSettings class_defaults() {
  TrainSettings options;
  options.held_out = 0.05;
  options.training.ngram_share = 0.0;
  options.activation = Activation::squared_relu;
  return options;
}

std::vector<TrainSettings> settings_of_classes(std::vector<TrainingSize> sizes, const IsGiven& is_given,
                                               const TrainSettings& run) {
  TrainingSize largest = sizes.front();
  for (const TrainingSize& size : sizes) largest = largest.or_larger(size);
  TrainSettings shaped = run;
  const auto set = [&](std::string_view name, auto& setting, auto value) {
    if (!is_given(name)) setting = value;
  };
  const bool is_muon = !is_given("optimizer") || run.training.optimizer == OptimizerKind::muon;
  const bool is_fast = run.engine == EngineKind::fast;
  if (is_fast) {
    set("n_layer", shaped.n_layer, kSmallModelLayers);
    set("n_embd", shaped.n_embd, kSmallModelWidth);
    if (is_muon) set("weight_decay", shaped.training.adam.weight_decay, kSmallModelDecay);
  }
  const auto is_fixed = [&](std::string_view setting) {
    const bool is_set = setting == "n_layer" || setting == "n_embd" || (is_muon && setting == "weight_decay");
    return setting == "ngram_share" || (is_fast && is_set) || is_given(setting);
  };
  fit(largest, is_fixed, shaped, kLengthForMany);
  const auto is_fixed_or_shape = [&](std::string_view setting) { return is_of_shape(setting) || is_fixed(setting); };
  std::vector<TrainSettings> runs;
  for (TrainingSize& size : sizes) {
    size.vocab_size = largest.vocab_size;
    runs.push_back(shaped);
    fit(size, is_fixed_or_shape, runs.back(), kLengthForMany);
    // A model that begins anew after its teacher is worse at first, and few documents that validate are a matter of chance.
    const bool may_stop = run.training.teacher_part == 0.0 && size.documents >= kEnoughToStop;
    if (!is_given("patience")) runs.back().patience = may_stop ? 3 : 0;
  }
  return runs;
}

}  // namespace microgpt
