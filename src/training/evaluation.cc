#include "training/evaluation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <vector>

#include "microgpt/error.h"
#include "scoring/document_scorer.h"
#include "scoring/ngram_losses.h"

namespace microgpt {
namespace {

constexpr std::size_t kTokensAtATime = 1024;

void score(DocumentScorer& scorer, const TokenizedDocuments& documents, std::size_t d) {
  std::array<Token, kTokensAtATime> tokens;
  const std::size_t count = documents.positions(d) + 1;
  for (std::size_t first = 0; first < count; first += kTokensAtATime) {
    const auto piece = std::span(tokens).first(std::min(kTokensAtATime, count - first));
    documents.copy(d, first, piece);
    scorer.append(piece);
  }
  scorer.end_document();
}

// Calls take(part) for each part of each document, as the engine or the n-gram model predicts it.
template <typename Take>
void score_all(Engine& engine, const TokenizedDocuments& documents, Take take) {
  bool is_number = true;
  DocumentScorer scorer(engine, [&](const ScoredPart& part) {
    is_number = is_number && std::none_of(part.losses.begin(), part.losses.end(), [](double x) { return std::isnan(x); });
    take(part);
  });
  for (std::size_t d = 0; d < documents.size(); ++d) score(scorer, documents, d);
  scorer.finish();
  if (!is_number)
    throw Error(
        "the loss on other documents is not a number any more, so far have the parameters gone; a smaller learning rate may "
        "help");
}

template <typename Take>
void score_all(const NgramModel& model, const TokenizedDocuments& documents, Take take) {
  std::vector<Token> tokens;
  std::vector<double> losses;
  for (std::size_t d = 0; d < documents.size(); ++d) {
    tokens.resize(documents.positions(d) + 1);
    documents.copy(d, 0, tokens);
    losses.clear();
    append_ngram_losses(model, tokens, losses);
    take({d, 0, std::span(tokens).subspan(1), losses, true});
  }
}

template <typename Predictor>
Evaluation evaluate_all(Predictor& predictor, std::size_t vocab_size, const TokenizedDocuments& documents) {
  Tally tally(static_cast<Token>(vocab_size - 1));
  score_all(predictor, documents, [&tally](const ScoredPart& part) { tally.add(part); });
  return tally.evaluation();
}

template <typename Predictor>
std::vector<double> nats_of_all(Predictor& predictor, std::size_t vocab_size, const TokenizedDocuments& documents) {
  std::vector<DocumentLoss> losses(documents.size());
  score_all(predictor, documents,
            [&](const ScoredPart& part) { losses[part.document].add(part, static_cast<Token>(vocab_size - 1)); });
  std::vector<double> nats;
  for (const DocumentLoss& loss : losses) nats.push_back(loss.nats);
  return nats;
}

}  // namespace

Evaluation evaluate(Engine& engine, const TokenizedDocuments& documents) {
  return evaluate_all(engine, engine.config().vocab_size, documents);
}

Evaluation evaluate(const NgramModel& model, const TokenizedDocuments& documents) {
  return evaluate_all(model, model.vocab_size(), documents);
}

std::vector<double> document_nats(Engine& engine, const TokenizedDocuments& documents) {
  return nats_of_all(engine, engine.config().vocab_size, documents);
}

std::vector<double> document_nats(const NgramModel& model, const TokenizedDocuments& documents) {
  return nats_of_all(model, model.vocab_size(), documents);
}

}  // namespace microgpt
