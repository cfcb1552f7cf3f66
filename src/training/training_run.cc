#include "training/training_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <chrono>
#include <cmath>
#include <span>
#include <utility>
#include <vector>

#include "microgpt/error.h"
#include "model/initialize.h"
#include "text/known_characters.h"
#include "training/baseline.h"
#include "training/evaluation.h"
#include "training/memory.h"

namespace microgpt {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kUsualValidations = 10;
constexpr double kWarmUpShare = 0.1;    // of the seconds that are given
constexpr double kLongestWarmUp = 1.0;  // seconds

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

Config make_config(const TrainingRunOptions& options, std::size_t vocab_size) {
  Config config;
  config.vocab_size = vocab_size;
  config.n_layer = options.n_layer;
  config.n_embd = options.n_embd;
  config.n_head = options.n_head;
  config.block_size = options.block_size;
  config.activation = options.activation;
  validate(config);
  if (options.engine == EngineKind::exact && options.training.dropout > 0.0)
    throw ConfigError("dropout", fmt::format("{}: {}", options.training.dropout, kNoDropout));
  require_training_memory(config, options.engine);
  return config;
}

std::size_t count_longer(const TokenizedDocuments& documents, std::size_t block_size) {
  std::size_t count = 0;
  for (std::size_t d = 0; d < documents.size(); ++d)
    if (documents.positions(d) > block_size) ++count;
  return count;
}

std::size_t team_size(const TrainingRunOptions& options) {
  if (options.engine != EngineKind::fast) return 1;
  if (options.threads != 0) return options.threads;
  return default_threads(options.crew == nullptr ? 1 : options.crew->on_same_cores());
}

}  // namespace

std::size_t default_threads(std::size_t processes) {
  return std::clamp<std::size_t>(usable_cores() / processes, 1, ThreadTeam::kMostMembers);
}

TrainingRun::TrainingRun(const Corpus& corpus, const TrainingRunOptions& options)
    : TrainingRun(corpus.kind(), prepare(corpus, options), options) {}

TrainingRun::TrainingRun(CorpusKind kind, PreparedCorpus corpus, const TrainingRunOptions& options)
    : options_(options),
      kind_(kind),
      tokenizer_(std::move(corpus.tokenizer)),
      config_(make_config(options, tokenizer_.vocab_size())),
      table_(config_),
      epochs_(documents_to_train_on(kind, std::move(corpus.parts.training), options.block_size),
              {options.batch_size, options.block_size, options.seed}),
      training_sample_(epochs_.documents().sample(kTrainingSample)),
      validation_(std::move(corpus.parts.validation)),
      test_(std::move(corpus.parts.test)),
      baseline_(std::move(corpus.baseline)),
      team_(team_size(options)),
      engine_(make_initial_engine()),
      trainer_(
          *engine_,
          [this](std::size_t step, Batch& batch) {
            epochs_.fill(step, batch);
            trained_positions_ += batch.positions();
          },
          training_options(), options.target, &team_, options.crew) {}

FastEngineOptions TrainingRun::fast_options() {
  return {options_.target, options_.no_prefix_sharing ? PrefixSharing::never : PrefixSharing::where_it_pays, &team_};
}

TrainingRun::PreparedCorpus TrainingRun::prepare(const Corpus& corpus, const TrainingRunOptions& options) {
  Tokenizer tokenizer = options.init ? options.init->tokenizer : Tokenizer(corpus);
  if (options.init) require_known_characters(corpus, tokenizer);
  if (options.mix_ngram && options.held_out == 0.0)
    throw ConfigError("mix_ngram", "needs documents for validation, which chooses the proportion: held_out must be above 0");
  CorpusParts parts = split_and_tokenize(corpus, tokenizer, options.seed, options.held_out);
  std::optional<NgramModel> baseline;
  if (options.with_baseline) baseline = make_baseline(parts, tokenizer.vocab_size());
  return {std::move(tokenizer), std::move(parts), std::move(baseline)};
}

std::unique_ptr<Engine> TrainingRun::make_initial_engine() {
  auto engine = options_.crew == nullptr ? make_engine(options_.engine, config_, fast_options())
                                         : options_.crew->make_engine(config_, fast_options());
  if (options_.init && !options_.init->parameters.empty()) {
    engine->load(options_.init->parameters);
    return engine;
  }
  PythonRandom random(options_.seed);
  engine->load(initial_parameters(table_, width_scaled_std(config_.n_embd), random));
  return engine;
}

