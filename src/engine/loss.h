// SPDX-License-Identifier: MIT
// The two means of a set of losses, and the loss of knowing nothing.
#pragma once

#include <array>
#include <cstddef>
#include <numbers>
#include <span>
#include <string>
#include <string_view>

#include "engine/engine.h"
#include "microgpt/error.h"
#include "microgpt/score.h"
#include "microgpt/token.h"
#include "text/batch.h"
#include "text/names.h"

namespace microgpt {

inline constexpr std::array<Named<LossMean>, 2> kLossMeanNames{{
    {LossMean::document, "document"},
    {LossMean::token, "token"},
}};

// A position of document d that counts has the share 1/of(d) in the batch's mean.
class LossDivisor {
 public:
  LossDivisor(const Batch& batch, LossMean mean)
      : batch_(batch), all_counted_(mean == LossMean::document ? 0 : batch.counted_positions()) {}

  std::size_t of(std::size_t d) const { return all_counted_ == 0 ? batch_.documents() * batch_.counted(d) : all_counted_; }

 private:
  const Batch& batch_;
  std::size_t all_counted_;  // 0 where documents differ
};

// Of the positions that count. REQUIRES: as Engine::losses(); at least one document.
MeanLoss mean_loss(Engine& engine, const Batch& batch);

// -ln of the softmax of these logits at the target.
double loss_of(std::span<const float> logits, Token target);

// What the softmax of these logits expects.
ExpectedLoss expected_loss_of(std::span<const float> logits);

// ln V: what it costs to think all tokens equally likely.
double uniform_loss(std::size_t vocab_size);

constexpr double nats_to_bits(double nats) { return nats / std::numbers::ln2; }

// A loss, a gradient or parameters that have become too large.
class Diverged : public Error {
 public:
  using Error::Error;
};

// What every Diverged says last. `is_clipped`: whether the gradient's norm had a limit, or the caller cannot tell.
std::string remedy_for_divergence(bool is_clipped);

}  // namespace microgpt
