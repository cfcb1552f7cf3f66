// SPDX-License-Identifier: MIT
#include "inference/token_constraint.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace microgpt {

TokenConstraint::TokenConstraint(Automaton automaton, std::span<const double> frequencies, std::span<const Token> prompt,
                                 std::size_t max_length)
    : automaton_(std::move(automaton)),
      distances_(automaton_.distances()),
      max_length_(max_length),
      prompt_length_(prompt.size()) {
  for (const Token token : prompt)
    if (start_ != Automaton::kNone) start_ = next(start_, token);

  std::vector<double> of_group(automaton_.groups());
  for (std::size_t token = 0; token < automaton_.symbols(); ++token) of_group[automaton_.group_of(token)] += frequencies[token];
  // What is within reach is likely at least so much: also where it is farther than kMaxAhead.
  constexpr double kLeast = 1e-100;
  const double end = frequencies.back();
  outlooks_.assign(std::min(max_length, kMaxAhead) + 1, std::vector<double>(automaton_.states()));
  for (std::size_t left = 0; left < outlooks_.size(); ++left)
    for (Automaton::State state = 0; state < automaton_.states(); ++state) {
      double likely = automaton_.accepts(state) ? (left == 0 ? 1.0 : end) : 0.0;
      for (std::uint32_t group = 0; left > 0 && group < automaton_.groups(); ++group) {
        const Automaton::State to = automaton_.next(state, group);
        if (to != Automaton::kNone) likely += of_group[group] * outlooks_[left - 1][to];
      }
      outlooks_[left][state] = std::max(likely, kLeast);
    }
  for (std::vector<double>& outlooks : outlooks_)
    for (double& outlook : outlooks) outlook = std::log(outlook);
}

void TokenConstraint::apply(Automaton::State state, std::size_t length, std::span<float> logits) const {
  constexpr float kNever = -std::numeric_limits<float>::infinity();
  const std::size_t bos = automaton_.symbols();
  for (std::size_t token = 0; token < bos; ++token) {
    const Automaton::State to = automaton_.next(state, automaton_.group_of(token));
    if (to == Automaton::kNone || !is_within_reach(to, length + 1)) logits[token] = kNever;
  }
  if (!automaton_.accepts(state)) logits[bos] = kNever;
}

double TokenConstraint::outlook(Automaton::State state, std::size_t length, Token token) const {
  if (static_cast<std::size_t>(token) == automaton_.symbols()) return 0.0;
  const std::size_t left = std::min(max_length_ - length - 1, outlooks_.size() - 1);
  return outlooks_[left][next(state, token)];
}

}  // namespace microgpt
