// SPDX-License-Identifier: MIT
// The shape of a model.
//
// Glossary, used everywhere: `vocab_size` tokens there are, BOS included; `n_layer` transformer layers; `n_embd` features of
// an embedding (the width); `n_head` attention heads, each of `head_dim` = n_embd / n_head features; `block_size` the longest
// context, in positions; the hidden layer of the MLP is kHiddenFactor times as wide as the model.
#pragma once

#include <cstddef>
#include <cstdint>

#include "microgpt/export.h"

namespace microgpt {

inline constexpr std::size_t kHiddenFactor = 4;
inline constexpr double kNormEpsilon = 1e-5;  // what is added to a mean square before its root is taken

enum class Activation {
  relu,
  squared_relu,
};

struct Range {
  std::uint64_t min;
  std::uint64_t max;
};

struct Config {
  static constexpr Range kVocabSize{2, 1'112'065};  // at most all of Unicode's characters, and BOS
  static constexpr Range kNLayer{1, 1024};
  static constexpr Range kNEmbd{1, 16384};
  static constexpr Range kNHead{1, 16384};
  static constexpr Range kBlockSize{1, 65536};
  static constexpr std::size_t kMaxParameters = std::size_t{1} << 31;

  std::size_t vocab_size = 27;
  std::size_t n_layer = 1;
  std::size_t n_embd = 16;
  std::size_t n_head = 4;
  std::size_t block_size = 16;
  Activation activation = Activation::relu;

  std::size_t head_dim() const { return n_embd / n_head; }
  std::size_t hidden_dim() const { return kHiddenFactor * n_embd; }
};

// Throws ConfigError: a size out of its range, n_embd no multiple of n_head, more than kMaxParameters parameters.
MICROGPT_API void validate(const Config& config);

}  // namespace microgpt
