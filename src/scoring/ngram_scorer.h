// SPDX-License-Identifier: MIT
// The losses of an n-gram model. Unseen characters cost as in token_scorer.h.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "ngram/ngram_model.h"
#include "scoring/token_scorer.h"

namespace microgpt {

// To stand beside those of an engine: follows documents part by part, as DocumentScorer hands them over. Memory: the losses of
// one part.
class NgramLosses {
 public:
  // The model must outlive it.
  explicit NgramLosses(const NgramModel& model) : model_(model), context_(model.start()) {}

  // -ln P of the part's targets, in nats; valid until the next call. What an engine says of them does not matter; what the
  // n-gram of a mixture does is taken as it is. REQUIRES: the mixture of the part, if there is one, has this n-gram; a
  // document's parts come in order, its first one first; each target is kUnseen or of the model's vocabulary.
  std::span<const double> of(const ScoredPart& part);

 private:
  const NgramModel& model_;
  NgramModel::Context context_;
  std::vector<double> losses_;
};

// The loss of whole documents as an n-gram alone predicts them: what `--predictor ngram` is made of, and what stands beside an
// engine's.
// Memory: the losses of a piece. Threads: one at a time.
class NgramScorer final : public TokenScorer {
 public:
  // `sink` gets the parts; what they point to is valid during the call. The model must outlive the scorer.
  using Sink = std::function<void(const ScoredPart&)>;
  NgramScorer(const NgramModel& model, Sink sink, bool with_expected = false);

  void append(std::span<const Token> tokens) override;
  void end_document() override;
  void finish() override {}

 private:
  void hand_over(bool ends_document);
  ExpectedLoss expected_after(NgramModel::Context context);

  const NgramModel& model_;
  Sink sink_;
  double unseen_loss_;
  bool with_expected_;
  std::optional<NgramModel::Context> context_;  // nothing before a document's first token
  std::vector<Token> targets_;                  // of the document's part that was not handed over, as its end is not known
  std::vector<double> losses_;
  std::vector<ExpectedLoss> expected_;  // as the losses, where they are asked for
  std::vector<double> probabilities_;   // of all tokens after the present context
  std::size_t document_ = 0;
  std::size_t position_ = 0;
};

}  // namespace microgpt
