#include "cli/pair_member.h"

#include <algorithm>
#include <utility>

#include "cli/step_loop.h"
#include "cli/train_report.h"
#include "report/loss_svg.h"
#include "training/evaluation.h"

namespace microgpt {

PairMember::PairMember(std::string name, const LoadedCorpus& corpus, const TrainingRunOptions& options,
                       const Tokenizer& vocabulary, const std::string& folder)
    : name_(std::move(name)),
      corpus_(corpus),
      folder_(folder, RunFolder::Purpose::begin),
      run_(corpus.corpus, options, vocabulary) {
  folder_.begin({corpus.source, run_.options()}, run_.config(), run_.tokenizer(), *run_.baseline(), run_.checkpoint());
  log_.emplace(folder_.log_path(), std::nullopt);
}

std::string PairMember::description() const { return describe_run(run_, corpus_.corpus); }

void PairMember::train(const Interruption& interruption, std::atomic<bool>& stop, bool shows_bar) {
  try {
    run_steps(interruption, stop, shows_bar);
  } catch (const Interrupted&) {
    save();
    throw;
  } catch (...) {
    stop = true;
    throw;
  }
  save();
  draw_picture();
  run_.take_model();
}

void PairMember::run_steps(const Interruption& interruption, const std::atomic<bool>& stop, bool shows_bar) {
  StepLoop loop(run_, interruption, "training", shows_bar);
  const std::size_t every = *run_.options().eval_every;
  report(std::nullopt, 0.0);
  while (!run_.is_finished() && !stop) {
    const std::size_t step = run_.trainer().step();
    const std::size_t end = run_.trainer().num_steps();
    const double loss = loop.train_until(every == 0 ? end : std::min(end, (step / every + 1) * every));
    report(loss, loop.seconds());
    save();
    interruption.check();
  }
}

void PairMember::report(std::optional<double> training_loss, double seconds) {
  std::optional<MeanLoss> validation;
  if (run_.validation_is_due()) validation = run_.validate();
  step_lines_ += step_line(run_, training_loss, validation);
  LogEntry entry;
  entry.step = run_.trainer().step();
  entry.training_loss = training_loss;
  if (validation) entry.validation_loss = validation->of(run_.options().training.loss_mean);
  if (seconds > 0.0) {
    entry.learning_rate = run_.trainer().last_rate();
    entry.tokens_per_second = static_cast<double>(run_.trained_positions()) / seconds;
    entry.seconds = seconds;
  }
  log_->add(entry);
}

void PairMember::save() {
  if (saved_step_ == run_.trainer().step()) return;
  folder_.save(run_.config(), run_.checkpoint());
  saved_step_ = run_.trainer().step();
}

void PairMember::draw_picture() {
  std::optional<double> of_baseline;
  if (run_.validation())
    of_baseline = evaluate(*run_.baseline(), *run_.validation()).loss.of(run_.options().training.loss_mean);
  folder_.write_picture(loss_svg(picture_of(run_, corpus_.corpus, log_->entries(), &*run_.baseline(), of_baseline)));
}

}  // namespace microgpt
