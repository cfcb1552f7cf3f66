// SPDX-License-Identifier: MIT
// How well documents are predicted: the loss of them all, and what follows from it.
#pragma once

#include <cstddef>

#include "engine/mean_loss.h"
#include "scoring/token_scorer.h"

namespace microgpt {

// What the losses of one document add up to, in their order.
struct DocumentLoss {
  double nats = 0.0;           // of all positions together
  std::size_t positions = 0;   // tokens predicted: the characters, and the BOS at the end if it has one
  std::size_t characters = 0;  // code points, or bytes, among the targets: BOS is none
  std::size_t unseen = 0;      // of these, characters that the model has never seen

  // The next part of the document. The token that ends it is no character: BOS, the last of the vocabulary, but for pieces of a
  // running text.
  void add(const ScoredPart& part, Token end);

  // Nats. REQUIRES: there is a position.
  double token_mean() const { return nats / static_cast<double>(positions); }
};

// All bits, those of the end token included, over the characters. Infinite where there is none.
double bits_per_character(double token_mean, std::size_t positions, std::size_t characters);

// REQUIRES of the means: there is a document.
struct Evaluation {
  MeanLoss loss;           // nats
  std::size_t documents;   // how many they were
  std::size_t positions;   // tokens predicted: a document's characters, and the BOS at its end if it has one
  std::size_t characters;  // code points among the targets: BOS is none
  std::size_t unseen;      // of these, characters that the model has never seen

  double bits_per_character() const { return microgpt::bits_per_character(loss.token_mean, positions, characters); }

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
  DocumentLoss document_;      // the one that is open
  double sum_ = 0.0;           // over positions
  double sum_of_means_ = 0.0;  // over documents
  std::size_t documents_ = 0;
  std::size_t positions_ = 0;
  std::size_t characters_ = 0;
  std::size_t unseen_ = 0;
};

}  // namespace microgpt
