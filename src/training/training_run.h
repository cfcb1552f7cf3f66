// A run of `train`: a corpus split by content, the epochs over its training part, an engine and its trainer.
//
// It differs from a run of microgpt.py where a trainer should: documents are held out, a step takes a batch of them, and the
// initial values fit the width of the model. Same corpus, options and seed give the same bits, whatever the target.
// Order of draws, all from one PythonRandom of the seed: the initial parameters, then sampling. The epochs and the split are
// keyed by the seed and draw nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "engine/make_engine.h"
#include "microgpt/config.h"
#include "microgpt/corpus.h"
#include "microgpt/parameters.h"
#include "microgpt/tokenizer.h"
#include "model/saved_model.h"
#include "text/split.h"
#include "text/tokenized_documents.h"
#include "training/epochs.h"
#include "training/trainer.h"

namespace microgpt {

struct TrainingRunOptions {
  std::size_t n_layer = 1;
  std::size_t n_embd = 32;
  std::size_t n_head = 4;
  std::size_t block_size = 16;
  Activation activation = Activation::relu;
  std::size_t batch_size = 32;
  TrainingOptions training{.num_steps = 8000};
  std::optional<double> seconds;  // instead of training.num_steps: as many steps as fit
  double held_out = 0.1;          // the share of validation, and again of test
  std::uint64_t seed = 42;
  EngineKind engine = EngineKind::fast;
  FastEngineOptions fast;
};

class TrainingRun {
 public:
  // All up to the first step. The corpus is not needed afterwards. Where `seconds` are given, it takes a share of them, at most
  // a second, to time steps on an engine that is thrown away, and fixes trainer().num_steps(); from there the run is that of
  // so many steps. Throws ConfigError: as split_corpus() and the engine do; a model that does not fit into this machine's
  // memory. Throws Error: as split_corpus(). REQUIRES: batch_size is at least 1, seconds are above 0.
  TrainingRun(const Corpus& corpus, const TrainingRunOptions& options);

  TrainingRun(const TrainingRun&) = delete;
  TrainingRun& operator=(const TrainingRun&) = delete;

  const TrainingRunOptions& options() const { return options_; }
  const Config& config() const { return config_; }
  const Tokenizer& tokenizer() const { return tokenizer_; }
  const ParameterTable& table() const { return table_; }
  Engine& engine() { return *engine_; }
  Trainer& trainer() { return trainer_; }
  const Trainer& trainer() const { return trainer_; }

  // What is trained on, duplicates included; and what is held out, each different document once, or nothing.
  const TokenizedDocuments& training() const { return epochs_.documents(); }
  const std::optional<TokenizedDocuments>& validation() const { return validation_; }
  const std::optional<TokenizedDocuments>& test() const { return test_; }

  // Up to kTrainingSample documents, spread evenly over those that are trained on: enough to tell the loss there.
  static constexpr std::size_t kTrainingSample = 4096;
  const TokenizedDocuments& training_sample() const { return training_sample_; }

  // How many documents of all parts have more positions than the context, and are cut; and how many documents there are.
  struct CutDocuments {
    std::size_t cut;
    std::size_t documents;
  };
  CutDocuments cut_documents() const;

  // The first `count` documents of the first epoch, or all of them.
  Batch first_documents(std::size_t count);

  // The positions of all batches so far.
  std::size_t trained_positions() const { return trained_positions_; }

  // The model as it is now: single precision from the fast engine, double from the graph engine.
  SavedModel model() const;

 private:
  TrainingRun(const Corpus& corpus, const Split& split, const TrainingRunOptions& options);
  std::unique_ptr<Engine> make_initial_engine();
  TrainingOptions training_options();
  std::size_t steps_within(double seconds);

  TrainingRunOptions options_;
  Tokenizer tokenizer_;
  Config config_;
  ParameterTable table_;
  Epochs epochs_;
  TokenizedDocuments training_sample_;
  std::optional<TokenizedDocuments> validation_;
  std::optional<TokenizedDocuments> test_;
  std::unique_ptr<Engine> engine_;
  std::size_t trained_positions_ = 0;
  Trainer trainer_;
};

}  // namespace microgpt
