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

Evaluation evaluate(const NgramModel& model, const TokenizedDocuments& documents) {
  Tally tally(static_cast<Token>(model.vocab_size() - 1));
  std::vector<Token> tokens;
  std::vector<double> losses;
  for (std::size_t d = 0; d < documents.size(); ++d) {
    tokens.resize(documents.positions(d) + 1);
    documents.copy(d, 0, tokens);
    losses.clear();
    append_ngram_losses(model, tokens, losses);
    tally.add({d, 0, std::span(tokens).subspan(1), losses, true});
  }
  return tally.evaluation();
}

}  // namespace microgpt
