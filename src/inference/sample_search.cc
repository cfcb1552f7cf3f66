// SPDX-License-Identifier: MIT
#include "inference/sample_search.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <iterator>
#include <limits>
#include <map>
#include <numeric>
#include <unordered_set>
#include <utility>
#include <vector>

#include "inference/token_constraint.h"
#include "microgpt/error.h"
#include "parallel/thread_team.h"
#include "random/counter_random.h"
#include "random/python_random.h"
#include "scoring/line_scorer.h"
#include "text/automaton.h"
#include "text/encoded_text.h"
#include "text/line_chunks.h"
#include "text/pattern_automaton.h"

namespace microgpt {
namespace {

// Of documents that one engine samples at a time: many, so that few of its streams are idle when the last ones end; and of long
// ones, no more than it has streams.
constexpr std::size_t kMaxChunkSize = 4096;
constexpr std::size_t kTokensInChunk = std::size_t{1} << 20;

std::uint64_t max_attempts(const SearchOptions& options) {
  return options.constraints.any() ? options.budget : std::uint64_t{options.count};
}

// In what text_of() makes of a line no white space stands at the ends.
Automaton automaton_of_stripped(Encoding encoding, std::span<const std::string> characters) {
  std::vector<std::uint32_t> is_space;
  for (const std::string& character : characters) is_space.push_back(strip(encoding, character).empty() ? 1 : 0);
  // At the beginning, after a character, and after white space.
  return {std::move(is_space), 2, {1, Automaton::kNone, 1, 2, 1, 2}, {true, true, false}};
}

std::vector<std::size_t> symbols_of_text(const Tokenizer& tokenizer, const std::string& text) {
  const std::vector<Token> tokens = tokenizer.encode(text);
  return {tokens.begin() + 1, tokens.end() - 1};
}

// Of the texts that match after white space at their ends is dropped, which none of those that match has.
std::optional<Automaton> with_space_around(const Automaton& automaton, std::span<const std::string> characters,
                                           Encoding encoding) {
  // A state of the automaton, or none, and whether what stands before the white space at the end matches.
  using Pair = std::pair<Automaton::State, bool>;
  std::map<std::pair<std::uint32_t, bool>, std::uint32_t> group_of_pair;
  std::vector<std::uint32_t> group_of_symbol;
  for (std::size_t symbol = 0; symbol < characters.size(); ++symbol) {
    const bool is_space = strip(encoding, characters[symbol]).empty();
    group_of_symbol.push_back(
        group_of_pair.try_emplace({automaton.group_of(symbol), is_space}, static_cast<std::uint32_t>(group_of_pair.size()))
            .first->second);
  }
  std::vector<std::pair<std::uint32_t, bool>> pair_of_group(group_of_pair.size());
  for (const auto& [pair, group] : group_of_pair) pair_of_group[group] = pair;

  const Pair first{0, automaton.accepts(0)};
  std::map<Pair, Automaton::State> state_of_pair{{first, 0}};
  std::vector<Pair> states{first};
  std::vector<Automaton::State> next;
  for (std::size_t i = 0; i < states.size(); ++i) {
    if (states.size() > Automaton::kMaxStates || states.size() * pair_of_group.size() > Automaton::kMaxTransitions)
      return std::nullopt;
    for (const auto& [group, is_space] : pair_of_group) {
      const auto [state, matches] = states[i];
      Pair to{Automaton::kNone, is_space && matches};
      if (i == 0 && is_space)
        to.first = 0;  // the text has not begun
      else if (state != Automaton::kNone)
        to.first = automaton.next(state, group);
      if (!is_space) to.second = to.first != Automaton::kNone && automaton.accepts(to.first);
      if (to.first == Automaton::kNone && !to.second) {
        next.push_back(Automaton::kNone);
        continue;
      }
      const auto [found, is_new] = state_of_pair.try_emplace(to, static_cast<Automaton::State>(states.size()));
      if (is_new) states.push_back(to);
      next.push_back(found->second);
    }
  }
  std::vector<bool> accepts;
  for (const auto& [state, matches] : states) accepts.push_back(matches);
  return Automaton(std::move(group_of_symbol), pair_of_group.size(), std::move(next), std::move(accepts));
}

// How often tokens follow one another in documents that may be anything: other ones than those that are searched. At a
// temperature of 0 nobody asks.
TokenPairs token_pairs(Engine& engine, const Tokenizer& tokenizer, SamplerOptions sampler, std::size_t max_length) {
  constexpr std::size_t kTokens = 16384, kMaxLength = 512;
  TokenPairs pairs(tokenizer.vocab_size());
  if (sampler.temperature == 0.0) return pairs;
  if (sampler.prompt_after_bos) sampler.prompt.clear();
  sampler.first = std::uint64_t{1} << 62;
  sampler.min_length = 0;
  sampler.max_length = std::clamp(max_length, sampler.prompt.size() + 1, std::max(kMaxLength, sampler.prompt.size() + 1));
  const std::size_t count = std::clamp<std::size_t>(kTokens / *sampler.max_length, 16, 1024);
  sample_documents(engine, tokenizer.bos(), count, sampler, [&](std::span<const Token> tokens, double) {
    Token last = tokenizer.bos();
    for (const Token token : tokens) pairs.count(std::exchange(last, token), token);
    if (tokens.size() < *sampler.max_length) pairs.count(last, tokenizer.bos());
  });
  return pairs;
}

// Nothing where nothing must match, or there is no automaton of it.
std::optional<TokenConstraint> token_constraint(Engine& engine, const Tokenizer& tokenizer, const SearchOptions& options,
                                                std::size_t max_length) {
  const Constraints& constraints = options.constraints;
  if (!constraints.pattern && !constraints.contains) return std::nullopt;
  const auto bos = static_cast<std::size_t>(tokenizer.bos());
  std::vector<std::string> characters;
  for (std::size_t token = 0; token < bos; ++token) {
    const auto one = static_cast<Token>(token);
    characters.push_back(tokenizer.decode({&one, 1}));
  }
  std::optional<Automaton> all = automaton_of_length(0, bos);
  const auto add = [&](const std::optional<Automaton>& automaton) {
    all = all && automaton ? intersection(*all, *automaton) : std::nullopt;
  };
  if (constraints.pattern) add(automaton_of_pattern(constraints.pattern->text(), tokenizer.encoding(), characters));
  if (constraints.contains) add(automaton_of_containing(symbols_of_text(tokenizer, *constraints.contains), bos));
  if (options.kind != CorpusKind::text) {
    add(automaton_of_stripped(tokenizer.encoding(), characters));
    if (all) all = with_space_around(*all, characters, tokenizer.encoding());
  }
  add(automaton_of_length(options.sampler.min_length, bos));
  if (!all) return std::nullopt;
  TokenConstraint constraint(std::move(*all), token_pairs(engine, tokenizer, options.sampler, max_length),
                             options.sampler.prompt, max_length);
  if (!constraint.is_possible())
    throw Error(
        fmt::format("no document of at most {} of the model's characters{} meets the constraints: ask for others, or for "
                    "longer documents",
                    max_length, options.sampler.prompt.empty() ? "" : " that begins with the prompt"));
  return constraint;
}

std::size_t divide_rounding_up(std::size_t a, std::size_t b) { return a / b + (a % b == 0 ? 0 : 1); }

class Search {
 public:
  Search(std::span<Engine* const> engines, const Tokenizer& tokenizer, const SearchOptions& options)
      : engines_(engines), tokenizer_(tokenizer), options_(options), team_(engines.size()) {
    const std::size_t length = options.sampler.max_length.value_or(engines.front()->config().block_size);
    chunk_size_ = std::clamp(kTokensInChunk / length, kSamplerStreams, kMaxChunkSize);
    constraint_ = token_constraint(*engines.front(), tokenizer, options, length);
  }

