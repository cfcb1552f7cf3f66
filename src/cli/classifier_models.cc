// SPDX-License-Identifier: MIT
#include "cli/classifier_models.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "cli/terminal.h"
#include "inference/calibration.h"
#include "io/file.h"
#include "microgpt/error.h"
#include "model/saved_model.h"
#include "ngram/ngram_file.h"
#include "text/hashes.h"
#include "training/run_folder.h"

namespace microgpt {
namespace {

ClassifierSource source_of(const std::string& folder, ClassifierFile file) {
  ClassifierSource source{{}, {}, std::nullopt, folder, file.is_pair};
  for (const ClassOfFile& each : file.classes) {
    source.names.push_back(each.name);
    source.folders.push_back(path_in(folder, each.folder));
  }
  source.file = std::move(file);
  return source;
}

std::optional<PredictorKind> predictor_of(std::optional<ClassMethod> method) {
  if (method == ClassMethod::gpt) return PredictorKind::gpt;
  if (method == ClassMethod::ngram || method == ClassMethod::linear) return PredictorKind::ngram;  // which takes least
  if (method == ClassMethod::mixture) return PredictorKind::mixture;
  return std::nullopt;
}

}  // namespace

ClassifierSource classifier_in(const std::string& folder) {
  if (!holds_classifier(folder)) {
    if (holds_model(path_in(folder, kPositive)) && holds_model(path_in(folder, kNegative)))
      return pair_of(path_in(folder, kPositive), path_in(folder, kNegative));
    if (holds_model(folder))
      throw Error(
          fmt::format("{} is one model, and a classifier needs two or more: name another by --positive and --negative, or "
                      "train a classifier with microgpt train-pair or train-classes",
                      folder));
    throw Error(fmt::format("{} holds no classifier: train one with microgpt train-pair or train-classes", folder));
  }
  return source_of(folder, load_complete_classifier(folder));
}

ClassifierSource pair_of(const std::string& positive, const std::string& negative) {
  ClassifierSource pair{{std::string(kPositive), std::string(kNegative)}, {positive, negative}, std::nullopt, "", true};
  const auto canonical = [](const std::string& folder) {
    std::error_code ignored;
    return std::filesystem::weakly_canonical(folder, ignored);
  };
  const std::filesystem::path first = canonical(positive), second = canonical(negative);
  const std::string folder = first.parent_path().string();
  if (first.parent_path() != second.parent_path() || !holds_classifier(folder)) return pair;
  ClassifierSource source = source_of(folder, load_classifier(folder));
  const std::vector<ClassOfFile>& classes = source.file->classes;
  if (!source.is_pair || classes[0].folder != first.filename() || classes[1].folder != second.filename()) return pair;
  if (classes[0].sha256.empty() || classes[1].sha256.empty()) return pair;
  source.folders = pair.folders;
  if (find_other_model(*source.file, source.folders) == nullptr) return source;
  inform(
      fmt::format("{0} and {1} are not the models that {2} was fitted to, which does not count; microgpt train-pair --resume "
                  "{3} fits it anew",
                  positive, negative, classifier_path(folder), folder));
  return pair;
}

ClassifierModels::ClassifierModels(ClassifierSource source, EngineKind engine, std::optional<ClassMethod> method, bool compares,
                                   std::size_t at_once)
    : source_(std::move(source)) {
  if (method == ClassMethod::all && !source_.file)
    throw Error(fmt::format("{} and {} were not fitted together: leave --predictor out, or take mixture, gpt or ngram",
                            source_.folders[0], source_.folders[1]));
  load(engine, compares ? std::nullopt : predictor_of(method), at_once);
  const bool may_ask_it = compares || !method || method == ClassMethod::all || method == ClassMethod::linear;
  if (source_.file && may_ask_it)
    linear_ = load_linear_model(*source_.file, source_.folder, models_.front().saved.config.vocab_size);
  if (method == ClassMethod::linear && !linear_)
    throw Error(source_.file ? "the classifier has no linear model: leave --predictor out, or take all, mixture, gpt or ngram"
                             : "models that were not fitted together have no linear model: leave --predictor out, or take "
                               "mixture, gpt or ngram");
  if (compares) load_ngrams();
  const ClassMethod chosen = choose_method(method);
  for (const LoadedModel& model : models_) evidence_models_.push_back({model.saved.config.vocab_size, model.predictor});
  keeps_parts_ = compares || chosen == ClassMethod::all;
  for (NamedModel& named : named_)
    if (keeps_parts_ && named.beside == nullptr) named.beside = named.model->ngram.get();
  set_methods(chosen, compares);
  if (source_.file)
    classifier_.emplace(source_.file->weights, source_.file->shares());
  else
    classifier_.emplace(default_class_weights(models_.size()), std::vector<double>(models_.size(), 1.0));
}

void ClassifierModels::set_methods(ClassMethod chosen, bool compares) {
  const auto add = [&](ClassMethod method) { methods_.push_back({method, title_of(method)}); };
  add(chosen);
  if (!compares) return;
  const auto add_if = [&](ClassMethod method, bool is_there) {
    if (is_there && method != chosen) add(method);
  };
  add_if(ClassMethod::all, source_.file.has_value());
  add_if(ClassMethod::mixture, all_have_mixtures());
  add_if(ClassMethod::gpt, true);
  add_if(ClassMethod::linear, linear_ != nullptr);
  add_if(ClassMethod::ngram, all_have_ngrams());
}

void ClassifierModels::load(EngineKind engine, std::optional<PredictorKind> predictor, std::size_t at_once) {
  models_ = load_each(source_.folders, engine, predictor, at_once);
  for (std::size_t c = 0; c < models_.size(); ++c) {
    const std::string& folder = source_.folders[c];
    named_.push_back({&models_[c], folder});
    const Tokenizer &first = models_.front().saved.tokenizer, &other = models_[c].saved.tokenizer;
    if (first.encoding() != other.encoding())
      throw Error(fmt::format("{} and {} do not go together: the characters of one are bytes", source_.folders[0], folder));
    if (!source_.is_pair && first.characters() != other.characters())
      throw Error(fmt::format("{} and {} do not go together: they have other characters", source_.folders[0], folder));
  }
}

// Of models that predict without.
void ClassifierModels::load_ngrams() {
  for (std::size_t c = 0; c < models_.size(); ++c) {
    ngrams_.emplace_back();
    if (!models_[c].ngram) ngrams_.back() = load_baseline(named_[c].folder, models_[c].saved.config);
    if (ngrams_.back()) named_[c].beside = &*ngrams_.back();
  }
}

bool ClassifierModels::all_have_mixtures() const {
  return std::all_of(models_.begin(), models_.end(),
                     [](const LoadedModel& model) { return model.predictor == PredictorKind::mixture; });
}

bool ClassifierModels::all_have_ngrams() const {
  return std::all_of(named_.begin(), named_.end(),
                     [](const NamedModel& named) { return named.beside != nullptr || named.model->ngram != nullptr; });
}

ClassMethod ClassifierModels::choose_method(std::optional<ClassMethod> asked_for) {
  const auto without = std::find_if(models_.begin(), models_.end(),
                                    [](const LoadedModel& model) { return model.predictor == PredictorKind::gpt; });
  const auto folder_without = [&] { return named_[static_cast<std::size_t>(without - models_.begin())].folder; };
  if (asked_for.value_or(ClassMethod::gpt) == ClassMethod::all || (!asked_for && source_.file)) {
    if (!all_have_mixtures() || !all_have_ngrams())
      throw Error(
          fmt::format("{} has no mixture with an n-gram, which the classifier weighs: restore its files from a copy, or take "
                      "--predictor gpt",
                      folder_without()));
    return ClassMethod::all;
  }
  if (asked_for) {
    const bool has_no_mixture = asked_for == ClassMethod::mixture && !all_have_mixtures();
    if (has_no_mixture || (asked_for == ClassMethod::ngram && !all_have_ngrams()))
      throw Error(fmt::format("{} has no {}: leave --predictor out, or train the model again", folder_without(),
                              has_no_mixture ? "mixture of the GPT and an n-gram" : "n-gram"));
    return *asked_for;
  }
  if (without == models_.end()) return ClassMethod::mixture;
  if (std::any_of(models_.begin(), models_.end(), [](const LoadedModel& model) { return model.mixture != nullptr; }))
    inform(fmt::format("{} has no mixture with an n-gram, so that both models predict without", folder_without()));
  for (LoadedModel& model : models_) {
    model.predictor = PredictorKind::gpt;
    model.mixture.reset();
  }
  return ClassMethod::gpt;
}

std::string ClassifierModels::title_of(ClassMethod method) const {
  if (method == ClassMethod::gpt) return "GPTs";
  if (method != ClassMethod::ngram) return std::string(microgpt::name_of(method));
  const auto order = [&](const NamedModel& named) {
    return named.beside != nullptr ? named.beside->order() : named.model->ngram->order();
  };
  const auto [least, most] =
      std::minmax_element(named_.begin(), named_.end(), [&](const auto& a, const auto& b) { return order(a) < order(b); });
  if (order(*least) == order(*most)) return fmt::format("{}-grams", order(*least));
  return fmt::format("{}- to {}-grams", order(*least), order(*most));
}

Evidence ClassifierModels::evidence(const ScoredLines& lines, std::size_t line) const {
  return evidence_of(lines, line, evidence_models_, keeps_parts_);
}

bool ClassifierModels::are_the_same() const {
  const LoadedModel& first = models_.front();
  return std::all_of(models_.begin() + 1, models_.end(), [&](const LoadedModel& other) {
    if (first.saved.parameters != other.saved.parameters) return false;
    if (!first.ngram || !other.ngram) return true;
    return ngram_to_bytes(*first.ngram) == ngram_to_bytes(*other.ngram);
  });
}

}  // namespace microgpt
