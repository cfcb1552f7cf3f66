// SPDX-License-Identifier: MIT
#include "scoring/evaluate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <utility>
#include <vector>

#include "engine/diverged.h"
#include "scoring/document_scorer.h"
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

// Calls take(part) for each part of each document, as the engine, and a mixture if there is one, or the n-gram model predicts
// it.
void score_all(Engine& engine, const TokenizedDocuments& documents, const DocumentScorer::Sink& take,
               const EvaluationWatch& watch = {}, const Mixture* mixture = nullptr) {
  bool is_number = true;
  std::size_t positions = 0;
  const auto take_and_tell = [&](const ScoredPart& part) {
    is_number = is_number && std::none_of(part.losses.begin(), part.losses.end(), [](double x) { return std::isnan(x); });
    take(part);
    positions += part.targets.size();
    if (watch) watch(positions);
  };
  DocumentScorer scorer(engine, take_and_tell, mixture);
  for (std::size_t d = 0; d < documents.size(); ++d) {
    for_each_piece(documents, d, [&](std::span<const Token> tokens) { scorer.append(tokens); });
    scorer.end_document();
  }
  scorer.finish();
  if (!is_number) throw Diverged("the loss on other documents is not a number any more: " + remedy_for_divergence(true));
}

void score_all(const NgramModel& model, const TokenizedDocuments& documents, const DocumentScorer::Sink& take) {
  NgramLosses losses(model);
  for (std::size_t d = 0; d < documents.size(); ++d) {
    std::size_t position = 0;
    for_each_piece(documents, d, [&](std::span<const Token> tokens) {
      const std::span<const Token> targets = tokens.subspan(position == 0 ? 1 : 0);  // the first token is given
      ScoredPart part{d, position, targets, {}, position + targets.size() == documents.positions(d)};
      part.losses = losses.of(part);
      take(part);
      position += targets.size();
    });
  }
}

Token bos_of(std::size_t vocab_size) { return static_cast<Token>(vocab_size - 1); }

}  // namespace

Evaluation evaluate(Engine& engine, const TokenizedDocuments& documents, const EvaluationWatch& watch) {
  return evaluate(engine, documents, Baseline{}, watch).model;
}

Comparison evaluate(Engine& engine, const TokenizedDocuments& documents, const Baseline& baseline,
                    const EvaluationWatch& watch) {
  ComparisonTally tally(bos_of(engine.config().vocab_size), baseline.ngram);
  const auto take = [&tally](const ScoredPart& part) { tally.add(part); };
  score_all(engine, documents, take, watch, baseline.mixture);
  return tally.comparison();
}

Evaluation evaluate(const NgramModel& model, const TokenizedDocuments& documents) {
  Tally tally(bos_of(model.vocab_size()));
  score_all(model, documents, [&tally](const ScoredPart& part) { tally.add(part); });
  return tally.evaluation();
}

std::vector<NatsOfPredictors> document_nats(Engine& engine, const TokenizedDocuments& documents, const Mixture& mixture,
                                            const EvaluationWatch& watch) {
  std::vector<NatsOfPredictors> nats(documents.size());
  NgramLosses ngram(mixture.ngram());
  const auto take = [&](const ScoredPart& part) {
    const auto add = [&](PredictorKind predictor, std::span<const double> losses) {
      for (const double loss : losses) nats[part.document][static_cast<std::size_t>(predictor)] += loss;
    };
    add(PredictorKind::gpt, part.losses);
    add(PredictorKind::mixture, part.mixed);
    add(PredictorKind::ngram, ngram.of(part));
  };
  score_all(engine, documents, take, watch, &mixture);
  return nats;
}

}  // namespace microgpt
