// SPDX-License-Identifier: MIT
// What the fit of a mixture (fit_mixture.h) has to weigh: the terms that it looks for, and what they stand before at a
// position.
//
// Each object belongs to one thread. Deterministic.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "microgpt/token.h"
#include "ngram/ngram_model.h"
#include "scoring/mixture.h"

namespace microgpt {

// What the n-gram knows at a position that was held out.
struct MixturePosition {
  Token target;
  NgramModel::Context context;
  std::size_t length;
  std::size_t evidence;
};

inline constexpr double kEvidenceUnit = 8.0;  // digits, so that all terms are of like size

// All terms in a row: of the GPT's exponent, base, evidence and lengths; those of the n-gram's; and of each length from 1 on
// what a token gains that was seen: base, evidence and count.
class MixtureTerms {
 public:
  explicit MixtureTerms(std::size_t order) : order_(order) {}

  std::size_t size() const { return of_length(order_); }
  std::size_t of_ngram() const { return order_ + 1; }                                      // the first one
  std::size_t of_length(std::size_t length) const { return 2 * order_ + 3 * length - 1; }  // the first one, of what was seen

  // The terms of an exponent that count at a position, and with which factors, as those of the GPT.
  using Active = std::array<std::pair<std::size_t, double>, 3>;
  static Active active(const MixturePosition& position) {
    const bool has_length = position.length > 0;
    return {{{0, 1.0}, {1, unit(position.evidence)}, {has_length ? position.length + 1 : 0, has_length ? 1.0 : 0.0}}};
  }
  static double unit(std::size_t evidence) { return static_cast<double>(evidence) / kEvidenceUnit; }

  std::vector<double> of(const MixtureWeights& weights) const {
    std::vector<double> values;
    for (const ExponentTerms* terms : {&weights.gpt, &weights.ngram}) {
      values.push_back(terms->base);
      values.push_back(terms->evidence_weight * kEvidenceUnit);
      values.insert(values.end(), terms->length_weights.begin(), terms->length_weights.end());
    }
    for (const SeenTerms& terms : weights.seen)
      values.insert(values.end(), {terms.base, terms.evidence_weight * kEvidenceUnit, terms.count_weight});
    values.resize(size());
    return values;
  }

  MixtureWeights weights(const std::vector<double>& values) const {
    const auto part = [&](std::size_t begin) {
      const auto at = values.begin() + static_cast<std::ptrdiff_t>(begin);
      return ExponentTerms{at[0], at[1] / kEvidenceUnit, {at + 2, at + static_cast<std::ptrdiff_t>(of_ngram())}};
    };
    MixtureWeights weights{part(0), part(of_ngram()), {}};
    for (std::size_t length = 1; length < order_; ++length) {
      const std::size_t at = of_length(length);
      weights.seen.push_back({values[at], values[at + 1] / kEvidenceUnit, values[at + 2]});
    }
    return weights;
  }

 private:
  std::size_t order_;
};

// What the logits of the mixture are sums of at a position, each with an exponent or a term: x of the GPT, ln P of the n-gram,
// and for each length from 1 on whether a token was seen, and how often its count has doubled. The mixture's means of them,
// less what they are of the target, and their covariances.
class MixtureParts {
 public:
  static constexpr std::size_t kGpt = 0, kNgram = 1;
  static constexpr std::size_t was_seen(std::size_t length) { return 2 * length; }
  static constexpr std::size_t doublings(std::size_t length) { return 2 * length + 1; }

  explicit MixtureParts(const NgramModel& ngram)
      : ngram_(ngram), width_(2 * ngram.order()), seen_(ngram.vocab_size() * width_), longest_(ngram.vocab_size()) {}

  // Before all else of a position.
  void see(const MixturePosition& position) {
    for (const Token token : tokens_) {
      std::fill_n(of(token), width_, 0.0);
      longest_[static_cast<std::size_t>(token)] = 0;
    }
    tokens_.clear();
    size_ = 2 * (position.length + 1);
    NgramModel::Context context = position.context;
    for (std::size_t length = position.length; length > 0; --length, context = ngram_.shorter(context))
      ngram_.for_each_seen(context, [&](Token token, std::uint32_t count) {
        std::size_t& longest = longest_[static_cast<std::size_t>(token)];
        if (longest == 0) tokens_.push_back(token);
        longest = std::max(longest, length);
        of(token)[was_seen(length)] = 1.0;
        of(token)[doublings(length)] = static_cast<double>(SeenTerms::doublings(count));
      });
  }

