// SPDX-License-Identifier: MIT
#include "training/initial_loss.h"

#include "engine/mean_loss.h"

namespace microgpt {

InitialLoss check_initial_loss(Engine& engine, const Batch& batch, LossMean mean) {
  const std::size_t vocab_size = engine.config().vocab_size;
  return {batch.documents(), vocab_size, mean_loss(engine, batch).of(mean), uniform_loss(vocab_size)};
}

}  // namespace microgpt
