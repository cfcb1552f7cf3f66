// SPDX-License-Identifier: MIT
#include "inference/token_constraint.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

namespace microgpt {
namespace {

// [lasts][vocab_size]: the probability of each token after one of which little is known by how frequent it is.
std::vector<double> probabilities_of(const TokenPairs& pairs, std::size_t lasts) {
  constexpr double kUnseenCount = 0.1, kFrequencyCount = 3.0;
  const std::size_t size = pairs.vocab_size();
  std::vector<double> frequencies(size, kUnseenCount);
  for (std::size_t i = 0; i < pairs.counts().size(); ++i) frequencies[i % size] += pairs.counts()[i];
  const double sum = std::accumulate(frequencies.begin(), frequencies.end(), 0.0);
  for (double& frequency : frequencies) frequency /= sum;
  if (lasts == 1) return frequencies;
  std::vector<double> probabilities;
  for (std::size_t last = 0; last < lasts; ++last) {
    const auto counts = pairs.counts().subspan(last * size, size);
    const double all = std::accumulate(counts.begin(), counts.end(), kFrequencyCount);
    for (std::size_t token = 0; token < size; ++token)
      probabilities.push_back((counts[token] + kFrequencyCount * frequencies[token]) / all);
  }
  return probabilities;
}

}  // namespace

TokenConstraint::TokenConstraint(Automaton automaton, const TokenPairs& pairs, std::span<const Token> prompt,
                                 std::size_t max_length)
    : automaton_(std::move(automaton)),
      distances_(automaton_.distances()),
      max_length_(max_length),
      prompt_length_(prompt.size()) {
  for (const Token token : prompt)
    if (start_ != Automaton::kNone) start_ = next(start_, token);
  outlooks_.resize(std::min(max_length, kMaxAhead) + 1);
  if (outlooks_.size() * automaton_.states() <= kMaxProducts / (pairs.lasts() * pairs.lasts())) lasts_ = pairs.lasts();
  look_ahead(pairs);
}

void TokenConstraint::look_ahead(const TokenPairs& pairs) {
  // What is within reach is likely at least so much: also where it is farther than kMaxAhead.
  constexpr double kLeast = 1e-100;
  const std::vector<double> probabilities = probabilities_of(pairs, lasts_);
  // Where no last token is told apart, the tokens of a group are as good as one.
  const std::size_t bos = automaton_.symbols();
  std::vector<double> of_group(automaton_.groups());
  for (std::size_t token = 0; token < bos; ++token) of_group[automaton_.group_of(token)] += probabilities[token];
  for (std::size_t left = 0; left < outlooks_.size(); ++left) {
    std::vector<double>& outlooks = outlooks_[left];
    outlooks.resize(automaton_.states() * lasts_);
    const auto after = [&](Automaton::State to, std::size_t last) {
      return to == Automaton::kNone ? 0.0 : outlooks_[left - 1][to * lasts_ + last];
    };
    for (Automaton::State state = 0; state < automaton_.states(); ++state)
      for (std::size_t last = 0; last < lasts_; ++last) {
        const double* const probability = &probabilities[last * pairs.vocab_size()];
        double likely = automaton_.accepts(state) ? (left == 0 ? 1.0 : probability[bos]) : 0.0;
        for (std::uint32_t group = 0; left > 0 && lasts_ == 1 && group < automaton_.groups(); ++group)
          likely += of_group[group] * after(automaton_.next(state, group), 0);
        for (std::size_t token = 0; left > 0 && lasts_ > 1 && token < bos; ++token)
          likely += probability[token] * after(automaton_.next(state, automaton_.group_of(token)), token);
        outlooks[state * lasts_ + last] = std::max(likely, kLeast);
      }
  }
  for (std::vector<double>& outlooks : outlooks_)
    for (double& outlook : outlooks) outlook = std::log(outlook);
}

void TokenConstraint::apply(Automaton::State state, std::size_t length, std::span<float> logits) const {
  constexpr float kOut = -std::numeric_limits<float>::infinity();
  const std::size_t bos = automaton_.symbols();
  for (std::size_t token = 0; token < bos; ++token) {
    const Automaton::State to = automaton_.next(state, automaton_.group_of(token));
    if (to == Automaton::kNone || !is_within_reach(to, length + 1)) logits[token] = kOut;
  }
  if (!automaton_.accepts(state)) logits[bos] = kOut;
}

double TokenConstraint::outlook(Automaton::State state, std::size_t length, Token token) const {
  if (static_cast<std::size_t>(token) == automaton_.symbols()) return 0.0;
  const std::size_t left = std::min(max_length_ - length - 1, outlooks_.size() - 1);
  return outlooks_[left][next(state, token) * lasts_ + (lasts_ > 1 ? static_cast<std::size_t>(token) : 0)];
}

}  // namespace microgpt