  SearchResult run(const std::function<void(FoundDocument)>& take) {
    if (options_.exact_conditional && constraint_) return run_exactly(take);
    while (found_ < options_.count && attempts_ < max_attempts(options_)) {
      std::vector<FoundDocument> documents = accept(sample_round(options_.count - found_));
      if (options_.with_loss) score(documents);
      for (FoundDocument& document : documents) take(std::move(document));
    }
    return {found_, attempts_};
  }

 private:
  struct Candidate {
    std::uint64_t attempt;
    std::string text;
    double log_weight;
  };

  struct Chunk {
    std::uint64_t first;
    std::size_t count;
    std::vector<Candidate> candidates;  // that meet the constraints, but perhaps not that of being unique
  };

  // Of all that the budget allows those that their weights choose, in the order of their attempts.
  SearchResult run_exactly(const std::function<void(FoundDocument)>& take) {
    std::vector<Candidate> candidates;
    while (attempts_ < options_.budget) {
      for (Chunk& chunk : sample_round(options_.budget)) {
        std::move(chunk.candidates.begin(), chunk.candidates.end(), std::back_inserter(candidates));
        attempts_ = chunk.first + chunk.count;
      }
    }
    const std::vector<double> weights = weights_of(candidates);
    std::vector<FoundDocument> documents;
    for (const std::size_t i : choose(candidates, weights)) documents.push_back({candidates[i].text, {}});
    if (options_.with_loss) score(documents);
    for (FoundDocument& document : documents) take(std::move(document));
    double sum = 0.0, squares = 0.0;
    for (const double weight : weights) {
      sum += weight;
      squares += weight * weight;
    }
    return {documents.size(), attempts_, squares > 0.0 ? sum * sum / squares : 0.0};
  }

