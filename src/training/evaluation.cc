#include "training/evaluation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <utility>
#include <vector>

#include "microgpt/error.h"
#include "scoring/document_scorer.h"
#include "scoring/mixture.h"
#include "scoring/ngram_losses.h"

namespace microgpt {
namespace {

constexpr std::size_t kTokensAtATime = 1024;

// Calls `take(tokens)` with one piece of a document after the other, each of at most kTokensAtATime.
template <typename Take>
void for_each_piece(const TokenizedDocuments& documents, std::size_t d, Take take) {
  std::array<Token, kTokensAtATime> tokens;
  const std::size_t count = documents.positions(d) + 1;
  for (std::size_t first = 0; first < count; first += kTokensAtATime) {
    const auto piece = std::span(tokens).first(std::min(kTokensAtATime, count - first));
    documents.copy(d, first, piece);
    take(std::span<const Token>(piece));
  }
}

void score(Engine& engine, const TokenizedDocuments& documents, DocumentScorer::Sink sink) {
  DocumentScorer scorer(engine, std::move(sink));
  for (std::size_t d = 0; d < documents.size(); ++d) {
    for_each_piece(documents, d, [&](std::span<const Token> tokens) { scorer.append(tokens); });
    scorer.end_document();
  }
  scorer.finish();
}

Token bos_of(const Engine& engine) { return static_cast<Token>(engine.config().vocab_size - 1); }

}  // namespace

Evaluation evaluate(Engine& engine, const TokenizedDocuments& documents) { return evaluate(engine, documents, {}).model; }

Comparison evaluate(Engine& engine, const TokenizedDocuments& documents, const Baseline& baseline) {
  ComparisonTally tally(bos_of(engine), baseline);
  score(engine, documents, [&tally](const ScoredPart& part) { tally.add(part); });
  Comparison comparison = tally.comparison();
  if (std::isnan(comparison.model.loss.token_mean))
    throw Error(
        "the loss on other documents is not a number any more, so far have the parameters gone; a smaller learning rate may "
        "help");
  return comparison;
}

double choose_ngram_share(Engine& engine, const NgramModel& ngram, const TokenizedDocuments& validation) {
  NgramLosses ngram_losses(ngram);
  std::vector<double> of_model;
  std::vector<double> of_ngram;
  score(engine, validation, [&](const ScoredPart& part) {
    const std::span<const double> losses = ngram_losses.of(part);
    of_model.insert(of_model.end(), part.losses.begin(), part.losses.end());
    of_ngram.insert(of_ngram.end(), losses.begin(), losses.end());
  });
  return best_share(of_ngram, of_model);
}

Evaluation evaluate(const NgramModel& model, const TokenizedDocuments& documents) {
  Tally tally(static_cast<Token>(model.vocab_size() - 1));
  NgramLosses losses(model);
  for (std::size_t d = 0; d < documents.size(); ++d) {
    std::size_t position = 0;
    for_each_piece(documents, d, [&](std::span<const Token> tokens) {
      const std::span<const Token> targets = tokens.subspan(position == 0 ? 1 : 0);  // the first token is given
      if (targets.empty()) return;
      ScoredPart part{d, position, targets, {}, position + targets.size() == documents.positions(d)};
      part.losses = losses.of(part);
      tally.add(part);
      position += targets.size();
    });
  }
  return tally.evaluation();
}

}  // namespace microgpt
