// SPDX-License-Identifier: MIT
#include "sweep/sweep.h"

#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <functional>
#include <span>

#include "microgpt/error.h"
#include "ngram/choose_order.h"
#include "parallel/thread_team.h"
#include "scoring/evaluation.h"
#include "sweep/sweep_grid.h"
#include "text/split.h"
#include "training/loss_checks.h"
#include "training/train_loop.h"
#include "training/training_memory.h"

namespace microgpt {
namespace {

double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// All are to stop.
struct Stopped {};

void require_split(const Corpus& corpus, const TrainSettings& options) {
  if (corpus.kind() == CorpusKind::text)
    split_text(corpus, options.held_out);
  else
    split_corpus(corpus, options.seed, options.held_out);
}

// Whether the work is done; where it throws an Error, that is the failure.
template <typename Work>
bool succeeds(SweepResult& result, Work work) {
  try {
    work();
    return true;
  } catch (const Diverged& error) {
    result.failure = kDivergedFailure + error.what();
    return false;
  } catch (const Error& error) {
    result.failure = error.what();
    return false;
  }
}

// Adds up the seconds of the steps. What `after_step` and `watch` throw is of the sweep and no failure of this run: it is kept,
// and Stopped ends the loop.
class SweepObserver final : public TrainObserver {
 public:
  SweepObserver(const std::function<void()>& after_step, const EvaluationWatch& watch)
      : after_step_(after_step), watch_(watch) {}

  void on_steps_begin() override { begin_ = thread_seconds(); }
  void on_steps_end() override { seconds_ += thread_seconds() - begin_; }
  void on_step(std::size_t, double) override { keep_what_is_thrown(after_step_); }
  EvaluationWatch watch_validation() override { return watch_teacher(); }
  EvaluationWatch watch_teacher() override {
    return [this](std::size_t positions) {
      keep_what_is_thrown([&] {
        if (watch_) watch_(positions);
      });
    };
  }

  double seconds() const { return seconds_; }
  const std::exception_ptr& thrown() const { return thrown_; }

 private:
  template <typename Call>
  void keep_what_is_thrown(const Call& call) {
    try {
      call();
    } catch (...) {
      thrown_ = std::current_exception();
      throw Stopped{};
    }
  }