  // But for a common factor.
  static std::vector<double> weights_of(const std::vector<Candidate>& candidates) {
    double largest = -std::numeric_limits<double>::infinity();
    for (const Candidate& candidate : candidates) largest = std::max(largest, candidate.log_weight);
    std::vector<double> weights;
    for (const Candidate& candidate : candidates)
      weights.push_back(
          candidate.log_weight > -std::numeric_limits<double>::infinity() ? std::exp(candidate.log_weight - largest) : 0.0);
    return weights;
  }

  std::vector<std::size_t> choose(const std::vector<Candidate>& candidates, const std::vector<double>& weights) const {
    PythonRandom random(options_.sampler.seed);
    std::vector<std::size_t> chosen;
    if (options_.constraints.unique) {
      // In the order of arrivals whose rates are the weights; each text comes once.
      std::vector<std::pair<double, std::size_t>> arrivals;
      for (std::size_t i = 0; i < candidates.size(); ++i) {
        const double u = random.random();
        if (weights[i] > 0.0) arrivals.emplace_back(-std::log1p(-u) / weights[i], i);
      }
      std::sort(arrivals.begin(), arrivals.end());
      std::unordered_set<std::string_view> texts;
      for (const auto& [time, i] : arrivals)
        if (chosen.size() < options_.count && texts.insert(candidates[i].text).second) chosen.push_back(i);
    } else {
      std::vector<double> sums;
      for (const double weight : weights) sums.push_back((sums.empty() ? 0.0 : sums.back()) + weight);
      for (std::size_t n = 0; n < options_.count && !sums.empty() && sums.back() > 0.0; ++n)
        chosen.push_back(static_cast<std::size_t>(
            std::upper_bound(sums.begin(), sums.end() - 1, random.random() * sums.back()) - sums.begin()));
    }
    std::sort(chosen.begin(), chosen.end());
    return chosen;
  }

  // As many documents as are wanted, or more where few are found.
  std::vector<Chunk> next_round(std::uint64_t documents) {
    const std::uint64_t left = max_attempts(options_) - attempts_;
    const std::uint64_t wanted = std::max<std::uint64_t>(documents, 2 * round_size_);
    const std::size_t most = chunk_size_ * team_.size();
    round_size_ = static_cast<std::size_t>(std::min({wanted, std::uint64_t{most}, left}));
    const std::size_t size = divide_rounding_up(round_size_, team_.size());
    std::vector<Chunk> chunks;
    for (std::size_t first = 0; first < round_size_; first += size)
      chunks.push_back({attempts_ + first, std::min(size, round_size_ - first), {}});
    return chunks;
  }

  std::vector<Chunk> sample_round(std::uint64_t documents) {
    std::vector<Chunk> chunks = next_round(documents);
    team_.run(chunks.size(), [&](std::size_t i, std::size_t thread) { sample(*engines_[thread], chunks[i]); });
    return chunks;
  }

  // Where documents must match, an attempt is one of some candidates, chosen by weight: nearer to what would be drawn without
  // that, and happen to match.
  static constexpr std::uint64_t kCandidates = 3;

  bool chooses() const { return constraint_ && !options_.exact_conditional && options_.sampler.temperature > 0.0; }

  void sample(Engine& engine, Chunk& chunk) const {
    const std::uint64_t each = chooses() ? kCandidates : 1;
    SamplerOptions options = options_.sampler;
    options.first += chunk.first * each;
    options.constraint = constraint_ ? &*constraint_ : nullptr;
    std::vector<Candidate> candidates;
    std::uint64_t count = 0;
    sample_documents(engine, tokenizer_.bos(), chunk.count * each, options,
                     [&](std::span<const Token> tokens, double log_weight) {
                       std::string text = text_of(tokens);
                       const std::uint64_t attempt = chunk.first + count / each;
                       if (meets(options_.constraints, text)) candidates.push_back({attempt, std::move(text), log_weight});
                       if (++count % each > 0 || candidates.empty()) return;
                       chunk.candidates.push_back(std::move(candidates[one_of(candidates)]));
                       candidates.clear();
                     });
  }

