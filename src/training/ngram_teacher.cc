// SPDX-License-Identifier: MIT
#include "training/ngram_teacher.h"

#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "ngram/ngram_counts.h"
#include "ngram/ngram_documents.h"
#include "random/python_random.h"
#include "text/hashes.h"

namespace microgpt {
namespace {

constexpr std::size_t kFolds = 8;
constexpr std::uint64_t kWriting = ~std::uint64_t{0};  // tells its numbers from those of the epochs

std::span<const Token> tokens_of(const TokenizedDocuments& documents, std::size_t d, std::vector<Token>& tokens) {
  tokens.resize(documents.positions(d) + 1);
  documents.copy(d, 0, tokens);
  return tokens;
}

// By content, so that equal documents are in one part.
std::size_t fold_of(std::span<const Token> tokens) {
  const auto bytes = std::as_bytes(tokens);
  return siphash({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, {}) % kFolds;
}

std::vector<Token> write_document(const NgramModel& ngram, std::size_t max_positions, PythonRandom& random,
                                  std::vector<double>& distribution) {
  const auto bos = static_cast<Token>(ngram.vocab_size() - 1);
  std::vector<Token> document{bos};
  NgramModel::Context context = ngram.start();
  do {
    ngram.distribution(context, distribution);
    const auto token = static_cast<Token>(random.choice(distribution));
    document.push_back(token);
    context = ngram.next(context, token);
  } while (document.back() != bos && document.size() <= max_positions);
  return document;
}

// Mixes what the n-gram predicts into the targets of all windows of document after document for which is_meant(d).
template <typename IsMeant>
void mix_in(const NgramModel& ngram, const TrainingWindows& windows, double share, SoftTargets& targets, IsMeant is_meant) {
  std::vector<double> distribution(ngram.vocab_size());
  std::vector<Token> tokens;
  NgramModel::Context context = ngram.start();
  for (std::size_t i = 0; i < windows.size(); ++i) {
    const TrainingWindows::Location at = windows.location(i);
    if (!is_meant(at.document)) continue;
    if (at.window.begin == 0) {
      tokens_of(windows.documents(), at.document, tokens);
      context = ngram.start();
    }
    for (std::size_t position = at.window.first_new; position < at.window.end; ++position) {
      ngram.distribution(context, distribution);
      targets.mix_in(i, position - at.window.first_new, share, distribution);
      context = ngram.next(context, tokens[position + 1]);
    }
  }
}

}  // namespace

TokenizedDocuments with_written_documents(const TokenizedDocuments& documents, const NgramModel& ngram, std::size_t count,
                                          std::uint64_t seed) {
  PythonRandom random(seed, kWriting);
  std::vector<double> distribution(ngram.vocab_size());
  std::vector<std::vector<Token>> written;
  written.reserve(count);
  while (written.size() < count) written.push_back(write_document(ngram, documents.longest(), random, distribution));
  return documents.with(written);
}

void mix_in_ngram(const NgramModel& ngram, const TrainingWindows& windows, std::size_t own, double share,
                  SoftTargets& targets) {
  const TokenizedDocuments& documents = windows.documents();
  std::vector<std::size_t> folds(own);
  std::vector<Token> tokens;
  for (std::size_t d = 0; d < own; ++d) folds[d] = fold_of(tokens_of(documents, d, tokens));
  for (std::size_t fold = 0; fold < kFolds && share > 0.0; ++fold) {
    NgramDocuments others(ngram.vocab_size());
    for (std::size_t d = 0; d < own; ++d)
      if (folds[d] != fold) others.add(tokens_of(documents, d, tokens));
    if (others.size() == 0) others.add(tokens_of(documents, 0, tokens));  // all are equal
    const NgramCounts counts(different_documents(others), ngram.order());
    const NgramModel model(counts, counts.max_order());
    mix_in(model, windows, share, targets, [&](std::size_t d) { return d < own && folds[d] == fold; });
  }
  mix_in(ngram, windows, 1.0, targets, [own](std::size_t d) { return d >= own; });
}

}  // namespace microgpt
