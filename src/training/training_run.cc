// SPDX-License-Identifier: MIT
#include "training/training_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <chrono>
#include <cmath>
#include <span>
#include <utility>
#include <vector>

#include "io/resource_limits.h"
#include "microgpt/error.h"
#include "model/initialize.h"
#include "ngram/choose_order.h"
#include "parallel/cores.h"
#include "scoring/evaluation.h"
#include "text/corpus_checks.h"
#include "training/ngram_teacher.h"
#include "training/training_memory.h"

namespace microgpt {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kDefaultValidations = 10;
constexpr double kWarmUpShare = 0.1;  // of the seconds that are given
constexpr double kMaxWarmUpSeconds = 1.0;
constexpr double kLookAhead = 0.2;          // seconds
constexpr std::size_t kMaxLookAhead = 100;  // of so many steps one at most, and another one

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

std::size_t sample_size(std::size_t documents, std::size_t positions) {
  const std::size_t typical_documents = documents * TrainingRun::kTrainingSamplePositions / std::max<std::size_t>(1, positions);
  return std::clamp<std::size_t>(typical_documents, 1, TrainingRun::kTrainingSample);
}

const char* ngram_setting(const TrainSettings& options) {
  return options.training.ngram_share > 0.0 ? "ngram_share" : "ngram_documents";
}

// By which there are soft targets.
const char* teaching_setting(const TrainSettings& options) {
  return options.training.teacher_steps() > 0 ? "teacher_part" : ngram_setting(options);
}

void require_ngram_teacher(const TrainSettings& options, CorpusKind kind) {
  const double value = options.training.ngram_share > 0.0 ? options.training.ngram_share : options.ngram_documents;
  const auto refuse = [&](const char* why) {
    throw ConfigError(ngram_setting(options), fmt::format("{}: {}; set it to 0", value, why));
  };
  if (options.engine != EngineKind::fast) refuse("only the engine fast learns from an n-gram");
  if (kind == CorpusKind::text) refuse("a running text has too many windows for an n-gram's predictions");
}

void require_teachable(const TrainSettings& options, CorpusKind kind, const RunInputs& inputs) {
  const auto refuse = [&](const char* why) {
    throw ConfigError("teacher_part", fmt::format("{}: {}; set teacher_part to 0, also where a preset has set it",
                                                  options.training.teacher_part, why));
  };
  if (options.engine != EngineKind::fast) refuse("only the engine fast learns from a teacher");
  if (kind == CorpusKind::text) refuse("a running text has too many windows for a teacher");
  if (inputs.has_parameters()) refuse("a model that begins as a saved one has no teacher");
  if (options.patience.value_or(0) > 0)
    refuse("after its teacher a model begins anew, with worse losses, so patience must be 0");
}

// What the engine keeps packed, as a table's numbers.
template <typename Number>
TableNumbers unpacked(const Engine& engine, std::span<const Number> packed) {
  return [&engine, packed](std::size_t tensor, std::span<double> to) { engine.unpack(packed, tensor, to); };
}

}  // namespace

TeamSizes team_of(const TrainSettings& settings, const ComputeResources& resources) {
  if (settings.engine != EngineKind::fast) return {};
  const DataParallel* const ranks = resources.ranks;
  const std::size_t machine_ranks = ranks == nullptr ? 1 : ranks->on_same_machine();
  if (resources.threads != 0) return {resources.threads, machine_ranks};
  return {default_threads(ranks == nullptr ? 1 : ranks->on_same_cores()), machine_ranks};
}

std::size_t min_positions(const TrainSettings& options, CorpusKind kind) {
  return options.batch_size * (kind == CorpusKind::text ? options.block_size : 1);
}

Config config_of(const TrainSettings& options, CorpusKind kind, std::size_t vocab_size, const RunInputs& inputs) {
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
  if (options.training.optimizer == OptimizerKind::muon && options.engine != EngineKind::fast)
    throw ConfigError("optimizer", "muon: only the engine fast has it; choose adam");
  if (options.training.teacher_part > 0.0) require_teachable(options, kind, inputs);
  if (options.has_ngram_teacher()) require_ngram_teacher(options, kind);
  require_training_memory(config, options, kind, team_of(options, inputs.resources));
  return config;
}

