// SPDX-License-Identifier: MIT
// What predicts documents: the GPT and its n-gram mixed (mixture.h), or one of the two.
#pragma once

#include <array>
#include <cstddef>
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

// The GPT and its n-gram as one predictor: at each position the product of what both say, each with an exponent,
//     P(w) = P_gpt(w)^g P_ngram(w)^n / Z.
// The exponents g and n depend on what the n-gram knows there: how long its context is (NgramModel::length), and how much it
// has seen after it (NgramModel::evidence). Both are sums of three terms: one for all positions, one of the length, and one
// times the evidence. Of logits of the GPT x: those of the mixture are g x + n ln P_ngram, and Z is that of their softmax, so
// that the probabilities sum to 1 as those of the GPT do.
//
// Exponents are fitted where they can be (training/fit_mixture.h): the loss is convex in them. A sum of both parts in a fixed
// or fitted proportion is another mixture, and a worse one on each list that was tried (docs/mixture.md). Source: products of
// experts (Hinton 2002), log-linear interpolation (Klakow 1998).

// One of the two exponents.
struct ExponentTerms {
  double base = 0.0;
  double evidence_weight = 0.0;        // for each digit of it
  std::vector<double> length_weights;  // [order - 1], of the lengths 1, 2 ...

  double at(std::size_t length, std::size_t evidence) const {
    return base + evidence_weight * static_cast<double>(evidence) + (length == 0 ? 0.0 : length_weights[length - 1]);
  }
};

struct MixtureWeights {
  ExponentTerms gpt;
  ExponentTerms ngram;
};

// What is mixed with where nothing is held out to fit the weights to, for an n-gram of this order: the mean of what was fitted
// to several lists (docs/mixture.md).
MixtureWeights default_mixture_weights(std::size_t order);

// The text of mixture.json, and what it says. Throws Error: `text` is damaged, or of an n-gram of another order; `file` stands
// for it in error messages.
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
  std::vector<Exponents> exponents_;  // [lengths][kMaxEvidence]
};

// ln of the probabilities that the n-gram gives after a context, as a mixture takes them. REQUIRES: vocab_size() elements.
void log_distribution(const NgramModel& ngram, NgramModel::Context context, Target target, std::span<float> logarithms);

}  // namespace microgpt
