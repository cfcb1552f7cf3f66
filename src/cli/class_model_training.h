// SPDX-License-Identifier: MIT
// The model of one class of a classifier, from its corpus to its folder.
//
// Several are trained at the same time, each by a thread of its own; so what one has to say waits until it is asked for.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "cli/corpus_argument.h"
#include "cli/interruption.h"
#include "library/run_session.h"
#include "text/corpus_checks.h"
#include "training/run_folder.h"
#include "training/train_state.h"
#include "training/training_run.h"

namespace microgpt {

class ClassModelTraining {
 public:
  // Times the steps where --seconds is given. The corpus must outlive the object. Throws as TrainingRun.
  ClassModelTraining(std::string name, const LoadedCorpus& corpus, const TrainState& state, const RunInputs& inputs,
                     std::unique_ptr<RunFolder> folder);

  // As RunSession.
  void begin() { session_.begin(); }
  void resume() { session_.resume(); }

  // Whether nothing is left to train or to write. REQUIRES: begin() or resume(); so do the others.
  bool is_complete() const { return session_.is_complete(); }

  // All steps that are left, with a checkpoint at each validation and at the end, also of one that is interrupted. Stops early
  // where `stop` is set, and sets it where something goes wrong. Throws as train_to_end() and Interruption::check(), and Error
  // where the folder takes no more.
  void train(const Interruption& interruption, std::atomic<bool>& stop, bool shows_bar);

  // The different documents of its corpus.
  std::size_t count_different() const { return microgpt::count_different(session_.corpus()); }

  const std::string& name() const { return name_; }
  const std::string& folder() const { return folder_->path(); }
  TrainingRun& run() { return session_.run(); }

  // The GPT of the run mixed with its n-gram. Throws Error: the n-gram was saved, and is not there any more. REQUIRES: it is
  // trained.
  const Mixture& mixture();

  const LongDocuments& long_documents() const { return session_.state().long_documents; }

  // The data, the model and the training, and where it goes on; after training a line for each validation, and how it ended.
  std::string description() const;
  std::string end() const;
  const std::string& step_lines() const { return step_lines_; }

 private:
  class Observer;

  void run_steps(const Interruption& interruption, const std::atomic<bool>& stop, bool shows_bar);

  std::string name_;
  std::unique_ptr<RunFolder> folder_;
  RunSession session_;
  std::string step_lines_;
};

}  // namespace microgpt
