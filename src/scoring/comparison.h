// SPDX-License-Identifier: MIT
// How well a model predicts documents, beside an n-gram model and beside the two mixed: the same positions for all.
#pragma once

#include <optional>

#include "ngram/ngram_model.h"
#include "scoring/evaluation.h"
#include "scoring/mixture.h"
#include "scoring/ngram_losses.h"

namespace microgpt {

struct Comparison {
  Evaluation model;
  std::optional<Evaluation> ngram;
  std::optional<Evaluation> mixture;
};

// What a model is compared with, or null.
struct Baseline {
  const NgramModel* ngram = nullptr;
  const Mixture* mixture = nullptr;  // of both
};

// Adds up the losses of documents, as Tally does for one predictor.
class ComparisonTally {
 public:
  // The n-gram, which may be null, must outlive it. `bos` is the last token of the vocabulary.
  ComparisonTally(Token bos, const NgramModel* ngram);

  // The next part of a document, or the first of the next one, with the losses of the model, and those of a mixture if there is
  // one; as DocumentScorer gives them.
  void add(const ScoredPart& part);

  // Of the documents that have ended. REQUIRES: there is one.
  Comparison comparison() const;

 private:
  Tally model_;
  Tally ngram_;
  Tally mixture_;
  std::optional<NgramLosses> ngram_losses_;
  bool has_mixture_ = false;
};

}  // namespace microgpt
