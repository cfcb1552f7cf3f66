// SPDX-License-Identifier: MIT
// What predicts documents: the GPT and its n-gram mixed (mixture.h), or one of the two.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "microgpt/explain.h"
#include "microgpt/model.h"
#include "ngram/ngram_model.h"
#include "simd/target.h"
#include "text/names.h"

namespace microgpt {

inline constexpr std::array<Named<PredictorKind>, 3> kPredictorNames{{
    {PredictorKind::mixture, "mixture"},
    {PredictorKind::gpt, "gpt"},
    {PredictorKind::ngram, "ngram"},
}};

// The GPT and its n-gram as one predictor: at each position the product of what both say, each with an exponent, and of what
// was seen there,
//     P(w) = P_gpt(w)^g P_ngram(w)^n e^s(w) / Z.
// The exponents g and n depend on what the n-gram knows there: how long its context is (NgramModel::length), and how much it
// has seen after it (NgramModel::evidence). Both are sums of three terms: one for all positions, one of the length, and one
// times the evidence. s(w) is a sum over the ends of the context after which w was seen, of each length from 1 on: a term of
// the length, one times the evidence after that end, and one times how often 1 is doubled on the way to the n-gram's count
// there (of the longest n-grams how often they occur, of shorter ones after how many different tokens). Of logits of the GPT x:
// those of the mixture are g x + n ln P_ngram + s, and Z is that of their softmax, so that the probabilities sum to 1 as those
// of the GPT do.
//
// All terms are fitted where they can be (training/fit_mixture.h): the loss is convex in them. A sum of both parts in a fixed
// or fitted proportion is another mixture, and a worse one on each list that was tried (docs/mixture.md). Source: products of
// experts (Hinton 2002), log-linear interpolation (Klakow 1998), features of maximum entropy (Rosenfeld 1996).

// One of the two exponents.
struct ExponentTerms {
  double base = 0.0;
  double evidence_weight = 0.0;        // for each digit of it
  std::vector<double> length_weights;  // [order - 1], of the lengths 1, 2 ...

  double at(std::size_t length, std::size_t evidence) const {
    return base + evidence_weight * static_cast<double>(evidence) + (length == 0 ? 0.0 : length_weights[length - 1]);
  }
};

// What a token gains that was seen after an end of the context, of one length.
struct SeenTerms {
  double base = 0.0;
  double evidence_weight = 0.0;  // for each digit of what was seen after that end
  double count_weight = 0.0;     // for each doubling on the way to the token's count

  bool operator==(const SeenTerms&) const = default;

  // REQUIRES: count is at least 1.
  static std::size_t doublings(std::uint32_t count) { return static_cast<std::size_t>(std::bit_width(count)) - 1; }
};

struct MixtureWeights {
  ExponentTerms gpt;
  ExponentTerms ngram;
  std::vector<SeenTerms> seen = {};  // [order - 1], of the lengths 1, 2 ..., or empty, which is as if all were 0
};

// What is mixed with where nothing is held out to fit the weights to, for an n-gram of this order: the mean of what was fitted
// to several lists (docs/mixture.md), without what was seen.
MixtureWeights default_mixture_weights(std::size_t order);

// The text of mixture.json, and what it says; version 2 had nothing of what was seen. Throws Error: `text` is damaged, or of an
// n-gram of another order; `file` stands for it in error messages.
std::string mixture_to_json(const MixtureWeights& weights);
MixtureWeights mixture_from_json(const std::string& file, std::string_view text, std::size_t order);

// Does not change after it is made; any number of threads may use it. The same bits on every target.
class Mixture {
 public:
  // The n-gram must outlive it. REQUIRES: the weights are of its order.
  Mixture(const NgramModel& ngram, const MixtureWeights& weights, Target target = best_target());

  const NgramModel& ngram() const { return ngram_; }

  using Exponents = MixtureExponents;
  Exponents exponents(NgramModel::Context context) const {
    return exponents_[ngram_.length(context) * NgramModel::kMaxEvidence + ngram_.evidence(context)];
  }

  // Makes the logits of the GPT after a context into those of the mixture. REQUIRES: vocab_size() logits.
  void mix(NgramModel::Context context, std::span<float> logits) const;

 private:
  const NgramModel& ngram_;
  Target target_;
  struct Gain {
    float base;       // of tokens that were seen
    float each_time;  // for each doubling
  };
  // Calls take(token, gain) for each token and each end of the context after which it was seen.
  template <typename Take>
  void for_each_gain(NgramModel::Context context, const Take& take) const;

  std::vector<Exponents> exponents_;  // [lengths][kMaxEvidence]
  std::vector<Gain> gains_;           // the same, or empty where nothing is gained
};

// ln of the probabilities that the n-gram gives after a context, as a mixture takes them. REQUIRES: vocab_size() elements.
void log_distribution(const NgramModel& ngram, NgramModel::Context context, Target target, std::span<float> logarithms);

}  // namespace microgpt