TrainingRun::TrainingRun(const Corpus& corpus, const TrainSettings& options, const RunInputs& inputs)
    : TrainingRun(prepare(corpus, options, inputs), options, inputs) {}

TrainingRun::TrainingRun(PreparedCorpus corpus, const TrainSettings& options, const RunInputs& inputs)
    : options_(options),
      inputs_(inputs),
      kind_(corpus.kind),
      tokenizer_(std::move(corpus.tokenizer)),
      config_(config_of(options, kind_, tokenizer_.vocab_size(), inputs)),
      table_(config_),
      validation_(std::move(corpus.parts.validation)),
      test_(std::move(corpus.parts.test)),
      baseline_(std::move(corpus.baseline)),
      epochs_(take_training(corpus), {options.batch_size, options.block_size, options.seed}),
      training_sample_(sample_of_training()),
      team_(team_of(options, inputs.resources).threads),
      engine_(make_initial_engine()),
      trainer_(make_trainer()) {
  if (options_.training.teacher_steps() > 0 || options_.has_ngram_teacher())
    soft_target_memory_ =
        take_teacher_memory(config_, options_, teaching_setting(options_), windows(), team_of(options_, resources()));
  if (options_.training.average > 0.0) average_.emplace(options_.training.average, engine_->buffers());
  set_targets_of_documents();
}

// Of a running text a stretch in its middle, which is read as what is held out is.
TokenizedDocuments TrainingRun::sample_of_training() const {
  const std::size_t count = sample_size(own_documents_, own_positions_);
  if (kind_ != CorpusKind::text) return training().sample(count, own_documents_);
  const std::size_t windows = std::min(count, own_documents_);
  return training().joined((own_documents_ - windows) / 2, windows);
}

// What the epochs go over; tells the corpus's own part of it.
TokenizedDocuments TrainingRun::take_training(PreparedCorpus& corpus) {
  TokenizedDocuments documents = documents_to_train_on(kind_, std::move(corpus.parts.training), options_.block_size);
  own_documents_ = documents.size();
  own_positions_ = documents.all_positions();
  if (options_.ngram_documents == 0.0) return documents;
  const auto count = static_cast<std::size_t>(std::llround(options_.ngram_documents * static_cast<double>(documents.size())));
  return with_written_documents(documents, *baseline_, count, options_.seed);
}

void TrainingRun::set_targets_of_documents() {
  soft_targets_.reset();
  if (!options_.has_ngram_teacher()) return;
  soft_targets_.emplace(config_.vocab_size, windows(), std::move(soft_target_memory_));
  mix_in_ngram(*baseline_, windows(), own_documents_, options_.training.ngram_share, *soft_targets_);
}

FastEngineOptions TrainingRun::fast_options() {
  return {resources().target, options_.prefix_sharing ? PrefixSharing::where_it_pays : PrefixSharing::never, &team_};
}

TrainingRun::PreparedCorpus TrainingRun::prepare(const Corpus& corpus, const TrainSettings& options, const RunInputs& inputs) {
  Tokenizer tokenizer = inputs.init ? inputs.init->tokenizer : Tokenizer(corpus);
  if (inputs.init) require_known_characters(corpus, tokenizer);
  CorpusParts parts = split_and_tokenize(corpus, tokenizer, options.seed, options.held_out);
  std::optional<NgramModel> baseline;
  if (inputs.with_baseline || options.has_ngram_teacher()) baseline = make_baseline(parts, tokenizer.vocab_size());
  return_freed_memory();  // counting n-grams takes more than they do
  return {corpus.kind(), std::move(tokenizer), std::move(parts), std::move(baseline)};
}

