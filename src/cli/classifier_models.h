// SPDX-License-Identifier: MIT
// The models of a classifier, and how their predictions are weighed.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/arguments.h"
#include "cli/line_command.h"
#include "cli/model_arguments.h"
#include "inference/class_weights.h"
#include "inference/classifier.h"
#include "inference/classifier_file.h"
#include "ngram/ngram_model.h"
#include "scoring/line_scorer.h"
#include "scoring/linear_model.h"

namespace microgpt {

// Which models they are. Of a pair the first is the positive one.
struct ClassifierSource {
  std::vector<std::string> names;      // of the classes
  std::vector<std::string> folders;    // of their models
  std::optional<ClassifierFile> file;  // what they were fitted together to, if they were
  std::string folder;                  // that of the file
  bool is_pair = true;
};

// A folder that train-pair or train-classes made. Throws Error: it is none, or not finished, or another model has taken the
// place of one of its own.
ClassifierSource classifier_in(const std::string& folder);

// Two models; where they lie in such a folder, in this order, what is known of them there. Says on standard error where they
// are not the ones that were fitted together.
ClassifierSource pair_of(const std::string& positive, const std::string& negative);

class ClassifierModels {
 public:
  // Where no method is asked for, it is all where the models were fitted together, and else the mixtures where each model has
  // one, or the GPTs. `compares`: all methods that the models have are computed, and else that one alone. `at_once`: as for
  // load_each(). Throws as that; Error: the models do not go together, or do not have what is asked for.
  ClassifierModels(ClassifierSource source, EngineKind engine, std::optional<ClassMethod> method, bool compares,
                   std::size_t at_once);
  ClassifierModels(const ClassifierModels&) = delete;
  ClassifierModels& operator=(const ClassifierModels&) = delete;

  const std::vector<NamedModel>& named() const { return named_; }
  const std::vector<std::string>& names() const { return source_.names; }
  const ClassifierSource& source() const { return source_; }
  bool is_pair() const { return source_.is_pair; }

  // What is to be kept of the lines.
  KeptLosses kept() const {
    return {.parts = keeps_parts_, .linear = keeps_parts_ || method() == ClassMethod::linear ? linear_.get() : nullptr};
  }

  // Those that evidence() has, with what to call them; first the one that was chosen.
  const std::vector<ComparedMethod>& methods() const { return methods_; }
  ClassMethod method() const { return methods_.front().method; }

  // What the models say of a line that was scored as kept() says.
  Evidence evidence(const ScoredLines& lines, std::size_t line) const;

  // What says something of the evidence. Where the models were not trained together it weighs nothing, and knows of no class
  // that is more frequent.
  const EvidenceClassifier& classifier() const { return *classifier_; }

  // Whether probabilities can be said: how frequent the classes are is known where they were trained together.
  bool says_probabilities() const { return method() == ClassMethod::all; }

  // Whether all have the same parameters, and n-grams where these predict, so that no line is told apart.
  bool are_the_same() const;

 private:
  void load(EngineKind engine, std::optional<PredictorKind> predictor, std::size_t at_once);
  void load_ngrams();
  ClassMethod choose_method(std::optional<ClassMethod> asked_for);
  void set_methods(ClassMethod chosen, bool compares);
  std::string title_of(ClassMethod method) const;
  bool all_have_mixtures() const;
  bool all_have_ngrams() const;

  ClassifierSource source_;
  bool keeps_parts_ = false;
  std::shared_ptr<const LinearModel> linear_;  // of models that were fitted together, if they have one
  std::deque<LoadedModel> models_;
  std::deque<std::optional<NgramModel>> ngrams_;  // of models whose n-gram does not predict
  std::vector<NamedModel> named_;
  std::vector<EvidenceModel> evidence_models_;  // in the same order
  std::vector<ComparedMethod> methods_;
  std::optional<EvidenceClassifier> classifier_;
};

}  // namespace microgpt
