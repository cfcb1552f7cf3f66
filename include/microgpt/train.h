// SPDX-License-Identifier: MIT
// Training a model on a corpus.
//
// A training is a function of the corpus and the settings: the same bits on every machine of docs/exact.md, with any number of
// threads. What is not set fits the corpus, as with the command `train`.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "microgpt/corpus.h"
#include "microgpt/export.h"
#include "microgpt/model.h"
#include "microgpt/score.h"

namespace microgpt {

// A setting of `train`: true or false, a number, or a word such as "cosine" or "none".
struct Setting {
  Setting(bool truth) : value(truth) {}
  Setting(std::signed_integral auto number) : value(std::int64_t{number}) {}
  Setting(std::unsigned_integral auto number) : value(std::uint64_t{number}) {}
  Setting(double number) : value(number) {}
  Setting(std::string word) : value(std::move(word)) {}
  Setting(std::string_view word) : value(std::string(word)) {}
  Setting(const char* word) : value(std::string(word)) {}

  std::variant<bool, std::int64_t, std::uint64_t, double, std::string> value;
};

// By their names on the command line, with _ for -: {{"n_layer", 4}, {"num_steps", 8000}, {"schedule", "cosine"}}.
using Settings = std::map<std::string, Setting>;

struct TrainOptions {
  Settings settings = {};                  // what is not here fits the corpus
  std::optional<std::string> preset = {};  // "microgpt", "small" or "best", which the settings change
  std::optional<double> seconds = {};      // train for about so long; above 0
  std::optional<Model> init = {};          // begin with its parameters, and what of its vocabulary the corpus has not
  std::size_t threads = 0;                 // 0: as many as there are cores

  // Where the run is kept, with checkpoints, its log and a model card, so that it can be resumed; nothing: in memory alone.
  std::optional<std::string> folder = {};
  bool overwrite = false;  // a model that the folder holds
};

// What becomes of a training: of all functions those that are overridden are called, by the thread that trains. What one of
// them throws ends the training after a whole step; a run in a folder can then be resumed.
class MICROGPT_API TrainObserver {
 public:
  virtual ~TrainObserver();

  // Around each stretch of steps between which nothing else is done: for clocks and progress bars. A stretch in which a step
  // throws has no end.
  virtual void on_steps_begin() {}
  virtual void on_steps_end() {}

  // After step `step`, counted from 0: the loss of its batch before the parameters moved.
  virtual void on_step([[maybe_unused]] std::size_t step, [[maybe_unused]] double loss) {}

  // The steps of the teacher are done. What it predicts is computed next.
  virtual void on_teacher_done() {}

  // After `step` steps a validation, or a line of which is wanted. `validation`: of the present parameters, where it was due.
  virtual void on_report([[maybe_unused]] std::size_t step, [[maybe_unused]] const std::optional<MeanLoss>& validation) {}

  // A checkpoint is due; of a run in a folder it is saved by the library.
  virtual void on_checkpoint() {}

  // Called after the first report, and after each stretch of steps and what follows it: throws where the caller has cancelled.
  // What on_step() throws cancels sooner.
  virtual void check() {}

  // Told of the progress of a validation, and of a teacher's predictions.
  virtual EvaluationWatch watch_validation() { return {}; }
  virtual EvaluationWatch watch_teacher() { return {}; }
};

// Trains until the last step, or until patience runs out, and returns the model of the lowest validation loss. Throws
// ConfigError: a setting that there is not, or a value that it may not have. Throws Error: what the corpus, the memory or the
// folder does not allow; training that has diverged. Throws what the observer throws.
MICROGPT_API Model train(const Corpus& corpus, const TrainOptions& options = {}, TrainObserver* observer = nullptr);

// Goes on with the run in a folder where it stopped, to the bits that it would have had. REQUIRES: the corpus is the one that
// it was begun with. Throws as train(); Error: the folder holds no run, or one of another corpus.
MICROGPT_API Model resume_training(const std::string& folder, const Corpus& corpus, std::size_t threads = 0,
                                   TrainObserver* observer = nullptr);

}  // namespace microgpt