std::unique_ptr<Engine> TrainingRun::make_initial_engine() {
  auto engine = resources().ranks == nullptr ? make_engine(options_.engine, config_, fast_options())
                                             : resources().ranks->make_engine(config_, fast_options());
  if (inputs_.has_parameters()) {
    engine->load(inputs_.init->parameters);
    return engine;
  }
  draw_parameters(*engine);
  return engine;
}

std::unique_ptr<Optimizer> TrainingRun::make_optimizer(const TrainingOptions& options) {
  if (resources().ranks != nullptr) return resources().ranks->make_optimizer(options.optimizer_options(), resources().target);
  return std::make_unique<LocalOptimizer>(options.optimizer_options(), config_, engine_->buffers(), resources().target);
}

void TrainingRun::draw_parameters(Engine& engine) {
  PythonRandom random(options_.seed);
  engine.load(initial_parameters(table_, width_scaled_std(config_.n_embd), random));
}

Trainer TrainingRun::make_trainer() {
  fix_training_options();
  const auto fill = [this](std::size_t step, Batch& batch) {
    epochs_.fill(step, batch, soft_targets_ ? &*soft_targets_ : nullptr);
    trained_positions_ += batch.counted_positions();
  };
  return Trainer(*engine_, make_optimizer(options_.training), fill, options_.training, resources().target);
}

void TrainingRun::fix_training_options() {
  options_.training.dropout_seed = options_.seed;
  if (options_.seconds) options_.training.num_steps = steps_within(*options_.seconds);
  if (options_.seconds && options_.fits_warmup)
    options_.training.warmup = std::min(options_.training.warmup, options_.training.num_steps / kWarmupPart);
}

// The steps are those of the run itself, but move nothing; as many as fit into the budget, and at most some.
double TrainingRun::measure_seconds_per_step(double budget, std::size_t max_steps) {
  std::vector<double> parameters(table_.parameter_count());
  engine_->store(parameters);
  TrainingOptions options = options_.training;
  options.num_steps = kMaxSteps;
  options.learning_rate = 0.0;
  Trainer trainer(
      *engine_, make_optimizer(options),
      [&](std::size_t step, Batch& batch) {
        epochs_.fill(step, batch);
        if (options.teacher_part == 0.0 && !options_.has_ngram_teacher()) return;
        const std::size_t vocab_size = config_.vocab_size;  // what a model predicts takes longer than one token
        batch.soft_targets.assign(batch.positions() * vocab_size, 1.0F / static_cast<float>(vocab_size));
      },
      options, resources().target);
  trainer.train_step();  // which takes the memory that the others use
  const auto begin = Clock::now();
  do trainer.train_step();
  while (seconds_since(begin) < budget && trainer.step() <= max_steps);
  const double seconds_per_step = seconds_since(begin) / static_cast<double>(trainer.step() - 1);
  engine_->load(parameters);
  return seconds_per_step;
}

std::size_t TrainingRun::steps_within(double seconds) {
  const auto begin = Clock::now();
  const double seconds_per_step = measure_seconds_per_step(std::min(seconds * kWarmUpShare, kMaxWarmUpSeconds), kMaxSteps);
  const double steps = (seconds - seconds_since(begin)) / seconds_per_step;
  return static_cast<std::size_t>(std::clamp(steps, 1.0, static_cast<double>(kMaxSteps)));
}

double TrainingRun::estimate_seconds() {
  assert(trainer_.step() == 0);
  if (options_.seconds) return *options_.seconds;
  const std::size_t steps = trainer_.num_steps();
  const double seconds_per_step = measure_seconds_per_step(kLookAhead, steps / kMaxLookAhead);
  trainer_.begin_anew();  // ranks have one optimizer at a time
  return seconds_per_step * static_cast<double>(steps);
}

