#include "training/evaluation.h"

#include <algorithm>
#include <cmath>

#include "training/held_out.h"

namespace microgpt {

double Evaluation::bits_per_character() const {
  return nats_to_bits(loss.token_mean) * static_cast<double>(positions) / static_cast<double>(characters);
}

double Evaluation::perplexity() const { return std::exp(loss.token_mean); }

Evaluation evaluate(Engine& engine, const TokenizedDocuments& documents) {
  Evaluation evaluation{held_out_loss(engine, documents), documents.size(), 0, 0};
  const std::size_t block_size = engine.config().block_size;
  for (std::size_t d = 0; d < documents.size(); ++d) {
    evaluation.positions += std::min(documents.positions(d), block_size);
    evaluation.characters += std::min(documents.positions(d) - 1, block_size);
  }
  return evaluation;
}

}  // namespace microgpt
