// SPDX-License-Identifier: MIT
// A linear classifier of documents: logistic regression on their n-grams of characters.
//
// A document is BOS, its characters and BOS. Each of its n-grams of 1 to kLinearOrder tokens but BOS alone at its begin counts
// as often as it occurs, and all that end at a position are known when it is reached. Of class c with m n-grams in all,
//     logit_c = bias_c + (sum of the n-grams' weights of c) / sqrt(m),
// of the last class 0, and P(c | document) is their softmax. What is unseen is in no n-gram. N-grams share weights where a hash
// of their tokens falls into the same bucket ("hashing trick": Weinberger et al. 2009). It knows what models of each class
// alone do not: which n-grams tell the classes apart (training/fit_linear.h). Does not change after it is made; any number of
// threads may use it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "microgpt/token.h"
#include "simd/large_pages.h"

namespace microgpt {

inline constexpr std::size_t kLinearOrder = 5;

// The buckets of the n-grams of a document that ends with the last token given, the shortest first.
class LinearNgrams {
 public:
  // REQUIRES: a power of two.
  explicit LinearNgrams(std::size_t buckets) : mask_(static_cast<std::uint32_t>(buckets - 1)) {}

  // Before a document's first token after BOS. `bos` is the vocabulary's.
  void begin(Token bos);

  // The n-grams that end with one more token; none with kUnseen, nor across it. Valid until the next call.
  std::span<const std::uint32_t> add(Token token);

 private:
  std::uint32_t mask_;
  std::array<Token, kLinearOrder> last_{};  // the latest first
  std::size_t known_ = 0;                   // of these
  std::array<std::uint32_t, kLinearOrder> found_{};
};

class LinearModel {
 public:
  // No weight yet. REQUIRES: 2 <= classes; at least two tokens.
  LinearModel(std::size_t classes, std::size_t vocab_size);

  std::size_t classes() const { return biases_.size() + 1; }
  std::size_t buckets() const { return weights_.size() / biases_.size(); }
  Token bos() const { return static_cast<Token>(vocab_size_ - 1); }

  // Of a bucket, and of all: [classes - 1].
  std::span<float> weights(std::uint32_t bucket) {
    return std::span(weights_).subspan(bucket * biases_.size(), biases_.size());
  }
  std::span<const float> weights(std::uint32_t bucket) const {
    return std::span(weights_).subspan(bucket * biases_.size(), biases_.size());
  }
  std::span<float> biases() { return biases_; }
  std::span<const float> biases() const { return biases_; }

  // The text of linear.bin, and what it says. Throws Error: `bytes` are damaged, or of another number of classes or tokens;
  // `file` stands for them in error messages.
  std::string to_bytes() const;
  static LinearModel from_bytes(const std::string& file, std::string_view bytes, std::size_t classes, std::size_t vocab_size);

 private:
  std::size_t vocab_size_;
  std::vector<float> biases_;   // [classes - 1]
  LargeVector<float> weights_;  // [buckets][classes - 1]
};

// What a model says of documents that come token by token.
class LinearTally {
 public:
  // The model must outlive it.
  explicit LinearTally(const LinearModel& model);

  // One more token after BOS.
  void add(Token token);

  // ln P(class | document), [classes], after the last one, BOS. The next token begins another document.
  std::vector<double> end();

 private:
  const LinearModel& model_;
  LinearNgrams ngrams_;
  std::vector<double> sums_;  // [classes - 1]
  std::size_t count_ = 0;
};

}  // namespace microgpt
