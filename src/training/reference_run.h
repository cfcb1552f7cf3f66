// SPDX-License-Identifier: MIT
// The two revisions of microgpt.py that are in circulation, each as the list of what it does its own way.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "engine/engine.h"
#include "engine/make_engine.h"
#include "microgpt/config.h"
#include "microgpt/corpus.h"
#include "microgpt/tokenizer.h"
#include "model/initialize.h"
#include "random/python_random.h"
#include "text/packed_integers.h"
#include "training/trainer.h"

namespace microgpt {

struct Revision {
  std::string_view name;
  Activation activation;
  InitialStd initial_std;
  std::size_t block_size;
  TrainingOptions training;
  std::string_view step_line_end;
  std::string_view sample_heading;
};

inline constexpr std::array<Revision, 2> kRevisions{{
    {"final",
     Activation::relu,
     {0.08, 0.08},
     16,
     {.num_steps = 1000, .schedule = Schedule::linear, .adam = {0.85, 0.99, 1e-8}},
     "\r",
     "--- inference (new, hallucinated names) ---"},
    {"first",
     Activation::squared_relu,
     {0.02, 0.0},
     8,
     {.num_steps = 500, .schedule = Schedule::cosine, .adam = {0.9, 0.95, 1e-8}},
     "\n",
     "--- inference ---"},
}};

inline constexpr const Revision& kFinalRevision = kRevisions[0];

// A run of microgpt.py: the same documents, parameters, losses and, with the same generator, the same samples.
//
// Order of draws, all from one PythonRandom: the shuffle of the documents, the initial parameters, then sampling.
struct ReferenceOptions {
  const Revision* revision = &kFinalRevision;
  std::uint64_t seed = 42;
  // Where these are not given, the revision says. The vocabulary and the activation are not the caller's to choose.
  std::optional<std::size_t> num_steps;
  std::optional<std::size_t> block_size;
  std::size_t n_layer = 1;
  std::size_t n_embd = 16;
  std::size_t n_head = 4;
  EngineKind engine = EngineKind::exact;  // or graph: the same bits
  Target target = best_target();          // the same bits on all
};

class ReferenceRun {
 public:
  // Shuffles, tokenizes and draws the parameters, up to the first step. The corpus must outlive the run.
  // Throws ConfigError as make_engine() does.
  ReferenceRun(const Corpus& corpus, const ReferenceOptions& options);

  ReferenceRun(const ReferenceRun&) = delete;
  ReferenceRun& operator=(const ReferenceRun&) = delete;

  const Tokenizer& tokenizer() const { return tokenizer_; }
  const ParameterTable& table() const { return table_; }
  Engine& engine() { return *engine_; }
  Trainer& trainer() { return trainer_; }
  PythonRandom& random() { return random_; }

  // The document that step `step` trains on; steps go round the shuffled documents.
  std::string_view document_of_step(std::size_t step) const { return corpus_[order_[step % corpus_.size()]]; }

 private:
  void append(std::string_view document, Batch& batch) const;

  const Corpus& corpus_;
  PythonRandom random_;
  PackedIntegers order_;
  Tokenizer tokenizer_;
  Config config_;
  ParameterTable table_;
  std::unique_ptr<Engine> engine_;
  Trainer trainer_;
};

}  // namespace microgpt
