// SPDX-License-Identifier: MIT
// What a Model holds, and what of it predicts.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "engine/engine.h"
#include "engine/make_engine.h"
#include "microgpt/corpus.h"
#include "microgpt/model.h"
#include "microgpt/parameters.h"
#include "model/saved_model.h"
#include "ngram/ngram_model.h"
#include "scoring/evaluation.h"
#include "scoring/mixture.h"
#include "simd/target.h"
#include "training/train_state.h"

namespace microgpt {

struct ModelParts {
  SavedModel saved;
  ParameterTable table{saved.config};
  std::optional<NgramModel> ngram = {};
  std::optional<MixtureWeights> weights = {};  // of the mixture
  std::optional<Mixture> mixture = {};
  std::optional<TrainState> state = {};  // of its training, where it is known
  std::string warning = {};

  CorpusKind corpus_kind() const { return state ? state->corpus.format.kind : CorpusKind::lines; }
};

// The parts of a model in a folder; `target` is what its mixture computes with. Throws as Model::load().
std::shared_ptr<ModelParts> load_model_parts(const std::string& folder, Target target = best_target());

// An engine with the parameters of a model. Throws as make_engine().
std::unique_ptr<Engine> engine_of(const ModelParts& parts, EngineKind kind = EngineKind::fast,
                                  const FastEngineOptions& options = {});

// The predictor that is asked for, or the usual one. Throws Error where the model does not have it.
PredictorKind chosen_predictor(const Model& model, std::optional<PredictorKind> asked_for);

// The mixture of the n-gram alone.
MixtureWeights ngram_only_weights(std::size_t order);

// What of a model is compared with its GPT.
Baseline baseline_of(const ModelParts& parts);

// Documents that a thread takes at a time have so many bytes, each counted as one longer than it is.
inline constexpr std::size_t kBytesAtOnce = 65536;

// Throws ConfigError where there cannot be so many threads, and returns how many there are: of 0, as many as cores.
std::size_t chosen_threads(std::size_t threads);

// Throws Error where a text is not valid in the encoding of the tokenizer; `name` stands for it.
void require_valid(const Tokenizer& tokenizer, const std::string& name, std::string_view text);

}  // namespace microgpt