  const std::function<void()>& after_step_;
  const EvaluationWatch& watch_;
  double begin_ = 0.0;
  double seconds_ = 0.0;
  std::exception_ptr thrown_;
};

// Whether all went well.
bool train_configuration(TrainingRun& run, SweepResult& result, const std::function<void()>& after_step,
                         const EvaluationWatch& watch) {
  SweepObserver observer(after_step, watch);
  try {
    const bool is_trained = succeeds(result, [&] { train_to_end(run, {}, observer); });
    result.seconds = observer.seconds();
    return is_trained;
  } catch (const Stopped&) {
    if (observer.thrown()) std::rethrow_exception(observer.thrown());
    throw;
  }
}

HeldOutLosses held_out_losses(TrainingRun& run, const EvaluationWatch& watch) {
  require_no_divergence(run);
  run.load_best_parameters();
  const HeldOutLosses losses{evaluate(run.engine(), *run.validation(), watch).loss,
                             evaluate(run.engine(), *run.test(), watch).loss};
  for (const MeanLoss& loss : {losses.validation, losses.test})
    if (!std::isfinite(loss.document_mean + loss.token_mean))
      throw Diverged("the loss on other documents is infinite: " +
                     remedy_for_divergence(run.options().training.clip.has_value()));
  return losses;
}

}  // namespace

SweepTrainer::SweepTrainer(const Corpus& corpus, std::vector<RunSettings> configurations, Target target)
    : corpus_(corpus),
      configurations_(std::move(configurations)),
      inputs_{.resources = {.target = target, .threads = 1}},
      vocab_size_(Tokenizer(corpus).vocab_size()) {
  for (std::size_t i = 0; i < configurations_.size(); ++i) {
    const TrainSettings& options = configurations_[i].options;
    require_trainable(i);
    if (baselines_.try_emplace(split_of(options)).second) require_split(corpus_, options);
  }
}

SweepTrainer::SplitKey SweepTrainer::split_of(const TrainSettings& options) const {
  return {corpus_.kind() == CorpusKind::text ? 0 : options.seed, options.held_out};
}

void SweepTrainer::require_trainable(std::size_t configuration) {
  const TrainSettings& options = configurations_[configuration].options;
  try {
    parameter_counts_.push_back(ParameterTable(config_of(options, corpus_.kind(), vocab_size_, inputs_)).parameter_count());
    if (options.held_out == 0.0)
      throw ConfigError("held_out", "0: validation compares the models of a sweep; it must be above 0");
  } catch (const ConfigError& error) {
    if (configurations_.size() == 1) throw;
    throw ConfigError(error.field(),
                      fmt::format("{} (configuration {}: {})", error.problem(), configuration + 1,
                                  describe_settings(configurations_[configuration], varying_settings(configurations_))));
  }
}

void SweepTrainer::require_memory(std::size_t threads, std::size_t processes) const {
  RunMemory memory(corpus_, vocab_size_, inputs_.resources.threads);
  std::vector<double> bytes;
  for (const RunSettings& settings : configurations_) bytes.push_back(memory.bytes(settings.options));
  std::sort(bytes.begin(), bytes.end(), std::greater<>());
  const auto at_once = std::span(bytes).first(std::min(threads, bytes.size()));
  const std::size_t fitting = count_that_fit(at_once, processes);
  const std::string remedy = fitting == 0 ? "choose smaller sizes" : fmt::format("take --threads {} or fewer", fitting);
  require_memory_together(fmt::format("{} configurations at the same time", at_once.size()), at_once, processes, remedy);
}

double SweepTrainer::work(std::size_t configuration) const {
  const TrainSettings& options = configurations_[configuration].options;
  return static_cast<double>(parameter_counts_[configuration]) * static_cast<double>(options.batch_size) *
         static_cast<double>(std::max<std::size_t>(1, options.training.num_steps));
}

const BaselineLosses& SweepTrainer::baseline(const TrainSettings& options) {
  SharedBaseline& shared = baselines_.at(split_of(options));
  std::call_once(shared.once, [&] {
    const auto corpus = prepared(options);
    const NgramModel model = make_baseline(corpus->parts, corpus->tokenizer.vocab_size());
    shared.losses = {model.order(),
                     {evaluate(model, *corpus->parts.validation).loss, evaluate(model, *corpus->parts.test).loss}};
  });
  return shared.losses;
}

std::shared_ptr<const TrainingRun::PreparedCorpus> SweepTrainer::prepared(const TrainSettings& options) {
  const std::lock_guard lock(prepared_mutex_);
  if (prepared_split_ != split_of(options)) {
    RunInputs inputs = inputs_;
    inputs.with_baseline = std::any_of(configurations_.begin(), configurations_.end(),
                                       [](const auto& configuration) { return configuration.options.has_ngram_teacher(); });
    prepared_ = std::make_shared<const TrainingRun::PreparedCorpus>(TrainingRun::prepare(corpus_, options, inputs));
    prepared_split_ = split_of(options);
  }
  return prepared_;
}

SweepResult SweepTrainer::train(std::size_t configuration, const std::function<void()>& after_step,
                                const EvaluationWatch& watch) {
  const TrainSettings& options = configurations_[configuration].options;
  SweepResult result;
  result.parameters = parameter_counts_[configuration];
  std::optional<TrainingRun> run;
  if (succeeds(result, [&] { run.emplace(*prepared(options), options, inputs_); })) {
    if (train_configuration(*run, result, after_step, watch))
      succeeds(result, [&] { result.losses = held_out_losses(*run, watch); });
    result.seconds = std::round(result.seconds * 1e6) / 1e6;  // no clock knows more
    result.steps = run->trainer().step();
    result.model_step = run->progress().best_step.value_or(result.steps);
  }
  result.baseline = baseline(options);
  return result;
}

void run_sweep(SweepTrainer& trainer, SweepWork& work, std::size_t threads) {
  std::atomic<bool> stop = false;
  run_sweep(trainer, work, threads, stop);
}

void run_sweep(SweepTrainer& trainer, SweepWork& work, std::size_t threads, std::atomic<bool>& stop) {
  ThreadTeam team(threads);
  const auto train_next = [&](std::size_t configuration) {
    const auto after_step = [&] {
      if (stop) throw Stopped{};
      work.step_done(configuration);
    };
    const auto watch = [&](std::size_t) {
      if (stop) throw Stopped{};
      work.check();
    };
    work.take({configuration, trainer.train(configuration, after_step, watch)});
  };
  team.run(threads, [&](std::size_t, std::size_t) {
    try {
      while (!stop) {
        const std::optional<std::size_t> next = work.next();
        if (!next) return;
        train_next(*next);
      }
    } catch (const Stopped&) {
      return;
    } catch (...) {
      stop = true;
      throw;
    }
  });
}

std::vector<std::size_t> longest_first(const SweepTrainer& trainer, std::vector<std::size_t> configurations) {
  std::stable_sort(configurations.begin(), configurations.end(), [&](std::size_t a, std::size_t b) {
    if (trainer.work(a) != trainer.work(b)) return trainer.work(a) > trainer.work(b);
    return trainer.split(a) < trainer.split(b);
  });
  return configurations;
}

}  // namespace microgpt
