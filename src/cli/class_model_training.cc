// SPDX-License-Identifier: MIT
#include "cli/class_model_training.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "cli/step_progress.h"
#include "microgpt/error.h"
#include "report/run/train_report.h"
#include "training/train_loop.h"

namespace microgpt {

namespace {

// Another model has failed: this one stops after its next report.
struct Stopped {};

}  // namespace

class ClassModelTraining::Observer final : public TrainObserver {
 public:
  Observer(ClassModelTraining& training, const Interruption& interruption, const std::atomic<bool>& stop, bool shows_bar)
      : training_(training),
        interruption_(interruption),
        stop_(stop),
        progress_(training.run(), interruption, "training", shows_bar) {}

  void on_steps_begin() override { progress_.begin(); }
  void on_steps_end() override { progress_.end(); }
  void on_step(std::size_t step, double loss) override {
    training_.session_.records().take_step(step, loss);
    progress_.take_step(loss);
  }
  void on_report(std::size_t, const std::optional<MeanLoss>& validation) override {
    training_.step_lines_ +=
        step_line(training_.run(), training_.session_.records().log(validation, progress_.seconds()), validation);
  }
  void on_checkpoint() override { training_.session_.save(); }
  void check() override {
    interruption_.check();
    if (stop_) throw Stopped{};
  }
  EvaluationWatch watch_teacher() override {
    return [this](std::size_t) { check(); };
  }

 private:
  ClassModelTraining& training_;
  const Interruption& interruption_;
  const std::atomic<bool>& stop_;
  StepProgress progress_;
};

ClassModelTraining::ClassModelTraining(std::string name, const LoadedCorpus& corpus, const TrainState& state,
                                       const RunInputs& inputs, std::unique_ptr<RunFolder> folder)
    : name_(std::move(name)), folder_(std::move(folder)), session_(corpus.corpus, state, inputs, folder_.get()) {}

const Mixture& ClassModelTraining::mixture() {
  const Mixture* const mixture = session_.records().mixture();
  if (mixture == nullptr)
    throw Error(
        fmt::format("{} has no n-gram any more: restore ngram.bin from a copy, or train again with --overwrite", folder()));
  return *mixture;
}

std::string ClassModelTraining::description() const {
  std::string text = describe_run(session_.run(), session_.corpus(), session_.state().init);
  const TrainingRun& run = session_.run();
  if (run.trainer().step() > 0 && !run.is_finished()) text += fmt::format("going on after step {}\n", run.trainer().step());
  return text;
}

std::string ClassModelTraining::end() const { return describe_end(session_.run()); }

void ClassModelTraining::train(const Interruption& interruption, std::atomic<bool>& stop, bool shows_bar) {
  if (is_complete()) return run().load_best_parameters();
  if (stop) return;
  interruption.check();
  try {
    run_steps(interruption, stop, shows_bar);
    session_.save();
    if (run().is_finished()) session_.complete();
  } catch (const Interrupted&) {
    session_.save();
    throw;
  } catch (const Diverged& error) {
    stop = true;
    throw Error(fmt::format("{}: {}", name_, error.what()));
  } catch (...) {
    stop = true;
    throw;
  }
}

void ClassModelTraining::run_steps(const Interruption& interruption, const std::atomic<bool>& stop, bool shows_bar) {
  Observer observer(*this, interruption, stop, shows_bar);
  try {
    train_to_end(run(), {}, observer);
  } catch (const Stopped&) {
    return;
  }
}

}  // namespace microgpt
