// SPDX-License-Identifier: MIT
#include "engine/fast/fast_memory.h"

#include "engine/fast/activations.h"
#include "engine/fast/packing.h"
#include "engine/fast/shards.h"

namespace microgpt::fast {

std::size_t fast_training_bytes(const Config& config, std::size_t positions) {
  const Packing packing(config);
  const std::size_t parameters = packing.table().parameter_count();
  const std::size_t shards = shard_count(positions, parameters);
  const std::size_t like_parameters = 1 + tree_buffers(shards) + 2 + 1;
  const std::size_t activations = Activations::floats(config, (positions + shards - 1) / shards);
  const std::size_t transposed = is_large(parameters) ? packing.largest_transposed() : packing.transposed_size();
  return sizeof(float) * (like_parameters * packing.size() + transposed + activations);
}

std::size_t fast_rank_bytes(const Config& config) { return 4 * sizeof(float) * Packing(config).size(); }

std::size_t stored_floats(const Config& config) {
  const std::size_t hidden = config.hidden_dim() * (config.activation == Activation::squared_relu ? 2 : 1);
  return config.n_layer * (6 * config.n_embd + hidden) + 2 * config.n_embd + config.vocab_size;
}

}  // namespace microgpt::fast
