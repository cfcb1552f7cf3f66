// SPDX-License-Identifier: MIT
#include "scoring/evaluation.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "engine/loss.h"
#include "scoring/document_scorer.h"
#include "scoring/ngram_scorer.h"

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

void DocumentLoss::add(const ScoredPart& part, Token end) {
  for (const double loss : part.losses) {
    nats += loss;
    cubes += loss * loss * loss;
  }
  positions += part.losses.size();
  characters += part.targets.size() - static_cast<std::size_t>(std::count(part.targets.begin(), part.targets.end(), end));
  unseen += static_cast<std::size_t>(std::count(part.targets.begin(), part.targets.end(), kUnseen));
  for (const ExpectedLoss& each : part.expected) {
    expected.mean += each.mean;
    expected.variance += each.variance;
  }
}

void PeakFinder::add(double nats) {
  if (last_.size() < window_)
    last_.push_back(nats);
  else
    last_[positions_ % window_] = nats;
  ++positions_;
  const double sum = std::accumulate(last_.begin(), last_.end(), 0.0);
  if (positions_ <= window_ || sum > peak_.nats) peak_ = {sum, positions_ - last_.size()};
}

Peak PeakFinder::take() {
  last_.clear();
  positions_ = 0;
  return std::exchange(peak_, {});
}

double DocumentLoss::excess() const {
  // A sure model has hardly any variance; without this one nat too many would be hundreds of deviations.
  constexpr double kMinVariance = 1.0;
  return (nats - expected.mean) / std::sqrt(expected.variance + kMinVariance);
}

double DocumentLoss::surprise() const { return std::cbrt(cubes); }

double bits_per_character(double token_mean, std::size_t positions, std::size_t characters) {
  if (characters == 0) return std::numeric_limits<double>::infinity();
  return nats_to_bits(token_mean) * static_cast<double>(positions) / static_cast<double>(characters);
}

double Evaluation::bits_per_character() const { return microgpt::bits_per_character(loss.token_mean, positions, characters); }

double Evaluation::perplexity() const { return std::exp(loss.token_mean); }

void Tally::add(const ScoredPart& part) {
  document_.add(part, bos_);
  if (!part.ends_document) return;
  sum_ += document_.nats;
  sum_of_means_ += document_.token_mean();
  positions_ += document_.positions;
  characters_ += document_.characters;
  unseen_ += document_.unseen;
  ++documents_;
  document_ = {};
}

Evaluation Tally::evaluation() const {
  assert(documents_ > 0 && document_.positions == 0);
  const MeanLoss loss{sum_of_means_ / static_cast<double>(documents_), sum_ / static_cast<double>(positions_)};
  return {loss, documents_, positions_, characters_, unseen_};
}

ComparisonTally::ComparisonTally(Token bos, const NgramModel* ngram) : model_(bos), ngram_(bos), mixture_(bos) {
  if (ngram != nullptr) ngram_losses_.emplace(*ngram);
}

void ComparisonTally::add(const ScoredPart& part) {
  model_.add(part);
  ScoredPart other = part;
  if (ngram_losses_) {
    other.losses = ngram_losses_->of(part);
    ngram_.add(other);
  }
  has_mixture_ = !part.mixed.empty();
  if (!has_mixture_) return;
  other.losses = part.mixed;
  mixture_.add(other);
}

Comparison ComparisonTally::comparison() const {
  Comparison comparison{model_.evaluation(), std::nullopt, std::nullopt};
  if (ngram_losses_) comparison.ngram = ngram_.evaluation();
  if (has_mixture_) comparison.mixture = mixture_.evaluation();
  return comparison;
}

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

Comparison evaluate(Engine& engine, const Tokenizer& tokenizer, const Corpus& corpus, const Baseline& baseline,
                    const EvaluationWatch& watch) {
  std::size_t done = 0;
  ComparisonTally tally(tokenizer.bos(), baseline.ngram);
  const auto take = [&](const ScoredPart& part) {
    tally.add(part);
    if (watch) watch(done += part.targets.size());
  };
  DocumentScorer scorer(engine, take, baseline.mixture);
  for (std::size_t d = 0; d < corpus.size(); ++d) scorer.add_text(tokenizer, corpus[d]);
  scorer.finish();
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

std::vector<DocumentLoss> document_losses(Engine& engine, const TokenizedDocuments& documents, const Mixture* mixture,
                                          const EvaluationWatch& watch) {
  std::vector<DocumentLoss> losses(documents.size());
  const auto take = [&](const ScoredPart& part) {
    ScoredPart predicted = part;
    if (mixture != nullptr) predicted.losses = part.mixed;
    losses[part.document].add(predicted, bos_of(engine.config().vocab_size));
  };
  score_all(engine, documents, take, watch, mixture);
  return losses;
}

}  // namespace microgpt
