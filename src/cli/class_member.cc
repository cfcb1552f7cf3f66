// SPDX-License-Identifier: MIT
#include "cli/class_member.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "cli/step_loop.h"
#include "cli/train_report.h"
#include "microgpt/error.h"
#include "training/divergence.h"

namespace microgpt {

ClassMember::ClassMember(std::string name, const LoadedCorpus& corpus, const TrainState& state,
                         std::unique_ptr<RunFolder> folder)
    : name_(std::move(name)),
      corpus_(corpus),
      folder_(std::move(folder)),
      state_(state),
      run_(corpus.corpus, state.options),
      records_(run_, corpus.corpus, folder_.get()) {
  state_.options = run_.options();
  state_.long_documents = count_long_documents(corpus_.corpus, run_.config().block_size);
}

void ClassMember::begin() {
  folder_->begin(state_, run_.config(), run_.tokenizer(), *run_.baseline(), run_.checkpoint());
  records_.begin();
}

void ClassMember::resume() {
  const Checkpoint checkpoint = folder_->read_checkpoint(run_.config());
  try {
    run_.restore(checkpoint);
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", folder(), error.what()));
  }
  saved_ = run_.progress();
  if (!is_complete()) records_.resume();
}

bool ClassMember::is_complete() const { return saved_ && run_.is_finished() && folder_->has_records(); }

std::size_t ClassMember::count_different() const {
  std::unordered_set<std::string_view> documents;
  for (std::size_t d = 0; d < corpus_.corpus.own_size(); ++d) documents.insert(corpus_.corpus[d]);
  return documents.size();
}

const Mixture& ClassMember::mixture() {
  const Mixture* const mixture = records_.mixture();
  if (mixture == nullptr)
    throw Error(
        fmt::format("{} has no n-gram any more: restore ngram.bin from a copy, or train again with --overwrite", folder()));
  return *mixture;
}

std::string ClassMember::description() const {
  std::string text = describe_run(run_, corpus_.corpus, state_.init);
  if (run_.trainer().step() > 0 && !run_.is_finished()) text += fmt::format("going on after step {}\n", run_.trainer().step());
  return text;
}

std::string ClassMember::end() const { return describe_end(run_); }

void ClassMember::train(const Interruption& interruption, std::atomic<bool>& stop, bool shows_bar) {
  if (is_complete()) return run_.take_model();
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

void ClassMember::complete_folder() {
  records_.require_model();
  run_.take_model();
  records_.losses();
  records_.draw_picture();
  records_.write_mixture();
  records_.write_warning();
  records_.write_card(state_);
}

void ClassMember::run_steps(const Interruption& interruption, const std::atomic<bool>& stop, bool shows_bar) {
  StepLoop loop(run_, interruption, "training", shows_bar);
  if (!saved_ || run_.validation_is_due()) report(0.0);
  while (!run_.is_finished() && !stop) {
    if (run_.teacher_is_done()) run_.begin_after_teacher([&](std::size_t) { interruption.check(); });
    loop.train_until(run_.next_validation(), [this](std::size_t at, double loss) { records_.take_step(at, loss); });
    report(loop.seconds());
    save();
    interruption.check();
  }
}

void ClassMember::report(double seconds) {
  std::optional<MeanLoss> validation;
  if (run_.validation_is_due()) validation = run_.validate();
  step_lines_ += step_line(run_, records_.log(validation, seconds), validation);
}

void ClassMember::save() {
  if (saved_ == run_.progress()) return;
  folder_->save(run_.config(), run_.checkpoint());
  saved_ = run_.progress();
}

}  // namespace microgpt
