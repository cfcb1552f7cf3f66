// SPDX-License-Identifier: MIT
#include "cli/model_arguments.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "cli/arguments.h"
#include "cli/terminal.h"
#include "inference/calibration.h"
#include "inference/classifier_file.h"
#include "io/file.h"
#include "io/json.h"
#include "library/model_parts.h"
#include "parallel/at_once.h"
#include "text/encoded_text.h"
#include "training/run_folder.h"

namespace microgpt {

Flag& add_model(Command& command, std::string& folder) {
  return command.add_argument("MODEL", into(folder), "Folder of the saved model");
}

Flag& add_json(Command& command, bool& json) { return command.add_switch("--json", into(json), "Print JSON").in("Output"); }

void add_engine(Command& command, EngineKind& engine) {
  add_choice(command, "--engine", kEngineNames, engine, "Engine").in("General").rare();
}

void add_unseen(Command& command, Unseen& unseen) {
  add_choice(command, "--unseen", kUnseenNames, unseen, "How to treat characters that the model has never seen")
      .in("Data")
      .rare();
}

void require_encoding(const Tokenizer& tokenizer, const std::string& name, const std::string& text) {
  if (tokenizer.encoding() == Encoding::utf8 && find_invalid_utf8(text)) throw UsageError(name + ": this is not UTF-8");
}

std::unique_ptr<Engine> LoadedModel::engine() const {
  std::unique_ptr<Engine> engine = make_engine(kind, saved.config, {.target = target});
  engine->load(saved.parameters);
  return engine;
}

SavedModel load_model_and_inform(const std::string& folder, bool quiet, HashParameters hash) {
  constexpr std::size_t kMaxNamed = 8;
  if (!holds_model(folder) && holds_classifier(folder)) {
    const ClassifierFile classifier = load_classifier(folder);
    throw Error(fmt::format("{0} holds a {1}: name one of its models, such as {0}/{2}", folder,
                            classifier.is_pair ? "pair" : "classifier", classifier.classes.front().folder));
  }
  if (!holds_model(folder) && holds_model(path_in(folder, kPositive)))
    throw Error(fmt::format("{0} holds a pair: name one of its models, {0}/{1} or {0}/{2}", folder, kPositive, kNegative));
  SavedModel model = load_model(folder, hash);
  const std::vector<std::string>& fields = model.unknown_fields;
  if (fields.empty() || quiet) return model;
  std::string names;
  for (std::size_t i = 0; i < std::min(fields.size(), kMaxNamed); ++i) names += (i == 0 ? "" : ", ") + quote(fields[i]);
  if (fields.size() > kMaxNamed) names += fmt::format(" and {} more", fields.size() - kMaxNamed);
  inform(fmt::format("{}: fields of other programs are ignored: {}", config_path(folder), names));
  return model;
}

void inform_of_warning(const std::string& folder) {
  std::string warning = load_warning(folder);
  if (warning.empty()) return;
  std::replace(warning.begin(), warning.end(), '\n', ' ');
  inform(fmt::format("{0}: {1}; {0}/README.md says what may help", folder, warning.substr(0, warning.find(". "))));
}

void add_predictor(Command& command, std::optional<PredictorKind>& predictor) {
  add_choice_function(command, "--predictor", kPredictorNames, into(predictor),
                      "Predict with the GPT and its n-gram mixed, or with one of them", " [mixture, if the model has one]")
      .in("General");
}

namespace {

void set_predictor(PredictorKind predictor, std::shared_ptr<const NgramModel> ngram, const MixtureWeights& weights,
                   LoadedModel& model) {
  model.predictor = predictor;
  model.ngram = std::move(ngram);
  model.mixture = std::make_shared<const Mixture>(*model.ngram, weights, model.target);
}

void load_predictor(const std::string& folder, std::optional<PredictorKind> asked_for, LoadedModel& model) {
  if (asked_for == PredictorKind::gpt) return;
  std::optional<NgramModel> ngram = load_baseline(folder, model.saved.config);
  const bool is_alone = asked_for == PredictorKind::ngram;
  std::optional<MixtureWeights> weights;
  if (ngram) weights = is_alone ? ngram_only_weights(ngram->order()) : load_mixture(folder, ngram->order());
  if (!weights && asked_for)
    throw Error(fmt::format("{} has no {}: leave --predictor out, or {}", folder,
                            is_alone ? "n-gram" : "mixture of the GPT and an n-gram",
                            ngram ? fmt::format("make one with microgpt train --resume {}", folder) : "train the model again"));
  if (!weights) return;
  set_predictor(asked_for.value_or(PredictorKind::mixture), std::make_shared<const NgramModel>(std::move(*ngram)), *weights,
                model);
}

LoadedModel load_alone(const std::string& folder, EngineKind kind) {
  const Target target = target_from_environment();
  SavedModel saved = load_model_and_inform(folder);
  const auto state = load_train_state(folder);
  return {std::move(saved), kind, target, state ? state->corpus.format.kind : CorpusKind::lines};
}

}  // namespace

TeamModel LoadedModel::team_model() const {
  const bool is_ngram = predictor == PredictorKind::ngram;
  return {[this, is_ngram] { return is_ngram ? nullptr : engine(); },
          {{nullptr, is_ngram ? nullptr : mixture.get(), ngram.get()}, &saved.tokenizer, corpus_kind}};
}

LoadedModel load_for(const std::string& folder, EngineKind kind, std::optional<PredictorKind> predictor) {
  LoadedModel model = load_alone(folder, kind);
  load_predictor(folder, predictor, model);
  return model;
}

std::deque<LoadedModel> load_each(std::span<const std::string> folders, EngineKind kind, std::optional<PredictorKind> predictor,
                                  std::size_t at_once) {
  std::deque<LoadedModel> models;
  for (const std::string& folder : folders) models.push_back(load_alone(folder, kind));
  for_each_at_once(folders.size(), at_once,
                   [&](std::size_t i, std::size_t) { load_predictor(folders[i], predictor, models[i]); });
  return models;
}

LoadedModel loaded_of(const Model& model, EngineKind kind, std::optional<PredictorKind> predictor) {
  const ModelParts& parts = model.parts();
  LoadedModel loaded{parts.saved, kind, target_from_environment(), parts.corpus_kind()};
  const PredictorKind chosen = chosen_predictor(model, predictor);
  if (chosen == PredictorKind::gpt) return loaded;
  const bool is_alone = chosen == PredictorKind::ngram;
  set_predictor(chosen, parts.ngram, is_alone ? ngram_only_weights(parts.ngram->order()) : *parts.weights, loaded);
  return loaded;
}

OpenModel open_model(const std::string& folder, EngineKind kind) {
  LoadedModel model = load_for(folder, kind);
  std::unique_ptr<Engine> engine = model.engine();
  return {std::move(model.saved), std::move(engine)};
}

}  // namespace microgpt
