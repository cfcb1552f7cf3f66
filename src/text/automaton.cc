// SPDX-License-Identifier: MIT
#include "text/automaton.h"

#include <cassert>
#include <deque>
#include <map>
#include <utility>

namespace microgpt {
namespace {

bool is_too_large(std::size_t states, std::size_t groups) {
  return states > Automaton::kMaxStates || states * groups > Automaton::kMaxTransitions;
}

}  // namespace

Automaton::Automaton(std::vector<std::uint32_t> group_of_symbol, std::size_t groups, std::vector<State> next,
                     std::vector<bool> accepts)
    : group_of_symbol_(std::move(group_of_symbol)), groups_(groups), next_(std::move(next)), accepts_(std::move(accepts)) {
  assert(!accepts_.empty() && next_.size() == accepts_.size() * groups_);
}

bool Automaton::matches(std::span<const std::size_t> text) const {
  State state = 0;
  for (const std::size_t symbol : text) {
    state = next(state, group_of(symbol));
    if (state == kNone) return false;
  }
  return accepts(state);
}

std::vector<std::uint32_t> Automaton::distances() const {
  std::vector<std::vector<State>> before(states());
  for (State state = 0; state < states(); ++state)
    for (std::uint32_t group = 0; group < groups_; ++group)
      if (next(state, group) != kNone) before[next(state, group)].push_back(state);
  std::vector<std::uint32_t> distances(states(), kNone);
  std::deque<State> reached;
  for (State state = 0; state < states(); ++state) {
    if (!accepts(state)) continue;
    distances[state] = 0;
    reached.push_back(state);
  }
  for (; !reached.empty(); reached.pop_front())
    for (const State state : before[reached.front()]) {
      if (distances[state] != kNone) continue;
      distances[state] = distances[reached.front()] + 1;
      reached.push_back(state);
    }
  return distances;
}

std::optional<Automaton> automaton_of_containing(std::span<const std::size_t> part, std::size_t symbols) {
  // A group for each symbol of the part, and one of all others.
  std::vector<std::uint32_t> group_of_symbol(symbols, 0);
  std::size_t groups = 1;
  for (const std::size_t symbol : part)
    if (group_of_symbol[symbol] == 0) group_of_symbol[symbol] = static_cast<std::uint32_t>(groups++);
  const std::size_t states = part.size() + 1;
  if (is_too_large(states, groups)) return std::nullopt;
  std::vector<Automaton::State> next(states * groups, 0);
  std::size_t fallback = 0;  // the state after the longest end of what was read that begins the part, too
  for (std::size_t state = 0; state < part.size(); ++state) {
    for (std::size_t group = 0; group < groups; ++group) next[state * groups + group] = next[fallback * groups + group];
    const std::size_t group = group_of_symbol[part[state]];
    next[state * groups + group] = static_cast<Automaton::State>(state + 1);
    if (state > 0) fallback = next[fallback * groups + group];
  }
  for (std::size_t group = 0; group < groups; ++group)
    next[part.size() * groups + group] = static_cast<Automaton::State>(part.size());
  std::vector<bool> accepts(states, false);
  accepts.back() = true;
  return Automaton(std::move(group_of_symbol), groups, std::move(next), std::move(accepts));
}

std::optional<Automaton> automaton_of_length(std::size_t least, std::size_t symbols) {
  if (least >= Automaton::kMaxStates) return std::nullopt;
  std::vector<Automaton::State> next;
  for (std::size_t state = 0; state <= least; ++state)
    next.push_back(static_cast<Automaton::State>(state < least ? state + 1 : least));
  std::vector<bool> accepts(least + 1, false);
  accepts.back() = true;
  return Automaton(std::vector<std::uint32_t>(symbols, 0), 1, std::move(next), std::move(accepts));
}

std::optional<Automaton> intersection(const Automaton& a, const Automaton& b) {
  using Pair = std::pair<std::uint32_t, std::uint32_t>;
  std::map<Pair, std::uint32_t> group_of_pair;
  std::vector<std::uint32_t> group_of_symbol;
  for (std::size_t symbol = 0; symbol < a.symbols(); ++symbol)
    group_of_symbol.push_back(
        group_of_pair.try_emplace({a.group_of(symbol), b.group_of(symbol)}, static_cast<std::uint32_t>(group_of_pair.size()))
            .first->second);
  std::vector<Pair> pair_of_group(group_of_pair.size());
  for (const auto& [pair, group] : group_of_pair) pair_of_group[group] = pair;

  std::map<Pair, Automaton::State> state_of_pair{{{0, 0}, 0}};
  std::vector<Pair> states{{0, 0}};
  std::vector<Automaton::State> next;
  for (std::size_t i = 0; i < states.size(); ++i) {
    if (is_too_large(states.size(), pair_of_group.size())) return std::nullopt;
    for (const auto& [group_a, group_b] : pair_of_group) {
      const Pair to{a.next(states[i].first, group_a), b.next(states[i].second, group_b)};
      if (to.first == Automaton::kNone || to.second == Automaton::kNone) {
        next.push_back(Automaton::kNone);
        continue;
      }
      const auto [found, is_new] = state_of_pair.try_emplace(to, static_cast<Automaton::State>(states.size()));
      if (is_new) states.push_back(to);
      next.push_back(found->second);
    }
  }
  std::vector<bool> accepts;
  for (const auto& [state_a, state_b] : states) accepts.push_back(a.accepts(state_a) && b.accepts(state_b));
  return Automaton(std::move(group_of_symbol), pair_of_group.size(), std::move(next), std::move(accepts));
}

}  // namespace microgpt
