// SPDX-License-Identifier: MIT
#include "training/pair.h"

#include <algorithm>

#include "text/encoded_text.h"
#include "text/split.h"
#include "training/presets.h"

namespace microgpt {
namespace {

std::size_t longest_positions(const Corpus& corpus, const TrainingRunOptions& options) {
  std::size_t longest = 0;
  for (const std::size_t d : split_corpus(corpus, options.seed, options.held_out).training)
    longest = std::max(longest, count_characters(corpus.encoding(), corpus[d]) + 1);
  return longest;
}

}  // namespace

TrainingRunOptions pair_defaults() {
  TrainingRunOptions options;
  apply_generalising(options);
  options.n_layer = 3;
  options.n_embd = 64;
  options.training.num_steps = 5000;
  options.training.learning_rate = 0.005;
  options.training.adam.weight_decay = 0.04;
  options.training.dropout = 0.1;
  options.held_out = 0.05;
  options.patience = 0;
  options.with_baseline = true;
  return options;
}

std::size_t pair_block_size(const Corpus& positive, const Corpus& negative, const TrainingRunOptions& options) {
  return std::min(kMostPairContext, std::max(longest_positions(positive, options), longest_positions(negative, options)));
}

}  // namespace microgpt
