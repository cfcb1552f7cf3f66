// SPDX-License-Identifier: MIT
// How much memory training with the fast engine takes.
#pragma once

#include <cstddef>

#include "microgpt/config.h"

namespace microgpt::fast {

// Bytes of a model in training on one thread, or of a large one (shards.h) on any number. In single precision: for each
// parameter the parameter, its gradient, of four shards or more partial sums of gradients, Adam's two moments, and the best
// value so far on validation; the transposed copies of weights, of a large model the largest one; of each row of the batch's
// largest shard stored_floats(), and what is worked with. Attention of long documents takes some rows of a document for each
// thread more. REQUIRES: a valid configuration; documents of about the same length.
std::size_t fast_training_bytes(const Config& config, std::size_t positions);

// Bytes of one rank more that trains with others: of each parameter the parameter, its gradient and Adam's two moments.
std::size_t fast_rank_bytes(const Config& config);

// Floats that are stored of a row until its gradient is computed: in each layer its two norms, queries, keys, values, what
// attention made of them and the hidden values; besides the embeddings, the last layer's output and the logits. What is worked
// with is less than another layer. (Squared relu stores the hidden values twice.)
std::size_t stored_floats(const Config& config);

}  // namespace microgpt::fast
