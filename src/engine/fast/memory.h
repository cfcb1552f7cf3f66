// How much memory training with the fast engine takes.
#pragma once

#include <cstddef>

#include "microgpt/config.h"

namespace microgpt {

// Bytes of a model in training on one thread, or of a large one (shards.h) on any number: for each parameter the parameter, its
// transposed copy, its gradient, in some cases a partial sum of gradients, Adam's two moments and the best value so far on
// validation, all in single precision; and of the rows of the batch's largest shard what is stored for the gradient and what is
// worked with: see stored_floats(). Attention of long documents takes some rows of a
// document for each thread more. REQUIRES: a valid configuration; documents of about the same length.
std::size_t fast_training_bytes(const Config& config, std::size_t positions);

// Floats that are stored of a row until its gradient is computed: in each layer its two norms, queries, keys, values, what
// attention made of them and the hidden values; besides the embeddings, the last layer's output and the logits. What is worked
// with is less than another layer. (Squared relu stores the hidden values twice.)
std::size_t stored_floats(const Config& config);

}  // namespace microgpt
