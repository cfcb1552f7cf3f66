// SPDX-License-Identifier: MIT
// How well a model predicts documents, beside an n-gram model and beside the two mixed: the same positions for all.
#pragma once

#include <optional>
#include <vector>

#include "microgpt/tokenizer.h"
#include "ngram/ngram_model.h"
#include "scoring/document_scorer.h"
#include "scoring/evaluation.h"
#include "scoring/ngram_losses.h"

namespace microgpt {

struct Comparison {
  Evaluation model;
  std::optional<Evaluation> ngram;
  std::optional<Evaluation> mixture;
};

// What a model is compared with.
struct Baseline {
  const NgramModel* ngram = nullptr;  // or none
  std::optional<double> share;        // of the n-gram in a mixture, from 0 to 1, or no mixture. REQUIRES: an n-gram
};

// Adds up the losses of documents, as Tally does for one predictor.
class ComparisonTally {
 public:
  // The n-gram must outlive it. `bos` is the last token of the vocabulary.
  ComparisonTally(Token bos, const Baseline& baseline);

  // The next part of a document, or the first of the next one, with the losses of the model; as DocumentScorer gives them.
  void add(const ScoredPart& part);

  // Of the documents that have ended. REQUIRES: there is one.
  Comparison comparison() const;

 private:
  Tally model_;
  Tally ngram_;
  Tally mixture_;
  std::optional<NgramLosses> ngram_losses_;
  std::optional<double> share_;
  std::vector<double> mixed_;
};

}  // namespace microgpt
