// SPDX-License-Identifier: MIT
#include "ngram/choose_order.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "ngram/ngram_counts.h"

namespace microgpt {
namespace {

constexpr std::size_t kFewTokens = 1000;

struct HeldBack {
  NgramDocuments counted;
  NgramDocuments held_back;
};

// Documents that are as they are; where there are too few to hold any back, of each its last part, which begins anew.
HeldBack hold_back(const NgramDocuments& documents) {
  HeldBack parts{NgramDocuments(documents.vocab_size()), NgramDocuments(documents.vocab_size())};
  const bool are_few = documents.size() < kHeldBack;
  std::vector<Token> last;
  for (std::size_t d = 0; d < documents.size(); ++d) {
    const std::span<const Token> document = documents[d];
    const std::size_t held = are_few ? document.size() / kHeldBack : 0;
    if (held == 0) {
      (are_few || d % kHeldBack > 0 ? parts.counted : parts.held_back).add(document);
      continue;
    }
    parts.counted.add(document.first(document.size() - held));
    last.assign(1, documents.bos());
    last.insert(last.end(), document.end() - static_cast<std::ptrdiff_t>(held), document.end());
    parts.held_back.add(last);
  }
  return parts;
}

// Documents from the first on, the last one cut, until there are so many tokens.
NgramDocuments first_documents(const TokenizedDocuments& documents, std::size_t vocab_size, std::size_t max_tokens) {
  NgramDocuments counted(vocab_size);
  std::vector<Token> tokens;
  for (std::size_t d = 0; d < documents.size() && max_tokens >= 2; ++d) {
    tokens.resize(std::min(documents.positions(d) + 1, max_tokens));
    documents.copy(d, 0, tokens);
    counted.add(tokens);
    max_tokens -= tokens.size();
  }
  return counted;
}

// The losses of the models of all orders on `validation`. keep(model) gets each that is better than all before it.
template <typename Keep>
std::vector<double> losses_of_orders(const NgramCounts& counts, const NgramDocuments& validation, const Keep& keep) {
  std::vector<double> losses;
  double least = 0.0;
  for (std::size_t order = 1; order <= counts.max_order(); ++order) {
    NgramModel model(counts, order);
    losses.push_back(model.mean_loss(validation));
    if (order > 1 && losses.back() >= least) continue;
    least = losses.back();
    keep(std::move(model));
  }
  return losses;
}

}  // namespace

ChosenNgramModel choose_ngram_model(const NgramDocuments& training, const NgramDocuments& validation, std::size_t max_kept) {
  assert(training.size() > 0 && validation.size() > 0 && training.vocab_size() == validation.vocab_size());
  const NgramCounts counts(different_documents(training));
  std::size_t order = 0;
  std::optional<NgramModel> best;
  std::vector<double> losses = losses_of_orders(counts, validation, [&](NgramModel model) {
    order = model.order();
    if (counts.trie().size() <= max_kept || order == counts.max_order()) best = std::move(model);
  });
  if (!best) best.emplace(counts, order);
  return {std::move(*best), std::move(losses)};
}

NgramModel choose_ngram_model(const NgramDocuments& training) {
  const NgramDocuments documents = different_documents(training);
  std::size_t order = kDefaultNgramOrder;
  if (documents.tokens().size() >= kFewTokens) {
    const HeldBack parts = hold_back(documents);
    losses_of_orders(NgramCounts(different_documents(parts.counted)), parts.held_back,
                     [&](const NgramModel& model) { order = model.order(); });
  }
  const NgramCounts counts(documents, order);
  return {counts, counts.max_order()};
}

NgramModel make_baseline(const CorpusParts& parts, std::size_t vocab_size, std::size_t max_tokens) {
  const NgramDocuments training = first_documents(parts.training, vocab_size, max_tokens);
  if (!parts.validation) return choose_ngram_model(training);
  return choose_ngram_model(training, first_documents(*parts.validation, vocab_size, max_tokens)).model;
}

}  // namespace microgpt