TrainingOptions TrainingRun::training_options() {
  options_.training.dropout_seed = options_.seed;
  if (options_.seconds) options_.training.num_steps = steps_within(*options_.seconds);
  if (!options_.eval_every) options_.eval_every = std::max<std::size_t>(1, options_.training.num_steps / kUsualValidations);
  return options_.training;
}

// The steps are those of the run itself; afterwards the engine has the parameters of before.
std::size_t TrainingRun::steps_within(double seconds) {
  const auto begin = Clock::now();
  std::vector<double> parameters(table_.parameter_count());
  engine_->store(parameters);
  TrainingOptions options = options_.training;
  options.num_steps = kMostSteps;
  Trainer trainer(
      *engine_, [this](std::size_t step, Batch& batch) { epochs_.fill(step, batch); }, options, options_.target, &team_,
      options_.crew);
  trainer.train_step();  // which takes the memory that the others use
  const auto begin_of_steps = Clock::now();
  const double budget = std::min(seconds * kWarmUpShare, kLongestWarmUp);
  do trainer.train_step();
  while (seconds_since(begin_of_steps) < budget);
  const double a_step = seconds_since(begin_of_steps) / static_cast<double>(trainer.step() - 1);
  engine_->load(parameters);
  const double steps = (seconds - seconds_since(begin)) / a_step;
  return static_cast<std::size_t>(std::clamp(steps, 1.0, static_cast<double>(kMostSteps)));
}

TrainingRun::CutDocuments TrainingRun::cut_documents() const {
  CutDocuments count{0, 0};
  if (kind_ == CorpusKind::text) return count;  // its windows fit
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

Precision TrainingRun::precision() const {
  return options_.engine == EngineKind::fast ? Precision::float32 : Precision::float64;
}

Progress TrainingRun::progress() const {
  Progress progress = progress_;
  progress.step = trainer_.step();
  return progress;
}

bool TrainingRun::is_finished() const {
  if (validation_is_due()) return false;
  const std::size_t patience = options_.patience.value_or(0);
  return trainer_.step() == trainer_.num_steps() || (patience > 0 && progress_.evaluations_since_best >= patience);
}

bool TrainingRun::validation_is_due() const {
  const std::size_t step = trainer_.step();
  const std::size_t every = *options_.eval_every;
  const bool is_asked_for = step == 0 || step == trainer_.num_steps() || (every > 0 && step % every == 0);
  return validation_ && is_asked_for && progress_.evaluated_step != step;
}

MeanLoss TrainingRun::validate() {
  const MeanLoss loss = evaluate(*engine_, *validation_).loss;
  progress_.step = trainer_.step();
  if (progress_.take_validation(loss.of(options_.training.loss_mean))) {
    best_.resize(table_.parameter_count());
    engine_->store(best_);
  }
  return loss;
}

std::vector<double> TrainingRun::in_table_order(AnyConstNumbers packed) const {
  std::vector<double> numbers(table_.parameter_count());
  engine_->unpack(packed, numbers);
  return numbers;
}

Checkpoint TrainingRun::checkpoint() {
  const auto read = [this](AnyNumbers packed) {
    return std::visit(
        [this](auto numbers) { return in_table_order(std::span<const typename decltype(numbers)::element_type>(numbers)); },
        packed);
  };
  Checkpoint checkpoint{progress(),
                        precision(),
                        std::vector<double>(table_.parameter_count()),
                        read(trainer_.optimizer().mean()),
                        read(trainer_.optimizer().square()),
                        best_};
  engine_->store(checkpoint.parameters);
  return checkpoint;
}

void TrainingRun::restore(const Checkpoint& checkpoint) {
  assert(checkpoint.precision == precision());
  engine_->load(checkpoint.parameters);
  engine_->pack(checkpoint.mean, trainer_.optimizer().mean());
  engine_->pack(checkpoint.square, trainer_.optimizer().square());
  trainer_.resume(checkpoint.progress.step);
  progress_ = checkpoint.progress;
  best_ = checkpoint.best;
}

void TrainingRun::take_model() {
  if (!best_.empty()) engine_->load(best_);
}

}  // namespace microgpt
