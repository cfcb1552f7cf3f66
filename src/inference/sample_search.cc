// SPDX-License-Identifier: MIT
#include "inference/sample_search.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <unordered_set>
#include <utility>
#include <vector>

#include "microgpt/error.h"
#include "parallel/thread_team.h"
#include "scoring/line_scorer.h"
#include "text/encoded_text.h"
#include "text/line_chunks.h"

namespace microgpt {
namespace {

// Of documents that one engine samples at a time: many, so that few of its streams are idle when the last ones end; and of long
// ones, no more than it has streams.
constexpr std::size_t kMaxChunkSize = 4096;
constexpr std::size_t kTokensInChunk = std::size_t{1} << 20;

std::uint64_t max_attempts(const SearchOptions& options) {
  return options.constraints.any() ? options.budget : std::uint64_t{options.count};
}

std::size_t divide_rounding_up(std::size_t a, std::size_t b) { return a / b + (a % b == 0 ? 0 : 1); }

class Search {
 public:
  Search(std::span<Engine* const> engines, const Tokenizer& tokenizer, const SearchOptions& options)
      : engines_(engines), tokenizer_(tokenizer), options_(options), team_(engines.size()) {
    const std::size_t length = options.sampler.max_length.value_or(engines.front()->config().block_size);
    chunk_size_ = std::clamp(kTokensInChunk / length, kSamplerStreams, kMaxChunkSize);
  }

  SearchResult run(const std::function<void(FoundDocument)>& take) {
    while (found_ < options_.count && attempts_ < max_attempts(options_)) {
      std::vector<FoundDocument> documents = accept(sample_round());
      if (options_.with_loss) score(documents);
      for (FoundDocument& document : documents) take(std::move(document));
    }
    return {found_, attempts_};
  }

 private:
  struct Candidate {
    std::uint64_t attempt;
    std::string text;
  };

  struct Chunk {
    std::uint64_t first;
    std::size_t count;
    std::vector<Candidate> candidates;  // that meet the constraints, but perhaps not that of being unique
  };

  // As many documents as are wanted, or more where few are found.
  std::vector<Chunk> next_round() {
    const std::uint64_t left = max_attempts(options_) - attempts_;
    const std::size_t wanted = std::max(options_.count - found_, 2 * round_size_);
    const std::size_t most = chunk_size_ * team_.size();
    round_size_ = static_cast<std::size_t>(std::min<std::uint64_t>(std::min(wanted, most), left));
    const std::size_t size = divide_rounding_up(round_size_, team_.size());
    std::vector<Chunk> chunks;
    for (std::size_t first = 0; first < round_size_; first += size)
      chunks.push_back({attempts_ + first, std::min(size, round_size_ - first), {}});
    return chunks;
  }

  std::vector<Chunk> sample_round() {
    std::vector<Chunk> chunks = next_round();
    team_.run(chunks.size(), [&](std::size_t i, std::size_t thread) { sample(*engines_[thread], chunks[i]); });
    return chunks;
  }

  void sample(Engine& engine, Chunk& chunk) const {
    SamplerOptions options = options_.sampler;
    options.first += chunk.first;
    std::uint64_t attempt = chunk.first;
    sample_documents(engine, tokenizer_.bos(), chunk.count, options, [&](std::span<const Token> tokens) {
      std::string text = text_of(tokens);
      if (meets(options_.constraints, text)) chunk.candidates.push_back({attempt, std::move(text)});
      ++attempt;
    });
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
