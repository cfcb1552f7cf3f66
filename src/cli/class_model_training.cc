// SPDX-License-Identifier: MIT
#include "cli/class_model_training.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <unordered_set>
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
        progress_(training.run_, interruption, "training", shows_bar) {}

  void on_steps_begin() override { progress_.begin(); }
  void on_steps_end() override { progress_.end(); }
  void on_step(std::size_t step, double loss) override {
    training_.records_.take_step(step, loss);
    progress_.take_step(loss);
  }
  void on_report(const std::optional<MeanLoss>& validation) override {
    training_.step_lines_ += step_line(training_.run_, training_.records_.log(validation, progress_.seconds()), validation);
  }
  void on_checkpoint() override { training_.save(); }
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
    : name_(std::move(name)),
      corpus_(corpus),
      folder_(std::move(folder)),
      state_(state),
      run_(corpus.corpus, state.options, inputs),
      records_(run_, corpus.corpus, state_, folder_.get()) {
  state_.options = run_.options();
  state_.long_documents = count_long_documents(corpus_.corpus, run_.config().block_size);
}

void ClassModelTraining::begin() {
  folder_->begin(state_, run_.config(), run_.tokenizer(), *run_.baseline(), run_.checkpoint());
  records_.begin();
}

void ClassModelTraining::resume() {
  const Checkpoint checkpoint = folder_->read_checkpoint(run_.config());
  try {
    run_.restore(checkpoint);
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", folder(), error.what()));
  }
  saved_ = run_.progress();
  if (!is_complete()) records_.resume();
}

bool ClassModelTraining::is_complete() const { return saved_ && run_.is_finished() && folder_->has_records(); }

std::size_t ClassModelTraining::count_different() const {
  std::unordered_set<std::string_view> documents;
  for (std::size_t d = 0; d < corpus_.corpus.own_size(); ++d) documents.insert(corpus_.corpus[d]);
  return documents.size();
}

const Mixture& ClassModelTraining::mixture() {
  const Mixture* const mixture = records_.mixture();
  if (mixture == nullptr)
    throw Error(
        fmt::format("{} has no n-gram any more: restore ngram.bin from a copy, or train again with --overwrite", folder()));
  return *mixture;
}

std::string ClassModelTraining::description() const {
  std::string text = describe_run(run_, corpus_.corpus, state_.init);
  if (run_.trainer().step() > 0 && !run_.is_finished()) text += fmt::format("going on after step {}\n", run_.trainer().step());
  return text;
}

std::string ClassModelTraining::end() const { return describe_end(run_); }

void ClassModelTraining::train(const Interruption& interruption, std::atomic<bool>& stop, bool shows_bar) {
  if (is_complete()) return run_.load_best_parameters();
  if (stop) return;
  interruption.check();
  try {
    run_steps(interruption, stop, shows_bar);
    save();
    if (run_.is_finished()) complete_folder();
  } catch (const Interrupted&) {
    save();
    throw;
  } catch (const Diverged& error) {
    stop = true;
    throw Error(fmt::format("{}: {}", name_, error.what()));
  } catch (...) {
    stop = true;
    throw;
  }
}

void ClassModelTraining::complete_folder() {
  records_.require_model();
  run_.load_best_parameters();
  records_.losses();
  records_.draw_picture();
  records_.write_mixture();
  records_.write_warning();
  records_.write_card();
}

void ClassModelTraining::run_steps(const Interruption& interruption, const std::atomic<bool>& stop, bool shows_bar) {
  Observer observer(*this, interruption, stop, shows_bar);
  try {
    train_to_end(run_, {}, observer);
  } catch (const Stopped&) {
    return;
  }
}

void ClassModelTraining::save() {
  if (saved_ == run_.progress()) return;
  folder_->save(run_.config(), run_.checkpoint());
  saved_ = run_.progress();
}

}  // namespace microgpt
