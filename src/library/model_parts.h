// SPDX-License-Identifier: MIT
// What a Model holds, and what of it predicts.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.h"
#include "engine/make_engine.h"
#include "microgpt/corpus.h"
#include "microgpt/model.h"
#include "microgpt/parameters.h"
#include "model/saved_model.h"
#include "ngram/ngram_model.h"
#include "scoring/evaluation.h"
#include "scoring/held_out_surprise.h"
#include "scoring/mixture.h"
#include "simd/target.h"
#include "training/run_folder.h"
#include "training/train_state.h"

namespace microgpt {

struct ModelParts {
  SavedModel saved;
  ParameterTable table{saved.config};
  std::shared_ptr<const NgramModel> ngram = {};  // or null
  std::optional<MixtureWeights> weights = {};    // of the mixture
  std::optional<Mixture> mixture = {};
  std::optional<HeldOutSurprise> held_out = {};  // of what predicts usually
  std::optional<TrainState> state = {};          // of its training, where it is known
  std::string warning = {};
  std::string folder = {};  // where it was loaded from, if it was

  // Valid as long as these are.
  ModelRecords records() const { return {state, ngram.get(), weights, held_out, warning}; }

  CorpusKind corpus_kind() const { return state ? state->corpus.format.kind : CorpusKind::lines; }
};

// The parts of a model in a folder; `target` is what its mixture computes with. Throws as Model::load().
std::shared_ptr<ModelParts> load_model_parts(const FileSet& files, Target target = best_target());

// An engine with the parameters of a model. Throws as make_engine().
std::unique_ptr<Engine> engine_of(const ModelParts& parts, EngineKind kind = EngineKind::fast,
                                  const FastEngineOptions& options = {});

// The predictor that is asked for, or the usual one. Throws Error where the model does not have it.
PredictorKind chosen_predictor(const Model& model, std::optional<PredictorKind> asked_for);

// The mixture of the n-gram alone.
MixtureWeights ngram_only_weights(std::size_t order);

// What of a model is compared with its GPT.
Baseline baseline_of(const ModelParts& parts);

// Where the parts of documents begin that threads take at a time, and the end of the last: of some 65,536 bytes, or fewer where
// there would not be one for each thread. Throws Error where a document is not valid in the tokenizer's encoding.
std::vector<std::size_t> parts_of_documents(const Tokenizer& tokenizer, std::span<const std::string_view> documents,
                                            std::size_t threads);

// A document as one of a corpus is: of lines without the white space at its ends.
std::string_view as_in_corpus(const Model& model, std::string_view document);

// Throws Error where a folder cannot have that name.
void require_path(const std::string& path);

// Throws Error where something that was computed is no number.
void require_number(double value);

// Throws ConfigError where there cannot be so many threads, and returns how many there are: of 0, as many as cores.
std::size_t chosen_threads(std::size_t threads);

// Throws Error where a text is not valid in the encoding of the tokenizer; `name` stands for it.
void require_valid(const Tokenizer& tokenizer, const std::string& name, std::string_view text);

}  // namespace microgpt
