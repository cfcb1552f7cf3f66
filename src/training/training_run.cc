#include "training/training_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <chrono>
#include <cmath>
#include <span>
#include <utility>
#include <vector>

#include "io/memory.h"
#include "microgpt/error.h"
#include "model/initialize.h"

namespace microgpt {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kWarmUpShare = 0.1;    // of the seconds that are given
constexpr double kLongestWarmUp = 1.0;  // seconds

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

// Parameters, their transposed copy, gradient, two moments, and once, in double precision, the initial values. What else there
// is depends on the documents.
void require_memory(const Config& config, const ParameterTable& table) {
  const double bytes = static_cast<double>(table.parameter_count()) * (5.0 * sizeof(float) + sizeof(double));
  const auto memory = static_cast<double>(physical_memory());
  if (bytes <= memory) return;
  throw ConfigError("n_embd",
                    fmt::format("{} with n_layer {}: training {} parameters takes at least {:.3g} GiB, and this "
                                "machine has {:.3g} GiB; choose smaller sizes",
                                config.n_embd, config.n_layer, table.parameter_count(), bytes / 0x1p30, memory / 0x1p30));
}

Config make_config(const TrainingRunOptions& options, std::size_t vocab_size) {
  Config config;
  config.vocab_size = vocab_size;
  config.n_layer = options.n_layer;
  config.n_embd = options.n_embd;
  config.n_head = options.n_head;
  config.block_size = options.block_size;
  config.activation = options.activation;
  validate(config);
  if (options.engine == EngineKind::fast) require_memory(config, ParameterTable(config));
  return config;
}

std::vector<std::size_t> spread_evenly(const std::vector<std::size_t>& indices, std::size_t count) {
  if (indices.size() <= count) return indices;
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < count; ++i) chosen.push_back(indices[i * indices.size() / count]);
  return chosen;
}

std::optional<TokenizedDocuments> held_out_part(const Corpus& corpus, const Tokenizer& tokenizer,
                                                const std::vector<std::size_t>& indices) {
  if (indices.empty()) return std::nullopt;
  return TokenizedDocuments(corpus, tokenizer, indices);
}

std::size_t count_longer(const TokenizedDocuments& documents, std::size_t block_size) {
  std::size_t count = 0;
  for (std::size_t d = 0; d < documents.size(); ++d)
    if (documents.positions(d) > block_size) ++count;
  return count;
}

}  // namespace

TrainingRun::TrainingRun(const Corpus& corpus, const TrainingRunOptions& options)
    : TrainingRun(corpus, split_corpus(corpus, options.seed, options.held_out), options) {}

TrainingRun::TrainingRun(const Corpus& corpus, const Split& split, const TrainingRunOptions& options)
    : options_(options),
      tokenizer_(corpus),
      config_(make_config(options, tokenizer_.vocab_size())),
      table_(config_),
      epochs_(TokenizedDocuments(corpus, tokenizer_, split.training), {options.batch_size, options.block_size, options.seed}),
      training_sample_(corpus, tokenizer_, spread_evenly(split.training, kTrainingSample)),
      validation_(held_out_part(corpus, tokenizer_, split.validation)),
      test_(held_out_part(corpus, tokenizer_, split.test)),
      engine_(make_initial_engine()),
      trainer_(
          *engine_,
          [this](std::size_t step, Batch& batch) {
            epochs_.fill(step, batch);
            trained_positions_ += batch.positions();
          },
          training_options(), options.fast.target) {}

std::unique_ptr<Engine> TrainingRun::make_initial_engine() {
  auto engine = make_engine(options_.engine, config_, options_.fast);
  PythonRandom random(options_.seed);
  engine->load(initial_parameters(table_, width_scaled_std(config_.n_embd), random));
  return engine;
}

TrainingOptions TrainingRun::training_options() {
  options_.training.dropout_seed = options_.seed;
  if (options_.seconds) options_.training.num_steps = steps_within(*options_.seconds);
  return options_.training;
}

// The steps are those of the run itself, on an engine like its own.
std::size_t TrainingRun::steps_within(double seconds) {
  const auto begin = Clock::now();
  const auto engine = make_engine(options_.engine, config_, options_.fast);
  std::vector<double> parameters(table_.parameter_count());
  engine_->store(parameters);
  engine->load(parameters);
  TrainingOptions options = options_.training;
  options.num_steps = kMostSteps;
  Trainer trainer(
      *engine, [this](std::size_t step, Batch& batch) { epochs_.fill(step, batch); }, options, options_.fast.target);
  trainer.train_step();  // which takes the memory that the others use
  const auto begin_of_steps = Clock::now();
  const double budget = std::min(seconds * kWarmUpShare, kLongestWarmUp);
  do trainer.train_step();
  while (seconds_since(begin_of_steps) < budget);
  const double a_step = seconds_since(begin_of_steps) / static_cast<double>(trainer.step() - 1);
  const double steps = (seconds - seconds_since(begin)) / a_step;
  return static_cast<std::size_t>(std::clamp(steps, 1.0, static_cast<double>(kMostSteps)));
}

TrainingRun::CutDocuments TrainingRun::cut_documents() const {
  CutDocuments count{0, 0};
  const auto add = [&](const TokenizedDocuments& part) {
    count.cut += count_longer(part, config_.block_size);
    count.documents += part.size();
  };
  add(training());
  if (validation_) add(*validation_);
  if (test_) add(*test_);
  return count;
}

Batch TrainingRun::first_documents(std::size_t count) {
  const std::size_t most = std::min(count, training().size());
  Batch batch;
  for (std::size_t step = 0; batch.documents() < most; ++step) epochs_.fill(step, batch);
  batch.offsets.resize(most + 1);
  batch.inputs.resize(batch.offsets.back());
  batch.targets.resize(batch.offsets.back());
  return batch;
}

SavedModel TrainingRun::model() const {
  std::vector<double> parameters(table_.parameter_count());
  engine_->store(parameters);
  const Precision precision = options_.engine == EngineKind::fast ? Precision::float32 : Precision::float64;
  return {config_, tokenizer_, std::move(parameters), precision};
}

}  // namespace microgpt
