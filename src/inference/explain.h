// The loss of one document laid open: what the model expected at each position, and what came.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "microgpt/engine.h"
#include "microgpt/tokenizer.h"

namespace microgpt {

struct Candidate {
  Token token;
  double probability;
};

struct PositionLoss {
  Token input;
  Token target;
  double probability;                   // of the target
  double nats;                          // -ln of it
  std::vector<Candidate> alternatives;  // the likeliest tokens other than the target, likeliest first

  double bits() const;
};

struct Explanation {
  std::size_t vocab_size;
  std::vector<PositionLoss> positions;

  double total_nats() const;
  double mean_nats() const;  // the loss of the document
};

// Throws Error: a character that the tokenizer does not know; a document longer than the model's context.
Explanation explain(Engine& engine, const Tokenizer& tokenizer, std::string_view document, std::size_t alternatives = 3);

}  // namespace microgpt
