#include "training/evaluation.h"

#include <algorithm>
#include <cmath>

#include "microgpt/error.h"
#include "training/held_out.h"

namespace microgpt {

double Evaluation::bits_per_character() const {
  return nats_to_bits(loss.token_mean) * static_cast<double>(positions) / static_cast<double>(characters);
}

double Evaluation::perplexity() const { return std::exp(loss.token_mean); }

Evaluation evaluate(Engine& engine, const TokenizedDocuments& documents) {
  Evaluation evaluation{held_out_loss(engine, documents), documents.size(), 0, 0};
  if (std::isnan(evaluation.loss.token_mean))
    throw Error(
        "the loss on other documents is not a number any more, so far have the parameters gone; a smaller learning rate may "
        "help");
  const std::size_t block_size = engine.config().block_size;
  for (std::size_t d = 0; d < documents.size(); ++d) {
    evaluation.positions += std::min(documents.positions(d), block_size);
    evaluation.characters += std::min(documents.characters(d), block_size);
  }
  return evaluation;
}

}  // namespace microgpt
