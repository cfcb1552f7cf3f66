#include "scoring/evaluation.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace microgpt {

double Evaluation::bits_per_character() const {
  return nats_to_bits(loss.token_mean) * static_cast<double>(positions) / static_cast<double>(characters);
}

double Evaluation::perplexity() const { return std::exp(loss.token_mean); }

void Tally::add(const ScoredPart& part) {
  for (const double loss : part.losses) document_sum_ += loss;
  document_positions_ += part.losses.size();
  characters_ += part.targets.size() - static_cast<std::size_t>(std::count(part.targets.begin(), part.targets.end(), bos_));
  unseen_ += static_cast<std::size_t>(std::count(part.targets.begin(), part.targets.end(), kUnseen));
  if (!part.ends_document) return;
  sum_ += document_sum_;
  sum_of_means_ += document_sum_ / static_cast<double>(document_positions_);
  positions_ += document_positions_;
  ++documents_;
  document_sum_ = 0.0;
  document_positions_ = 0;
}

Evaluation Tally::evaluation() const {
  assert(documents_ > 0 && document_positions_ == 0);
  const MeanLoss loss{sum_of_means_ / static_cast<double>(documents_), sum_ / static_cast<double>(positions_)};
  return {loss, documents_, positions_, characters_, unseen_};
}

}  // namespace microgpt
