// SPDX-License-Identifier: MIT
// What the commands on saved models have in common.
#pragma once

#include <array>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cli/command_line.h"
#include "engine/engine.h"
#include "engine/make_engine.h"
#include "microgpt/corpus.h"
#include "microgpt/model.h"
#include "model/saved_model.h"
#include "ngram/ngram_model.h"
#include "scoring/line_scorer_team.h"
#include "scoring/mixture.h"
#include "text/names.h"

namespace microgpt {

// Adds the argument MODEL.
Flag& add_model(Command& command, std::string& folder);

// Adds --json.
Flag& add_json(Command& command, bool& json);

// Adds --engine.
void add_engine(Command& command, EngineKind& engine);

// What to do about characters that the model has never seen.
enum class Unseen {
  count,
  error,
};

constexpr std::array<Named<Unseen>, 2> kUnseenNames{{
    {Unseen::count, "count"},
    {Unseen::error, "error"},
}};

// Adds --unseen.
void add_unseen(Command& command, Unseen& unseen);

// Throws UsageError where the argument `name` is not in the tokenizer's encoding: any bytes are, and some are not UTF-8.
void require_encoding(const Tokenizer& tokenizer, const std::string& name, const std::string& text);

// As load_model(). Says on standard error which fields of its config.json are ignored, if there are any, unless `quiet`.
SavedModel load_model_and_inform(const std::string& folder, bool quiet = false, HashParameters hash = HashParameters::no);

// Adds --predictor; without it that is the mixture where the model has one, and else the GPT.
void add_predictor(Command& command, std::optional<PredictorKind>& predictor);

// A saved model, and which engine computes it: for the instruction set that the environment asks for.
struct LoadedModel {
  SavedModel saved;
  EngineKind kind;
  Target target;
  CorpusKind corpus_kind;  // of what it was trained on, as far as its folder says
  PredictorKind predictor = PredictorKind::gpt;
  std::shared_ptr<const NgramModel> ngram = {};  // where it predicts, alone or in the mixture
  std::shared_ptr<const Mixture> mixture = {};   // where it predicts; with the n-gram alone one that takes it alone

  // One that has its parameters. Throws as make_engine().
  std::unique_ptr<Engine> engine() const;

  // What a LineScorerTeam takes; this must outlive it.
  TeamModel team_model() const;
};

// Says in one line what must be said of a model that is not good (training/run_folder.h).
void inform_of_warning(const std::string& folder);

// Throws as target_from_environment() and load_model_and_inform(); Error where a predictor is asked for that the model does not
// have, or a file of it is damaged.
LoadedModel load_for(const std::string& folder, EngineKind kind, std::optional<PredictorKind> predictor = PredictorKind::gpt);

// The same of several, in their order: first all but their n-grams, of which at most `at_once` are read at the same time. Of
// what goes wrong with these the first is thrown, when all are read.
std::deque<LoadedModel> load_each(std::span<const std::string> folders, EngineKind kind, std::optional<PredictorKind> predictor,
                                  std::size_t at_once);

// The same of a model that is in memory. Throws Error where a predictor is asked for that it does not have.
LoadedModel loaded_of(const Model& model, EngineKind kind, std::optional<PredictorKind> predictor);

// A saved model, and an engine that has its parameters.
struct OpenModel {
  SavedModel saved;
  std::unique_ptr<Engine> engine;
};

// Throws as load_for() and make_engine().
OpenModel open_model(const std::string& folder, EngineKind kind);

}  // namespace microgpt
