// SPDX-License-Identifier: MIT
// A run of `train`: a corpus split by content, the epochs over its training part, an engine and its trainer.
//
// It differs from a run of microgpt.py where a trainer should: documents are held out, a step takes a batch of them, and the
// initial values fit the width of the model. Same corpus, options and seed give the same bits, whatever the target.
// The initial parameters are drawn from PythonRandom(seed); the epochs and the split are keyed by the seed.
//
// A run may also begin with the tokens and parameters of another one's model, to go on with it on other documents.
//
// The first steps may train a teacher. The model then begins anew with the parameters that were drawn for the teacher, too, and
// learns from the teacher's predictions beside the documents (born-again networks: Furlanello et al. 2018).
//
// Validation chooses: the model of a run is its parameters where the validation loss was lowest. A run goes on from a
// checkpoint exactly where it stopped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "distributed/data_parallel.h"
#include "engine/make_engine.h"
#include "io/safetensors.h"
#include "microgpt/config.h"
#include "microgpt/corpus.h"
#include "microgpt/parameters.h"
#include "microgpt/score.h"
#include "microgpt/tokenizer.h"
#include "ngram/ngram_model.h"
#include "parallel/thread_team.h"
#include "scoring/evaluation.h"
#include "text/split.h"
#include "text/tokenized_documents.h"
#include "training/checkpoint.h"
#include "training/epochs.h"
#include "training/parameter_average.h"
#include "training/soft_targets.h"
#include "training/trainer.h"
#include "training/training_memory.h"

namespace microgpt {

// What a run begins with: a vocabulary that need not be its corpus's, and perhaps the parameters of a model.
struct InitialModel {
  Tokenizer tokenizer;
  std::vector<double> parameters;  // in table order; empty where they are drawn, or a checkpoint brings them
};

// A warm-up that nobody asked for is at most one of so many steps.
inline constexpr std::size_t kWarmupPart = 10;

// What a run computes: what is saved with it, compared and swept.
struct TrainSettings {
  std::size_t n_layer = 1;
  std::size_t n_embd = 32;
  std::size_t n_head = 4;
  std::size_t block_size = 16;
  Activation activation = Activation::relu;
  std::size_t batch_size = 32;
  TrainingOptions training{.num_steps = 8000};
  std::optional<double> seconds;  // instead of training.num_steps: as many steps as fit
  bool fits_warmup = false;       // the warm-up is at most one of kWarmupPart of these
  double held_out = 0.1;          // the share of validation, and again of test
  std::uint64_t seed = 42;
  std::optional<std::size_t> eval_every;  // steps between validations; 0: before and after training only; nothing: as usual
  std::optional<std::size_t>
      patience;  // training stops after so many validations in a row that are no better; 0, nothing: never
  EngineKind engine = EngineKind::fast;
  bool prefix_sharing = true;    // of the fast engine; it changes the order of sums
  double ngram_documents = 0.0;  // that the n-gram writes, for each one that is trained on (ngram_teacher.h)

  bool has_ngram_teacher() const { return training.ngram_share > 0.0 || ngram_documents > 0.0; }
};

// With what the fast engine computes it. The bits are the same with all.
struct ComputeResources {
  Target target = best_target();
  std::size_t threads = 0;        // 0: default_threads()
  DataParallel* ranks = nullptr;  // that train together; null: this process alone
};

// What a run is made from beside its corpus and its settings.
struct RunInputs {
  ComputeResources resources = {};
  std::shared_ptr<const InitialModel> init = {};  // nothing: the corpus's characters, and parameters that are drawn
  bool with_baseline = false;                     // an n-gram model of the same training part is made

