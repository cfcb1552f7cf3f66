// SPDX-License-Identifier: MIT
#include "library/run_session.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "library/model_parts.h"
#include "microgpt/error.h"

namespace microgpt {

RunSession::RunSession(const Corpus& corpus, const TrainState& state, const RunInputs& inputs, RunFolder* folder)
    : corpus_(corpus),
      state_(state),
      folder_(folder),
      run_(corpus, state.options, inputs),
      records_(run_, corpus, state_, folder) {
  state_.options = run_.options();
  state_.long_documents = count_long_documents(corpus_, run_.config().block_size);
  state_.long_documents.is_fixed = state_.init.has_value();
}

void RunSession::begin() {
  if (folder_ != nullptr) folder_->begin(state_, run_.config(), run_.tokenizer(), *run_.baseline(), run_.checkpoint());
  records_.begin();
}

void RunSession::resume(const EvaluationWatch& watch_teacher) {
  const Checkpoint checkpoint = folder_->read_checkpoint(run_.config());
  try {
    run_.restore(checkpoint, watch_teacher);
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", folder_->path(), error.what()));
  }
  saved_ = run_.progress();
  if (!is_complete()) records_.resume();
}

InitialLoss RunSession::take_initial_loss() {
  const InitialLoss loss =
      check_initial_loss(run_.engine(), run_.first_documents(kInitialLossDocuments), run_.options().training.loss_mean);
  records_.take_loss(loss.mean);
  return loss;
}

void RunSession::save() {
  if (folder_ == nullptr || saved_ == run_.progress()) return;
  folder_->save(run_.config(), run_.checkpoint());
  saved_ = run_.progress();
}

bool RunSession::complete(const RunRecords::WatchOf& watch_of) {
  records_.require_model();
  run_.load_best_parameters();
  records_.losses(watch_of);
  records_.draw_picture();
  records_.write_mixture();
  records_.write_held_out();
  records_.write_warning();
  return records_.write_card();
}

Model RunSession::model() {
  std::vector<double> parameters(run_.table().parameter_count());
  run_.engine().store(parameters);
  auto parts =
      std::make_shared<ModelParts>(ModelParts{{run_.config(), run_.tokenizer(), std::move(parameters), run_.precision()}});
  if (const NgramModel* const ngram = records_.baseline()) parts->ngram = std::make_shared<const NgramModel>(*ngram);
  if (records_.mixture() != nullptr) {
    parts->weights = records_.mixture_weights();
    parts->mixture.emplace(*parts->ngram, *parts->weights, run_.resources().target);
  }
  parts->held_out = records_.held_out();
  parts->state = state_;
  parts->warning = records_.verdict();
  return Model(std::move(parts));
}

}  // namespace microgpt
