// SPDX-License-Identifier: MIT
// The two models of a classifier.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/line_command.h"
#include "cli/model_arguments.h"
#include "inference/ngram_pair.h"
#include "ngram/ngram_model.h"
#include "scoring/line_scorer.h"

namespace microgpt {

class ClassifierModels {
 public:
  // From their folders; where nothing is asked for, both predict with their mixtures, or both without. Throws as load_for();
  // Error: characters of one are bytes, and of the other not.
  ClassifierModels(const std::string& positive, const std::string& negative, EngineKind engine,
                   std::optional<PredictorKind> predictor);
  ClassifierModels(const ClassifierModels&) = delete;
  ClassifierModels& operator=(const ClassifierModels&) = delete;

  const std::vector<NamedModel>& named() const { return named_; }

  // What predicts in both: the name of a PredictorKind.
  std::string_view predictor() const { return name_in(kPredictorNames, positive_.predictor); }

  // The log-likelihood ratio of a line.
  double ratio(const ScoredLines& lines, std::size_t line) const;

  // Loads the n-gram models that were saved with them. Throws as load_baseline().
  void load_ngrams();

  // Whether both have the same parameters, and n-grams where these predict, so that no line is told apart.
  bool are_the_same() const;

  // Whether both have one that is loaded; and these, and what to call them. REQUIRES of the latter: both have.
  bool have_ngrams() const { return positive_ngram_ && negative_ngram_; }
  NgramPair ngrams() const;
  std::string name_of_ngrams() const;

 private:
  LoadedModel positive_;
  LoadedModel negative_;
  std::optional<NgramModel> positive_ngram_;
  std::optional<NgramModel> negative_ngram_;
  std::vector<NamedModel> named_;
};

}  // namespace microgpt
