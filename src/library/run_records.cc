// SPDX-License-Identifier: MIT
#include "library/run_records.h"

#include <fmt/format.h>

#include <utility>

#include "report/plots/loss_plots.h"
#include "report/run/train_report.h"
#include "report/run/verdict.h"
#include "scoring/evaluation.h"
#include "training/fit_mixture.h"
#include "training/loss_checks.h"

namespace microgpt {

void RunRecords::begin() {
  if (folder_ != nullptr) log_ = RunLog(folder_->log_path(), std::nullopt);
}

void RunRecords::resume() {
  log_ = RunLog(folder_->log_path(), run_.trainer().step());
  if (!log_.entries().empty()) seconds_before_ = log_.entries().back().seconds;
}

void RunRecords::take_loss(double loss) {
  losses_sum_ += loss;
  ++losses_count_;
}

void RunRecords::take_step(std::size_t step, double loss) {
  take_loss(loss);
  steps_.add({static_cast<double>(step), loss});
}

std::optional<double> RunRecords::log(const std::optional<MeanLoss>& validation, double seconds) {
  LogEntry entry;
  entry.step = run_.trainer().step();
  if (losses_count_ > 0) entry.training_loss = losses_sum_ / static_cast<double>(losses_count_);
  losses_sum_ = 0.0;
  losses_count_ = 0;
  if (validation) entry.validation_loss = validation->of(run_.options().training.loss_mean);
  if (seconds > 0.0) {
    entry.learning_rate = run_.trainer().last_rate();
    entry.gradient_norm = run_.trainer().gradient_norm();
    entry.tokens_per_second = static_cast<double>(run_.trained_positions()) / seconds;
  }
  entry.seconds = seconds_before_ + seconds;
  log_.add(entry);
  return entry.training_loss;
}

const NgramModel* RunRecords::baseline() {
  if (run_.baseline()) return &*run_.baseline();
  if (folder_ != nullptr && !saved_baseline_) saved_baseline_ = load_baseline(folder_->path(), run_.config());
  return saved_baseline_ ? &*saved_baseline_ : nullptr;
}

const Evaluation* RunRecords::baseline_on_validation() {
  const NgramModel* model = baseline();
  if (model == nullptr || !run_.validation()) return nullptr;
  if (!baseline_on_validation_) baseline_on_validation_ = evaluate(*model, *run_.validation());
  return &*baseline_on_validation_;
}

LossPicture RunRecords::picture() {
  const Evaluation* baseline_evaluation = baseline_on_validation();
  std::optional<double> loss;
  if (baseline_evaluation != nullptr) loss = baseline_evaluation->loss.of(run_.options().training.loss_mean);
  LossPicture picture = picture_of(run_, corpus_, log_.entries(), baseline(), loss);
  picture.steps = steps_.points();
  return picture;
}

void RunRecords::require_model() {
  try {
    require_no_divergence(run_);
  } catch (const Diverged&) {
    draw_picture();
    throw;
  }
}

void RunRecords::draw_picture() {
  if (folder_ != nullptr && !log_.entries().empty()) folder_->write_picture(loss_svg(picture()));
}

std::string RunRecords::curve(std::size_t columns) {
  if (steps_.points().empty()) return "";
  return training_curve(picture(), columns).str();
}

const RunLosses& RunRecords::losses(const WatchOf& watch_of) {
  if (losses_) return *losses_;
  const NgramModel* model = baseline();
  const auto watch = [&](const std::string& part, const TokenizedDocuments& documents) {
    return watch_of ? watch_of(part, documents) : EvaluationWatch();
  };
  if (model != nullptr) {
    weights_ = default_mixture_weights(model->order());
    if (run_.validation()) {
      const TokenizedDocuments& documents = *run_.validation();
      weights_ = fit_mixture(run_.engine(), *model, documents, run_.resources().target, watch("the mixture", documents));
    }
    mixture_.emplace(*model, *weights_, run_.resources().target);
  }
  const Baseline baseline{model, mixture_ ? &*mixture_ : nullptr};
  RunLosses losses{model == nullptr ? 0 : model->order(), run_.own_documents(), run_.own_positions(), {}, run_.kind()};
  const auto add = [&](const std::string& part, const TokenizedDocuments& documents, const Baseline& beside) {
    losses.parts.push_back({part, evaluate(run_.engine(), documents, beside, watch(part, documents))});
  };
  add("training", run_.training_sample(), {});
  if (run_.validation()) {
    add("validation", *run_.validation(), baseline);
    baseline_on_validation_ = losses.parts.back().comparison.ngram;
  }
  if (run_.test()) add("test", *run_.test(), baseline);
  if (run_.test() && run_.kind() != CorpusKind::text)
    held_out_.emplace(document_losses(run_.engine(), *run_.test(), baseline.mixture));
  return losses_.emplace(std::move(losses));
}

const Mixture* RunRecords::mixture() {
  losses();
  return mixture_ ? &*mixture_ : nullptr;
}

void RunRecords::write_mixture() {
  losses();
  if (folder_ != nullptr && weights_) folder_->write_mixture(*weights_);
}

const std::optional<HeldOutSurprise>& RunRecords::held_out() {
  losses();
  return held_out_;
}

void RunRecords::write_held_out() {
  if (folder_ != nullptr && held_out()) folder_->write_held_out(*held_out_);
}

std::string RunRecords::verdict() {
  return microgpt::verdict(run_.options(), state_.init.has_value(), run_.progress(), losses());
}

void RunRecords::write_warning() {
  if (folder_ != nullptr) folder_->write_warning(verdict());
}

bool RunRecords::write_card() {
  if (folder_ == nullptr) return true;
  return folder_->write_card(model_card(
      {corpus_.name(), state_, run_.config(), run_.table().parameter_count(), run_.precision(), run_.progress(), losses()}));
}

}  // namespace microgpt
