// SPDX-License-Identifier: MIT
// Which tokens may come next where whole documents must match: those after which a match is within reach; and how likely a
// match is after each of them.
//
// Without the latter a document that must contain something would go on until its length forces it to. It is the chance that
// tokens match of which each is drawn by how often it follows the one before it, or, where that would take long, by how
// frequent it is: coarse, and right on the whole. Documents are weighed by it where it shall not show (sampler.h). Source:
// "twisting" of sequential draws, Whiteley and Lee 2014, "Twisted particle filters", The Annals of Statistics 42.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "microgpt/token.h"
#include "text/automaton.h"

namespace microgpt {

// How often tokens follow one another, BOS standing for the beginning and the end of a document; of a large vocabulary, whose
// pairs would take much memory, how frequent they are.
class TokenPairs {
 public:
  static constexpr std::size_t kMaxVocabulary = 1000;

  explicit TokenPairs(std::size_t vocab_size)
      : vocab_size_(vocab_size), lasts_(vocab_size <= kMaxVocabulary ? vocab_size : 1), counts_(lasts_ * vocab_size) {}

  std::size_t vocab_size() const { return vocab_size_; }
  std::size_t lasts() const { return lasts_; }                // that are told apart: all tokens, or 1 where none are
  std::span<const double> counts() const { return counts_; }  // [lasts][vocab_size]: of the second after the first

  void count(Token first, Token second) {
    const std::size_t last = lasts_ > 1 ? static_cast<std::size_t>(first) : 0;
    ++counts_[last * vocab_size_ + static_cast<std::size_t>(second)];
  }

 private:
  std::size_t vocab_size_;
  std::size_t lasts_;
  std::vector<double> counts_;
};

class TokenConstraint {
 public:
  // The automaton's symbols are the tokens but for BOS, which is the token after them. Documents begin with `prompt` and have
  // up to `max_length` tokens. REQUIRES: the prompt's tokens are symbols, and fewer than `max_length`.
  TokenConstraint(Automaton automaton, const TokenPairs& pairs, std::span<const Token> prompt, std::size_t max_length);

  // Whether any document matches.
  bool is_possible() const { return start_ != Automaton::kNone && is_within_reach(start_, prompt_length_); }

  // After the prompt, and after one more token. REQUIRES: is_possible(); the token may come next.
  Automaton::State start() const { return start_; }
  Automaton::State next(Automaton::State state, Token token) const {
    return automaton_.next(state, automaton_.group_of(static_cast<std::size_t>(token)));
  }

  // Where a document has so many tokens and the state is after them: makes the logits of the tokens that may not come next
  // minus infinity; at least one stays. REQUIRES: length < max_length.
  void apply(Automaton::State state, std::size_t length, std::span<float> logits) const;

  // ln(how likely a match is) after a token that may come next; 0 after BOS.
  double outlook(Automaton::State state, std::size_t length, Token token) const;

 private:
  // Farther the outlook does not look; and it looks at the last token only where that takes no more products.
  static constexpr std::size_t kMaxAhead = 64;
  static constexpr std::size_t kMaxProducts = 50'000'000;

  void look_ahead(const TokenPairs& pairs);

  bool is_within_reach(Automaton::State state, std::size_t length) const {
    return distances_[state] != Automaton::kNone && distances_[state] <= max_length_ - length;
  }

  Automaton automaton_;
  std::vector<std::uint32_t> distances_;
  std::size_t max_length_;
  std::size_t prompt_length_;
  Automaton::State start_ = 0;
  std::size_t lasts_ = 1;                      // tokens that the outlook tells apart as the last one
  std::vector<std::vector<double>> outlooks_;  // [tokens left][states][lasts], logarithms
};

}  // namespace microgpt
