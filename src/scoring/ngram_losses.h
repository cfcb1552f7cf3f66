// SPDX-License-Identifier: MIT
// The losses of the n-gram baseline, to stand beside those of an engine: the same positions, and unseen characters as in
// unseen.h.
#pragma once

#include <span>
#include <vector>

#include "ngram/ngram_model.h"
#include "scoring/token_scorer.h"

namespace microgpt {

// Follows documents part by part, as DocumentScorer hands them over. Memory: the losses of one part.
class NgramLosses {
 public:
  // The model must outlive it.
  explicit NgramLosses(const NgramModel& model) : model_(model), context_(model.start()) {}

  // -ln P of the part's targets, in nats; valid until the next call. What an engine says of them does not matter.
  // REQUIRES: a document's parts come in order, its first one first; each target is kUnseen or of the model's vocabulary.
  std::span<const double> of(const ScoredPart& part);

 private:
  const NgramModel& model_;
  NgramModel::Context context_;
  std::vector<double> losses_;
};

}  // namespace microgpt
