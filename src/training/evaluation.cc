#include "training/evaluation.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "microgpt/error.h"
#include "scoring/document_scorer.h"

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

}  // namespace

Evaluation evaluate(Engine& engine, const TokenizedDocuments& documents) {
  Tally tally(static_cast<Token>(engine.config().vocab_size - 1));
  DocumentScorer scorer(engine, [&tally](const ScoredPart& part) { tally.add(part); });
  for (std::size_t d = 0; d < documents.size(); ++d) score(scorer, documents, d);
  scorer.finish();
  const Evaluation evaluation = tally.evaluation();
  if (std::isnan(evaluation.loss.token_mean))
    throw Error(
        "the loss on other documents is not a number any more, so far have the parameters gone; a smaller learning rate may "
        "help");
  return evaluation;
}

}  // namespace microgpt
