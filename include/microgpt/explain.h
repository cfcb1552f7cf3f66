// SPDX-License-Identifier: MIT
// The loss of one document laid open: what the model expected at each position, and what came.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "microgpt/export.h"
#include "microgpt/model.h"
#include "microgpt/token.h"

namespace microgpt {

struct Candidate {
  Token token;
  double probability;
};

// The exponents of a mixture at a position: P(w) = P_gpt(w)^gpt P_ngram(w)^ngram e^s(w) / Z, where s is what tokens gain that
// were seen there (docs/mixture.md).
struct MixtureExponents {
  float gpt;
  float ngram;
};

struct PositionLoss {
  Token input;               // kUnseen where the model has never seen the character; it is fed BOS then
  Token target;              // likewise
  std::string input_symbol;  // what to show for them
  std::string target_symbol;
  double probability;                   // of the target
  double nats;                          // -ln of it; for what is unseen ln V + ln 1,114,112
  std::vector<Candidate> alternatives;  // the likeliest tokens other than the target, likeliest first

  // Of a mixture: the target's probabilities by both of its parts, and their exponents.
  struct Parts {
    double gpt;
    double ngram;
    MixtureExponents exponents;
  };
  std::optional<Parts> parts = {};

  // Of the last layer, where it was asked for: [h][t] is what head Explanation::heads[h] takes of position attention_begin + t.
  std::vector<std::vector<double>> attention = {};
  std::size_t attention_begin = 0;  // the first position that it sees: not 0 where the context does not reach so far

  MICROGPT_API double bits() const;
};

struct Explanation {
  std::size_t vocab_size;
  std::size_t block_size;
  std::vector<PositionLoss> positions;
  std::vector<std::size_t> heads = {};  // whose attention it has

  MICROGPT_API double total_nats() const;
  MICROGPT_API double mean_nats() const;    // the loss of the document
  MICROGPT_API double random_nats() const;  // what the sum would be if all tokens were equally likely everywhere
  MICROGPT_API std::size_t unseen() const;  // targets that the model has never seen
  MICROGPT_API bool is_mixed() const;       // whether a mixture predicts
};

inline constexpr std::size_t kAlternatives = 3;

struct ExplainOptions {
  std::size_t alternatives = kAlternatives;
  bool attention = false;                       // also where the last layer looks
  std::optional<std::size_t> head = {};         // of attention that of this head alone
  std::optional<PredictorKind> predictor = {};  // nothing: Model::predictor()
};

// Throws Error: the document is not valid in the model's encoding; the model does not have the predictor or the head; the loss
// is no number; there is more attention than 67 million weights.
MICROGPT_API Explanation explain(const Model& model, std::string_view document, const ExplainOptions& options = {});

// As JSON, as `microgpt explain --json` prints it. In UTF-8. REQUIRES: the explanation is of this model and document.
MICROGPT_API std::string to_json(const Explanation& explanation, const Model& model, std::string_view document);

}  // namespace microgpt