  // By weight.
  std::size_t one_of(const std::vector<Candidate>& candidates) const {
    if (candidates.size() == 1) return 0;
    const std::vector<double> weights = weights_of(candidates);
    const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
    constexpr std::uint64_t kBlock = std::uint64_t{1} << 62;  // of no document's tokens
    double left = sum * static_cast<double>(uniforms(options_.sampler.seed, candidates.front().attempt, kBlock).front());
    std::size_t i = 0;
    while (i + 1 < candidates.size() && left >= weights[i]) left -= weights[i++];
    return i;
  }

  std::string text_of(std::span<const Token> tokens) const {
    std::string text = tokenizer_.decode(tokens);
    if (options_.kind == CorpusKind::text) return text;
    return std::string(strip(tokenizer_.encoding(), text));
  }

  std::vector<FoundDocument> accept(std::vector<Chunk> chunks) {
    std::vector<FoundDocument> documents;
    for (Chunk& chunk : chunks) {
      for (Candidate& candidate : chunk.candidates) {
        if (options_.constraints.unique && !texts_.insert(candidate.text).second) continue;
        documents.push_back({std::move(candidate.text), {}});
        attempts_ = candidate.attempt + 1;
        if (++found_ == options_.count) return documents;
      }
      attempts_ = chunk.first + chunk.count;
    }
    return documents;
  }

  // What a document costs does not depend on how they fall into chunks.
  void score(std::vector<FoundDocument>& documents) {
    const std::size_t size = std::max(std::size_t{1}, divide_rounding_up(documents.size(), team_.size()));
    team_.run(divide_rounding_up(documents.size(), size), [&](std::size_t i, std::size_t thread) {
      const std::size_t first = i * size;
      score(*engines_[thread], std::span(documents).subspan(first, std::min(size, documents.size() - first)));
    });
  }

  void score(Engine& engine, std::span<FoundDocument> documents) const {
    LineChunk lines;
    for (const FoundDocument& document : documents) lines.add(document.text);
    const LinePredictor predictor = options_.ngram != nullptr ? LinePredictor(nullptr, nullptr, options_.ngram)
                                                              : LinePredictor(&engine, options_.sampler.mixture);
    LineScorer scorer({{predictor, &tokenizer_}}, {});
    const std::vector<DocumentLoss> losses = scorer.score(lines).by_model.front();
    for (std::size_t i = 0; i < documents.size(); ++i) {
      if (std::isnan(losses[i].nats))
        throw Error("the loss of a sample is not a number; the parameters of the model are too large");
      documents[i].loss = losses[i];
    }
  }

  std::span<Engine* const> engines_;
  const Tokenizer& tokenizer_;
  const SearchOptions& options_;
  ThreadTeam team_;
  std::size_t chunk_size_;
  std::optional<TokenConstraint> constraint_;
  std::size_t round_size_ = 0;
  std::size_t found_ = 0;
  std::uint64_t attempts_ = 0;
  std::unordered_set<std::string> texts_;  // found, where each is wanted once
};

}  // namespace

KnownDocuments::KnownDocuments(Corpus corpus) : corpus_(std::move(corpus)) {
  if (corpus_.kind() == CorpusKind::text) return;
  for (std::size_t i = 0; i < corpus_.size(); ++i) lines_.insert(corpus_[i]);
}

bool KnownDocuments::have(std::string_view document) const {
  if (corpus_.kind() != CorpusKind::text) return lines_.contains(document);
  return corpus_[0].find(document) != std::string_view::npos;
}

bool meets(const Constraints& constraints, std::string_view document) {
  if (constraints.contains && document.find(*constraints.contains) == std::string_view::npos) return false;
  if (constraints.pattern && !constraints.pattern->matches(document)) return false;
  return !constraints.known || !constraints.known->have(document);
}

std::uint64_t default_budget(std::size_t count, double temperature) {
  if (temperature == 0.0) return count;
  return std::max(kMinBudget, kBudgetOfDocument * count);
}

SearchResult find_documents(std::span<Engine* const> engines, const Tokenizer& tokenizer, const SearchOptions& options,
                            const std::function<void(FoundDocument)>& take) {
  assert(!engines.empty());
  return Search(engines, tokenizer, options).run(take);
}

std::size_t engines_for(const SearchOptions& options, std::size_t most) {
  const std::uint64_t chunks = max_attempts(options) / kSamplerStreams;
  return static_cast<std::size_t>(std::clamp<std::uint64_t>(chunks, 1, most));
}

}  // namespace microgpt
