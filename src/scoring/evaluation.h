// How well documents are predicted: the loss of them all, and what follows from it.
#pragma once

#include <cstddef>

#include "engine/mean_loss.h"
#include "scoring/document_scorer.h"

namespace microgpt {

// REQUIRES of the means: there is a document.
struct Evaluation {
  MeanLoss loss;           // nats
  std::size_t documents;   // how many they were
  std::size_t positions;   // tokens predicted: a document's characters, and the BOS at its end if it has one
  std::size_t characters;  // code points among the targets: BOS is none
  std::size_t unseen;      // of these, characters that the model has never seen

  // All bits, the end token's included, over the characters. Infinite where there is none.
  double bits_per_character() const;

  // e to the power of the token mean: as if the model chose among so many equally likely tokens.
  double perplexity() const;
};

// Adds up the losses of documents. The sum depends on their order, and not on the parts in which they come.
class Tally {
 public:
  // `bos`, the last token of the vocabulary, is no character.
  explicit Tally(Token bos) : bos_(bos) {}

  // The next part of a document, or the first of the next one; as DocumentScorer gives them.
  void add(const ScoredPart& part);

  // Of the documents that have ended. REQUIRES: there is one.
  Evaluation evaluation() const;

 private:
  Token bos_;
  double document_sum_ = 0.0;  // of the document that is open
  std::size_t document_positions_ = 0;
  double sum_ = 0.0;           // over positions
  double sum_of_means_ = 0.0;  // over documents
  std::size_t documents_ = 0;
  std::size_t positions_ = 0;
  std::size_t characters_ = 0;
  std::size_t unseen_ = 0;
};

}  // namespace microgpt
