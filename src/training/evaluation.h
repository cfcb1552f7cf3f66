// How well a model predicts documents: the loss, and what follows from it.
#pragma once

#include <cstddef>

#include "engine/mean_loss.h"
#include "microgpt/engine.h"
#include "text/tokenized_documents.h"

namespace microgpt {

struct Evaluation {
  MeanLoss loss;           // nats
  std::size_t documents;   // how many they were
  std::size_t positions;   // that count: a document that is longer than the context is cut to it
  std::size_t characters;  // code points among the targets: BOS is none

  // All bits, the end token's included, over the characters. REQUIRES: there is a character.
  double bits_per_character() const;

  // e to the power of the token mean: as if the model chose among so many equally likely tokens.
  double perplexity() const;
};

// Throws and REQUIRES as held_out_loss(). Throws Error where the loss is no number: the parameters have become too large.
Evaluation evaluate(Engine& engine, const TokenizedDocuments& documents);

}  // namespace microgpt
