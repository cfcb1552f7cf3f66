// The two means of a set of losses, and the loss of knowing nothing.
#pragma once

#include <cstddef>
#include <numbers>

#include "microgpt/batch.h"
#include "microgpt/engine.h"

namespace microgpt {

// In nats. Document mean and token mean are different numbers: in the first a short document counts as much as a long one.
struct MeanLoss {
  double document_mean;
  double token_mean;
};

// REQUIRES: as Engine::losses(); at least one document.
MeanLoss mean_loss(Engine& engine, const Batch& batch);

// ln V: what it costs to think all tokens equally likely.
double uniform_loss(std::size_t vocab_size);

constexpr double nats_to_bits(double nats) { return nats / std::numbers::ln2; }

}  // namespace microgpt
