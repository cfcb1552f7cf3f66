// SPDX-License-Identifier: MIT
#include "scoring/evaluation.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

namespace microgpt {

void DocumentLoss::add(const ScoredPart& part, Token end) {
  for (const double loss : part.losses) nats += loss;
  positions += part.losses.size();
  characters += part.targets.size() - static_cast<std::size_t>(std::count(part.targets.begin(), part.targets.end(), end));
  unseen += static_cast<std::size_t>(std::count(part.targets.begin(), part.targets.end(), kUnseen));
}

double bits_per_character(double token_mean, std::size_t positions, std::size_t characters) {
  if (characters == 0) return std::numeric_limits<double>::infinity();
  return nats_to_bits(token_mean) * static_cast<double>(positions) / static_cast<double>(characters);
}

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

}  // namespace microgpt
