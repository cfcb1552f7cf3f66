// SPDX-License-Identifier: MIT
#include "cli/train_session.h"

#include <fmt/format.h>

#include "cli/arguments.h"
#include "cli/step_progress.h"
#include "cli/terminal.h"
#include "microgpt/error.h"
#include "microgpt/score.h"
#include "parallel/ranks.h"
#include "report/numbers.h"
#include "report/run/train_report.h"
#include "report/run/verdict.h"
#include "training/default_settings.h"
#include "training/loss_checks.h"

namespace microgpt {
namespace {

// The shape that a few seconds chose, which as many steps would not.
std::string flags_of_few_seconds(const TrainSettings& run) {
  if (*run.seconds >= kFewSeconds) return "";
  return fmt::format(" --n-layer {} --n-embd {} --weight-decay {}", run.n_layer, run.n_embd, run.training.adam.weight_decay);
}

}  // namespace

TrainSession::TrainSession(const TrainSessionOptions& options, const LoadedCorpus& corpus, const TrainState& state,
                           const RunInputs& inputs, RunFolder* folder)
    : options_(options),
      session_(corpus.corpus, state, inputs, folder),
      run_(session_.run()),
      records_(session_.records()),
      folder_(folder),
      progress_(run_, interruption_, "training", !options.quiet) {}

void TrainSession::begin() {
  describe();
  if (run_.trainer().num_steps() > 0) tell_how_long();
  session_.begin();
}

bool TrainSession::resume() {
  session_.resume(watch_teacher());
  if (run_.is_finished()) message(fmt::format("the run in {} is finished: {}", folder_->path(), describe_end(run_)));
  if (session_.is_complete()) return false;
  describe();
  return true;
}

void TrainSession::train() {
  try {
    if (run_.trainer().step() == 0) take_initial_loss();
    train_to_end(run_, options_.schedule, *this);
    progress_.wipe_bar();
    session_.save();
    complete();
  } catch (const Interrupted&) {
    progress_.wipe_bar();
    session_.save();
    records_.draw_picture();
    if (folder_ != nullptr)
      message(fmt::format("step {} is saved; microgpt train --resume {} goes on from there", run_.trainer().step(),
                          folder_->path()));
    throw;
  } catch (const RankLost& lost) {
    progress_.wipe_bar();
    throw Error(fmt::format("{}; {}", lost.what(), describe_saved()));
  } catch (const std::bad_alloc&) {
    if (folder_ == nullptr) throw;
    progress_.wipe_bar();
    throw Error(fmt::format("out of memory: choose a smaller corpus or model; {}", describe_saved()));
  }
}

void TrainSession::say_where_the_model_is() {
  if (folder_ != nullptr)
    message(fmt::format("the model is in {}; microgpt sample {} makes more documents", folder_->path(), folder_->path()));
  else
    message("the model is not saved; -o DIR saves it");
}

void TrainSession::print_summary() {
  if (!is_plain_end(run_)) print(describe_end(run_) + "\n");
  if (options_.curve || (is_terminal(stdout) && !options_.quiet)) print_curve();
  print("\n" + summary(records_.losses()));
  if (const std::string text = records_.verdict(); !text.empty()) print("\n" + text);
  if (progress_.seconds() == 0.0) return;
  const auto tokens = static_cast<double>(run_.trained_positions());
  message(fmt::format("{} steps in {:.2f} s, {} tokens a second (evaluation is not counted)", progress_.steps(),
                      progress_.seconds(), short_count(tokens / progress_.seconds())));
}

void TrainSession::print_samples(std::size_t count) {
  SampleSettings samples = options_.samples;
  samples.count = count;
  if (samples.count == 0) return;
  samples.kind = run_.kind();
  samples.seed = run_.options().seed;
  samples.mixture = records_.mixture();
  print(fmt::format("\nsamples (temperature {})\n", samples.temperature));
  Engine* const engine = &run_.engine();
  microgpt::print_samples({&engine, 1}, run_.tokenizer(), samples, interruption_);
}

std::string TrainSession::describe_saved() const {
  if (folder_ == nullptr) return "nothing is saved, begin the run again";
  return fmt::format("step {} is saved, go on with --resume {}", session_.saved_step(), folder_->path());
}

void TrainSession::complete() {
  const bool has_card = session_.complete([this](const std::string& part, const TokenizedDocuments& documents) {
    return show_evaluation("evaluating " + part, documents.all_positions(), interruption_, !options_.quiet);
  });
  if (!has_card) message(fmt::format("{} is no model card, and stays as it is", folder_->card_path()));
}

void TrainSession::print_curve() {
  const std::string curve = records_.curve(output_width());
  if (!curve.empty()) print("\n" + curve);
}

void TrainSession::describe() {
  if (!options_.quiet) inform_of_slow_machine();
  const TrainState& state = session_.state();
  if (state.long_documents.longer > 0) message(microgpt::describe(state.long_documents));
  if (run_.options().seconds)
    message(fmt::format("--seconds {}: as long as --num-steps {}{}", *run_.options().seconds, run_.trainer().num_steps(),
                        flags_of_few_seconds(run_.options())));
  if (const DataParallel* ranks = run_.resources().ranks)
    message(fmt::format("{}, {} in all", plural(ranks->size(), "rank"), plural(ranks->threads(), "thread")));
  print(describe_run(run_, session_.corpus(), state.init) + "\n");
  if (run_.trainer().step() > 0 && !run_.is_finished()) print(fmt::format("going on after step {}\n", run_.trainer().step()));
}

// The steps that tell also take the memory that all others use, before anything is written.
void TrainSession::tell_how_long() {
  const double seconds = run_.estimate_seconds();
  if (seconds >= 1.0) message(fmt::format("training takes about {:.0f} s; Ctrl-C ends it early", seconds));
}

void TrainSession::take_initial_loss() {
  const InitialLoss loss = session_.take_initial_loss();
  if (!options_.quiet) inform_lines(session_.state().init ? describe_trained(loss) : microgpt::describe(loss));
}

void TrainSession::on_step(std::size_t step, double loss) {
  records_.take_step(step, loss);
  progress_.take_step(loss);
}

void TrainSession::on_teacher_done() {
  progress_.wipe_bar();
  print("the teacher is done; the model begins anew and learns from its predictions, too\n");
  flush_output();
}

EvaluationWatch TrainSession::watch_teacher() {
  return show_evaluation("the teacher predicts", run_.training().all_positions(), interruption_, !options_.quiet);
}

EvaluationWatch TrainSession::watch_validation() {
  return show_evaluation("validating", run_.validation()->all_positions(), interruption_, !options_.quiet);
}

void TrainSession::on_report(std::size_t, const std::optional<MeanLoss>& validation) {
  progress_.wipe_bar();
  print(step_line(run_, records_.log(validation, progress_.seconds()), validation));
  flush_output();  // for a reader of a file or a pipe
}

void TrainSession::message(const std::string& text) const {
  if (!options_.quiet) inform(text);
}

}  // namespace microgpt
