// SPDX-License-Identifier: MIT
// Deterministic finite automata: which texts a pattern matches, read symbol by symbol, so that it is known after each of them
// what may come next.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

namespace microgpt {

// Symbols are numbers from 0. Those that lead to the same states from everywhere are a group. State 0 is the first.
class Automaton {
 public:
  using State = std::uint32_t;
  static constexpr State kNone = std::numeric_limits<State>::max();  // where nothing is matched, whatever follows

  // No automaton here has more states, or transitions; what would need more is none.
  static constexpr std::size_t kMaxStates = 20'000;
  static constexpr std::size_t kMaxTransitions = 2'000'000;

  // `next` is [states][groups]. REQUIRES: a state; each of `next` is a state or kNone; symbols have groups below `groups`.
  Automaton(std::vector<std::uint32_t> group_of_symbol, std::size_t groups, std::vector<State> next, std::vector<bool> accepts);

  std::size_t symbols() const { return group_of_symbol_.size(); }
  std::size_t groups() const { return groups_; }
  std::size_t states() const { return accepts_.size(); }

  // REQUIRES: the state is not kNone; symbol < symbols(), group < groups().
  std::uint32_t group_of(std::size_t symbol) const { return group_of_symbol_[symbol]; }
  State next(State state, std::uint32_t group) const { return next_[state * groups_ + group]; }
  bool accepts(State state) const { return accepts_[state]; }

  // Whether it accepts all of a text.
  bool matches(std::span<const std::size_t> text) const;

  // How many symbols at least lead from each state to one that accepts; kNone where none do.
  std::vector<std::uint32_t> distances() const;

 private:
  std::vector<std::uint32_t> group_of_symbol_;
  std::size_t groups_;
  std::vector<State> next_;
  std::vector<bool> accepts_;
};

// Of the texts that have `part` somewhere. REQUIRES: its symbols are below `symbols`. Source: Knuth, Morris and Pratt 1977.
std::optional<Automaton> automaton_of_containing(std::span<const std::size_t> part, std::size_t symbols);

// Of the texts of so many symbols or more.
std::optional<Automaton> automaton_of_length(std::size_t least, std::size_t symbols);

// Of the texts that both match. REQUIRES: both are of the same symbols.
std::optional<Automaton> intersection(const Automaton& a, const Automaton& b);

}  // namespace microgpt
