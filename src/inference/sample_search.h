// SPDX-License-Identifier: MIT
// Constraints on what is sampled, and the search for documents that meet them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>

#include "engine/engine.h"
#include "inference/sampler.h"
#include "microgpt/corpus.h"
#include "microgpt/tokenizer.h"
#include "scoring/evaluation.h"
#include "text/pattern.h"

namespace microgpt {

inline constexpr std::size_t kTextSampleLength = 500;  // characters of a sample of a running text, where nothing is asked for

// The documents of a corpus, to ask whether it has one. Of a running text, any part of it is one that it has.
// Memory: the corpus, and of lines a view of each different one. Threads: any number may ask.
class KnownDocuments {
 public:
  explicit KnownDocuments(Corpus corpus);
  KnownDocuments(const KnownDocuments&) = delete;
  KnownDocuments& operator=(const KnownDocuments&) = delete;

  bool have(std::string_view document) const;

 private:
  Corpus corpus_;
  std::unordered_set<std::string_view> lines_;
};

struct Constraints {
  std::optional<std::string> contains = {};          // the document has this somewhere in it
  std::shared_ptr<const Pattern> pattern = {};       // it matches as a whole; null: anything does
  std::shared_ptr<const KnownDocuments> known = {};  // it is none of these; null: there are none
  bool unique = false;                               // it was not wanted before: for who asks to see to

  bool any() const { return contains || pattern || known || unique; }
};

// Whether a document meets all but `unique`. Any number of threads may ask.
bool meets(const Constraints& constraints, std::string_view document);

// New documents that meet constraints. What must match, or must contain something, is drawn so that it does
// (token_constraint.h), where that has an automaton; otherwise, and for the other constraints, by rejection: documents are
// sampled by their numbers until enough are found.
//
// What is found, and how many attempts that takes, is a function of the model, the options and the constraints: not of how many
// engines work on it, nor of how the numbers fall into rounds. Attempts are the documents 0, 1 ... in the sampler's numbering;
// they are tried in this order, and of those that meet the constraints the first are taken.
// Memory: a round of documents; with `unique` also the documents found, and with exact_conditional all candidates.
struct SearchOptions {
  SamplerOptions sampler = {};          // its between_steps is called by all threads; its `first` is where attempts begin
  CorpusKind kind = CorpusKind::lines;  // of lines, a document is stripped of white space at its ends, as in a corpus
  Constraints constraints = {};
  std::size_t count = 10;
  std::uint64_t budget = 0;  // the most attempts, where there are constraints; without any there are `count`
  bool with_loss = false;

  // What is drawn so that it matches has not the distribution of what is drawn and happens to match: each token is likely given
  // those before it, and not also given what may come. Here as many documents are drawn as the budget says, and of these the
  // wanted ones by their weights (sampler.h), with `unique` without replacement: in the limit of a large budget they have that
  // distribution. Source: sampling importance resampling, Rubin 1987. REQUIRES: a temperature above 0; a pattern, or what they
  // contain.
  bool exact_conditional = false;
  const NgramModel* ngram = nullptr;  // whose losses are asked for, where it predicts alone; or null
};

struct FoundDocument {
  std::string text;
  DocumentLoss loss;  // as LineScorer has it, where losses are asked for
};

struct SearchResult {
  std::size_t found;
  std::uint64_t attempts;  // up to the last document found, or all of them

  // With exact_conditional, as many candidates with equal weights would say as much: (sum of weights)^2 / sum of their squares.
  std::optional<double> effective_candidates = {};
};

// How many attempts are reasonable where none are asked for: so many for each document, and at least so many. At a temperature
// of 0, where all attempts are the same, as many as documents.
inline constexpr std::uint64_t kBudgetOfDocument = 100;
inline constexpr std::uint64_t kMinBudget = 10'000;
std::uint64_t default_budget(std::size_t count, double temperature);

// Calls take() for one document found after another, which may throw to stop. The engines have the same parameters; each works
// in a thread of its own. Throws Error as the sampler does, where a loss is not a number, and where no document can meet the
// constraints.
// REQUIRES: 1 to ThreadTeam::kMaxThreads engines; what the sampler requires.
SearchResult find_documents(std::span<Engine* const> engines, const Tokenizer& tokenizer, const SearchOptions& options,
                            const std::function<void(FoundDocument)>& take);

// With how many engines it pays, `most` at most.
std::size_t engines_for(const SearchOptions& options, std::size_t most);

}  // namespace microgpt
