// SPDX-License-Identifier: MIT
// The loss of one document laid open: what the model expected at each position, and what came.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.h"
#include "microgpt/tokenizer.h"
#include "scoring/mixture.h"

namespace microgpt {

struct Candidate {
  Token token;
  double probability;
};

struct PositionLoss {
  Token input;               // kUnseen where the model has never seen the character; it is fed BOS then
  Token target;              // likewise
  std::string input_symbol;  // what to show for them
  std::string target_symbol;
  double probability;                   // of the target
  double nats;                          // -ln of it; for what is unseen unseen_loss()
  std::vector<Candidate> alternatives;  // the likeliest tokens other than the target, likeliest first

  // Of a mixture: the target's probabilities by both of its parts, and their exponents.
  struct Parts {
    double gpt;
    double ngram;
    Mixture::Exponents exponents;
  };
  std::optional<Parts> parts = {};

  // Of the last layer, where it was asked for: [h][t] is what head Explanation::heads[h] takes of position attention_begin + t.
  std::vector<std::vector<double>> attention = {};
  std::size_t attention_begin = 0;  // the first position that it sees: not 0 where the context does not reach so far

  double bits() const;
};

struct Explanation {
  std::size_t vocab_size;
  std::size_t block_size;
  std::vector<PositionLoss> positions;
  std::vector<std::size_t> heads = {};  // whose attention it has

  double total_nats() const;
  double mean_nats() const;    // the loss of the document
  double random_nats() const;  // what the sum would be if all tokens were equally likely everywhere
  std::size_t unseen() const;  // targets that the model has never seen
  bool is_mixed() const;       // whether a mixture predicts
};

inline constexpr std::size_t kAlternatives = 3;

// The document may be longer than the context: scoring/windows.h says what is seen then. With a mixture that is what predicts.
// REQUIRES: valid UTF-8.
Explanation explain(Engine& engine, const Tokenizer& tokenizer, std::string_view document,
                    std::size_t alternatives = kAlternatives, const Mixture* mixture = nullptr);

// More weights of attention are not computed.
inline constexpr std::size_t kMaxAttentionWeights = std::size_t{1} << 26;

// Fills in the attention of the last layer, of all heads or of one. Throws Error where there may be more than
// kMaxAttentionWeights of them. REQUIRES: the explanation is of this engine and document and has none; head < n_head.
void explain_attention(const Engine& engine, const Tokenizer& tokenizer, std::string_view document, Explanation& explanation,
                       std::optional<std::size_t> head = {});

}  // namespace microgpt