Batch TrainingRun::first_documents(std::size_t count) {
  const std::size_t most = std::min(count, windows().size());
  Batch batch;
  for (std::size_t step = 0; batch.documents() < most; ++step) epochs_.fill(step, batch);
  batch.offsets.resize(most + 1);
  batch.inputs.resize(batch.offsets.back());
  batch.targets.resize(batch.offsets.back());
  batch.context.resize(std::min(batch.context.size(), most));
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

bool TrainingRun::validates_at(std::size_t step) const {
  const std::size_t steps = options_.training.num_steps;
  if (step == 0 || step == steps || step == options_.training.teacher_steps()) return true;
  const std::size_t every = options_.eval_every.value_or(std::max<std::size_t>(1, steps / kDefaultValidations));
  return (every > 0 && step % every == 0) || (!options_.eval_every && is_early_validation(step));
}

// Counted from where the teacher began, or else the model.
std::size_t TrainingRun::step_of_phase(std::size_t step) const {
  const std::size_t teacher_steps = options_.training.teacher_steps();
  return step > teacher_steps ? step - teacher_steps : step;
}

bool TrainingRun::is_early_validation(std::size_t step) const {
  step = step_of_phase(step);
  if (step >= options_.training.num_steps / kDefaultValidations) return false;
  for (std::size_t quarters = 1;; quarters *= 2) {
    const std::size_t after = quarters * windows().size() / (4 * options_.batch_size);
    if (after >= step) return after == step && step > 0;
  }
}

std::size_t TrainingRun::next_validation() const {
  std::size_t step = trainer_.step() + 1;
  while (!validates_at(step)) ++step;
  return step;
}

bool TrainingRun::validation_is_due() const {
  const std::size_t step = trainer_.step();
  return validation_ && validates_at(step) && progress_.evaluated_step != step;
}

double TrainingRun::train_step() {
  if (teacher_is_done()) begin_after_teacher();
  const double loss = trainer_.train_step();
  if (average_) average_->take(engine_->parameters(), step_of_phase(trainer_.step()));
  return loss;
}

bool TrainingRun::teacher_is_done() const {
  const std::size_t teacher_steps = options_.training.teacher_steps();
  return teacher_steps > 0 && trainer_.step() == teacher_steps && !progress_.teacher_step;
}

// With the engine's parameters of now.
void TrainingRun::learn_from_teacher(const EvaluationWatch& watch) {
  set_targets_of_documents();
  if (!soft_targets_) soft_targets_.emplace(config_.vocab_size, windows(), std::move(soft_target_memory_));
  soft_targets_->mix_in(*engine_, windows(), options_.training.teacher_share, watch);
}

void TrainingRun::begin_after_teacher(const EvaluationWatch& watch) {
  assert(teacher_is_done());
  load_best_parameters();
  learn_from_teacher(watch);
  const auto parameters = std::get<Buffers<float>>(engine_->buffers()).parameters;
  teacher_.assign(parameters.begin(), parameters.end());
  progress_.teacher_step = progress_.best_step.value_or(trainer_.step());
  draw_parameters(*engine_);
  trainer_.begin_anew();
}

MeanLoss TrainingRun::validate(const EvaluationWatch& watch) {
  if (!average_) return validate_parameters(watch);
  average_->exchange(*engine_);
  try {
    const MeanLoss loss = validate_parameters(watch);
    average_->exchange(*engine_);
    return loss;
  } catch (...) {
    average_->exchange(*engine_);
    throw;
  }
}

MeanLoss TrainingRun::validate_parameters(const EvaluationWatch& watch) {
  const MeanLoss loss = evaluate(*engine_, *validation_, watch).loss;
  progress_.step = trainer_.step();
  if (progress_.take_validation(loss.of(options_.training.loss_mean)))
    std::visit([this](auto buffers) { best_of(buffers).assign(buffers.parameters.begin(), buffers.parameters.end()); },
               engine_->buffers());
  return loss;
}

template <typename Real>
std::vector<Real>& TrainingRun::best_of(const Buffers<Real>&) {
  if (!std::holds_alternative<std::vector<Real>>(best_)) best_.emplace<std::vector<Real>>();
  return std::get<std::vector<Real>>(best_);
}

Checkpoint TrainingRun::checkpoint() {
  const auto read = [this](auto packed) {
    return unpacked(*engine_, std::span<const typename decltype(packed)::value_type>(packed));
  };
  Checkpoint checkpoint{progress(), precision(), {}, {}, {}, {}, {}, {}};
  checkpoint.parameters = std::visit([&](auto buffers) { return read(buffers.parameters); }, engine_->buffers());
  checkpoint.mean = std::visit(read, trainer_.optimizer().mean());
  checkpoint.square = std::visit(read, trainer_.optimizer().square());
  if (average_) checkpoint.average = std::visit(read, average_->numbers());
  if (progress_.best_step) checkpoint.best = std::visit([&](auto& best) { return read(std::span(best)); }, best_);
  if (progress_.teacher_step) checkpoint.teacher = read(std::span(teacher_));
  return checkpoint;
}

void TrainingRun::restore_teacher(const Checkpoint& checkpoint, const EvaluationWatch& watch) {
  const std::size_t step = checkpoint.progress.step;
  const std::size_t teacher_steps = options_.training.teacher_steps();
  if (step > trainer_.num_steps())
    throw Error(
        fmt::format("the checkpoint is of step {}, and its run has {}; begin the run again", step, trainer_.num_steps()));
  const bool has_teacher = teacher_steps > 0 && step > teacher_steps;
  if (has_teacher != checkpoint.progress.teacher_step.has_value())
    throw Error(fmt::format("the checkpoint of step {} has {} teacher, and its run is otherwise; begin the run again", step,
                            has_teacher ? "no" : "a"));
  if (!has_teacher) return;
  const auto parameters = std::get<Buffers<float>>(engine_->buffers()).parameters;
  for_each_tensor(table_, checkpoint.teacher,
                  [&](std::size_t i, std::span<const double> numbers) { engine_->pack(i, numbers, parameters); });
  engine_->parameters_changed();
  teacher_.assign(parameters.begin(), parameters.end());
  if (step < trainer_.num_steps()) learn_from_teacher(watch);
}

void TrainingRun::restore(const Checkpoint& checkpoint, const EvaluationWatch& watch) {
  assert(checkpoint.precision == precision());
  const auto pack = [this](const TableNumbers& from, AnyNumbers to) {
    for_each_tensor(table_, from, [&](std::size_t i, std::span<const double> numbers) { engine_->pack(i, numbers, to); });
  };
  if (static_cast<bool>(checkpoint.average) != average_.has_value())
    throw Error(fmt::format("the checkpoint has {} mean of the parameters, and its run is otherwise; begin the run again",
                            checkpoint.average ? "a" : "no"));
  restore_teacher(checkpoint, watch);
  if (!soft_targets_ && checkpoint.progress.step < trainer_.num_steps()) set_targets_of_documents();  // if there are any
  std::visit(
      [&](auto buffers) {
        pack(checkpoint.parameters, buffers.parameters);
        if (!checkpoint.best) return;
        best_of(buffers).assign(buffers.parameters.size(), 0);
        pack(checkpoint.best, std::span(best_of(buffers)));
      },
      engine_->buffers());
  engine_->parameters_changed();
  pack(checkpoint.mean, trainer_.optimizer().mean());
  pack(checkpoint.square, trainer_.optimizer().square());
  if (average_) pack(checkpoint.average, average_->numbers());
  trainer_.resume(checkpoint.progress.step);
  progress_ = checkpoint.progress;
}

void TrainingRun::load_best_parameters() {
  if (is_finished()) soft_targets_.reset();  // evaluation takes memory, too
  const auto become = [this](const auto& numbers, auto buffers) {
    std::copy(numbers.begin(), numbers.end(), buffers.parameters.begin());
    engine_->parameters_changed();
  };
  if (progress_.best_step) return std::visit([&](auto buffers) { become(best_of(buffers), buffers); }, engine_->buffers());
  if (!average_) return;
  const AnyNumbers mean = average_->numbers();
  std::visit([&]<typename Real>(Buffers<Real> buffers) { become(std::get<std::span<Real>>(mean), buffers); },
             engine_->buffers());
}

}  // namespace microgpt