  // Calls add(token, what it gains), where `gain` has a number for each part from was_seen(1) on.
  template <typename Add>
  void for_each_gain(const std::vector<double>& gain, const Add& add) {
    for (const Token token : tokens_) {
      double sum = 0.0;
      for (std::size_t i = was_seen(1); i < parts_of(token); ++i) sum += gain[i] * of(token)[i];
      add(static_cast<std::size_t>(token), sum);
    }
  }

  // `probability(token)` is the mixture's.
  template <typename Probability>
  void weigh(std::span<const float> x, std::span<const float> q, Token target, const Probability& probability) {
    means_.assign(size_, 0.0);
    covariances_.assign(size_ * size_, 0.0);
    const auto x0 = static_cast<double>(x[static_cast<std::size_t>(target)]);
    const auto q0 = static_cast<double>(q[static_cast<std::size_t>(target)]);
    double sum = 0.0, mean_x = 0.0, mean_q = 0.0;
    for (std::size_t v = 0; v < x.size(); ++v) {
      const double p = probability(v);
      sum += p;
      mean_x += p * (static_cast<double>(x[v]) - x0);
      mean_q += p * (static_cast<double>(q[v]) - q0);
    }
    double xx = 0.0, xq = 0.0, qq = 0.0;  // about the means, so that no rounding makes them negative
    for (std::size_t v = 0; v < x.size(); ++v) {
      const double p = probability(v);
      const double dx = static_cast<double>(x[v]) - x0 - mean_x, dq = static_cast<double>(q[v]) - q0 - mean_q;
      xx += p * dx * dx;
      xq += p * dx * dq;
      qq += p * dq * dq;
    }
    for (const Token token : tokens_) {
      const auto v = static_cast<std::size_t>(token);
      add_seen(token, probability(v), static_cast<double>(x[v]) - x0 - mean_x, static_cast<double>(q[v]) - q0 - mean_q);
    }
    for (std::size_t i = was_seen(1); i < size_; ++i)  // about the means; the sum is 1 but for rounding
      for (std::size_t j = was_seen(1); j <= i; ++j) covariance(i, j) -= (2.0 - sum) * means_[i] * means_[j];
    for (std::size_t i = was_seen(1); i < size_; ++i) means_[i] -= of(target)[i];
    means_[kGpt] = mean_x;
    means_[kNgram] = mean_q;
    covariance(kGpt, kGpt) = xx;
    covariance(kNgram, kGpt) = xq;
    covariance(kNgram, kNgram) = qq;
  }

  double mean(std::size_t i) const { return means_[i]; }
  double& covariance(std::size_t i, std::size_t j) { return covariances_[std::max(i, j) * size_ + std::min(i, j)]; }

 private:
  double* of(Token token) { return &seen_[static_cast<std::size_t>(token) * width_]; }
  std::size_t parts_of(Token token) const { return 2 * (longest_[static_cast<std::size_t>(token)] + 1); }

  void add_seen(Token token, double p, double dx, double dq) {
    const double* const parts = of(token);
    for (std::size_t i = was_seen(1); i < parts_of(token); ++i) {
      const double part = p * parts[i];
      means_[i] += part;
      covariance(i, kGpt) += part * dx;
      covariance(i, kNgram) += part * dq;
      for (std::size_t j = was_seen(1); j <= i; ++j) covariance(i, j) += part * parts[j];
    }
  }

  const NgramModel& ngram_;
  std::size_t width_;
  std::vector<double> seen_;          // [vocab_size][width_], 0 but where a token was seen
  std::vector<std::size_t> longest_;  // of each token, the length after which it was seen
  std::vector<Token> tokens_;         // those that were seen
  std::size_t size_ = 2;              // parts of the position
  std::vector<double> means_;         // [size_]
  std::vector<double> covariances_;   // [size_][size_], of which the lower half counts
};

}  // namespace microgpt