  // Whether the parameters of the initial model are given.
  bool has_parameters() const { return init != nullptr && !init->parameters.empty(); }
};

// What trains a run on this machine.
TeamSizes team_of(const TrainSettings& settings, const ComputeResources& resources);

// The least positions that a batch has: windows of a text are full, and a line may be as short as the token that ends it.
std::size_t min_positions(const TrainSettings& options, CorpusKind kind);

// The shape of a run's model. Throws ConfigError: as validate(); an engine that does not go with the other options; a model
// that does not fit into this machine's memory.
Config config_of(const TrainSettings& options, CorpusKind kind, std::size_t vocab_size, const RunInputs& inputs);

class TrainingRun {
 public:
  // All up to the first step. The corpus is not needed afterwards. Where `seconds` are given, it takes a share of them, at most
  // a second, to time steps, whose result is thrown away, and fixes trainer().num_steps(); from there the run is that of
  // so many steps. Throws ConfigError: as split_and_tokenize() and the engine do; a model that does not fit into this machine's
  // memory. Throws Error: as split_and_tokenize(); as require_known_characters() of the initial model's tokenizer.
  // REQUIRES: batch_size is at least 1, seconds are above 0; ranks go with the fast engine; the shape is that of the initial
  // model, if there is one, and the corpus of its encoding.
  TrainingRun(const Corpus& corpus, const TrainSettings& options, const RunInputs& inputs = {});

  // The same in two steps, for runs that have the first one in common: it depends on the seed, on what is held out and on the
  // initial model, and on whether a baseline is made or mixed.
  struct PreparedCorpus {
    CorpusKind kind;
    Tokenizer tokenizer;
    CorpusParts parts;
    std::optional<NgramModel> baseline;
  };
  static PreparedCorpus prepare(const Corpus& corpus, const TrainSettings& options, const RunInputs& inputs = {});
  TrainingRun(PreparedCorpus corpus, const TrainSettings& options, const RunInputs& inputs = {});

  TrainingRun(const TrainingRun&) = delete;
  TrainingRun& operator=(const TrainingRun&) = delete;

  // With the numbers of steps that the run itself fixed.
  const TrainSettings& options() const { return options_; }
  const ComputeResources& resources() const { return inputs_.resources; }
  CorpusKind kind() const { return kind_; }
  const Config& config() const { return config_; }
  const Tokenizer& tokenizer() const { return tokenizer_; }
  const ParameterTable& table() const { return table_; }
  Engine& engine() { return *engine_; }
  Trainer& trainer() { return trainer_; }
  const Trainer& trainer() const { return trainer_; }

  // What is trained on, duplicates included: the first own_documents() of the corpus, and those that the n-gram has written;
  // and what is held out, each different document once, or nothing.
  const TokenizedDocuments& training() const { return epochs_.documents(); }
  std::size_t own_documents() const { return own_documents_; }
  std::size_t own_positions() const { return own_positions_; }
  const TrainingWindows& windows() const { return epochs_.windows(); }
  const std::optional<TokenizedDocuments>& validation() const { return validation_; }
  const std::optional<TokenizedDocuments>& test() const { return test_; }

  // That compute here.
  std::size_t threads() const { return team_.size(); }

  // The baseline, where the inputs ask for one.
  const std::optional<NgramModel>& baseline() const { return baseline_; }

  // Up to kTrainingSample documents, or as many as have some kTrainingSamplePositions, spread evenly over those that are
  // trained on, or of a running text a stretch of about so many: enough to tell the loss there.
  static constexpr std::size_t kTrainingSample = 4096;
  static constexpr std::size_t kTrainingSamplePositions = 65536;
  const TokenizedDocuments& training_sample() const { return training_sample_; }

  // The first `count` windows of the first epoch, or all of them.
  Batch first_documents(std::size_t count);

  // How many seconds all steps will take, without validation: some are taken whose result is thrown away, for a fifth of a
  // second at most. REQUIRES: no step is done.
  double estimate_seconds();

  // The positions of all batches so far, those that count.
  std::size_t trained_positions() const { return trained_positions_; }

  Progress progress() const;

  // Whether the last step is done, or patience ran out; and no validation is due.
  bool is_finished() const;

  // Whether validation is asked for after so many steps: before the first, after the last and the teacher's last, and as
  // eval_every says. As usual is after each tenth of the steps, and before that, of the teacher and of the model each, after a
  // quarter of an epoch, half of one, one, two, four and so on: a model of a short list is best long before a tenth.
  bool validates_at(std::size_t step) const;

  // The first step after the present one at which it is. REQUIRES: a step is left.
  std::size_t next_validation() const;

  // Whether the validation loss of the present parameters is asked for and not yet known.
  bool validation_is_due() const;

  // Trainer::train_step(). Where teacher_is_done(), begin_after_teacher() comes first.
  double train_step();

  // Whether the steps of the teacher are done and the model has not begun.
  bool teacher_is_done() const;

  // The model begins anew, after what the teacher predicts is known: `watch` is told of how many positions of training(), and
  // what it throws leaves everything as it is, but for the parameters, which do not matter any more. REQUIRES:
  // teacher_is_done().
  void begin_after_teacher(const EvaluationWatch& watch = {});

  // Measures it, with the mean of the parameters where the run keeps one, and keeps them where it is the lowest so far. Throws
  // as evaluate(). REQUIRES: something is held out.
  MeanLoss validate(const EvaluationWatch& watch = {});

  // All that the run goes on from, read from where it is until a step follows, and back to it: it then takes the steps that it
  // would have taken.
  // Where the model learns from a teacher, restoring takes as long as begin_after_teacher(); the watch is the same. Throws
  // Error where the run has fewer steps than the checkpoint, or a teacher at that step and the checkpoint none, or otherwise.
  // REQUIRES: a checkpoint of a run with the same options, corpus and precision.
  Checkpoint checkpoint();
  void restore(const Checkpoint& checkpoint, const EvaluationWatch& watch = {});

  // Of this run's numbers: single precision from the fast engine, double from the graph engine.
  Precision precision() const;

  // The engine's parameters become those of the run's model: the best ones on validation, or the mean, or the last. REQUIRES:
  // no step follows, unless with other parameters.
  void load_best_parameters();

 private:
  bool is_early_validation(std::size_t step) const;
  MeanLoss validate_parameters(const EvaluationWatch& watch);
  std::size_t step_of_phase(std::size_t step) const;
  std::unique_ptr<Engine> make_initial_engine();
  TokenizedDocuments take_training(PreparedCorpus& corpus);
  TokenizedDocuments sample_of_training() const;
  void set_targets_of_documents();
  void draw_parameters(Engine& engine);
  void learn_from_teacher(const EvaluationWatch& watch);
  void restore_teacher(const Checkpoint& checkpoint, const EvaluationWatch& watch);
  void fix_training_options();
  Trainer make_trainer();
  double measure_seconds_per_step(double budget, std::size_t max_steps);
  std::size_t steps_within(double seconds);
  FastEngineOptions fast_options();
  std::unique_ptr<Optimizer> make_optimizer(const TrainingOptions& options);
  template <typename Real>
  std::vector<Real>& best_of(const Buffers<Real>& buffers);

  TrainSettings options_;
  RunInputs inputs_;
  CorpusKind kind_;
  Tokenizer tokenizer_;
  Config config_;
  ParameterTable table_;
  std::optional<TokenizedDocuments> validation_;
  std::optional<TokenizedDocuments> test_;
  std::optional<NgramModel> baseline_;
  std::size_t own_documents_ = 0;
  std::size_t own_positions_ = 0;
  Epochs epochs_;
  TokenizedDocuments training_sample_;
  ThreadTeam team_;
  std::unique_ptr<Engine> engine_;
  std::size_t trained_positions_ = 0;
  Trainer trainer_;
  std::optional<ParameterAverage> average_;                     // of the steps of the teacher, and then of the model
  Progress progress_;                                           // but for the step, which is the trainer's
  std::variant<std::vector<float>, std::vector<double>> best_;  // as the engine's parameters, where there are any
  std::vector<float> teacher_;                                  // the same, of progress_.teacher_step
  SoftTargetMemory soft_target_memory_;                         // until there are soft targets
  std::optional<SoftTargets> soft_targets_;
};

}  // namespace microgpt
