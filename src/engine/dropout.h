// SPDX-License-Identifier: MIT
// Dropout (Srivastava et al. 2014), inverted: which values of a training step are dropped, and by how much the others grow.
//
// Whether a value is kept is a pure function of the seed, the step, the document's number in its batch, the position, the site
// and the feature (and of the model's width, as below): no order of computing, no cut of the batch and no number of threads
// changes it. Each value takes 16 bits of Philox4x32-10. Position t of a document has vectors t * V to t * V + V - 1 of 16
// features each, where V is the width in vectors; eight vectors in a row are what 16 blocks of Philox serve, one a lane.
#pragma once

#include <cstddef>
#include <cstdint>

#include "random/counter_random.h"

namespace microgpt {

struct Dropout;

// Where values are dropped. Site 0 is none, so that no block is one that sampling takes: there that word is 0.
enum class DropoutSite : std::uint32_t {};

// The sum of the embeddings, before its norm; and what the branches of a layer add to the residual stream.
constexpr DropoutSite embedding_site() { return DropoutSite{1}; }
constexpr DropoutSite attention_site(std::size_t layer) { return DropoutSite{2 + 2 * static_cast<std::uint32_t>(layer)}; }
constexpr DropoutSite mlp_site(std::size_t layer) { return DropoutSite{3 + 2 * static_cast<std::uint32_t>(layer)}; }

class DropoutMask {
 public:
  static constexpr std::size_t kLanes = 16;          // features that are neighbours
  static constexpr std::size_t kVectorsOfBlock = 8;  // that a block serves: two to each of its words, the lower half first
  static constexpr std::uint32_t kOne = std::uint32_t{1} << 16;

  // The rate is rounded to a multiple of 2^-16, and to at most 1 - 2^-16. REQUIRES: as Dropout.
  explicit DropoutMask(const Dropout& dropout);

  bool drops() const { return threshold_ > 0; }

  std::uint64_t seed() const { return seed_; }
  std::uint32_t step() const { return step_; }
  // Values whose 16 bits are below it are dropped.
  std::uint32_t threshold() const { return threshold_; }
  // What the kept values are multiplied by: 1/(1 - rate), where the rate is the rounded one.
  double scale() const { return static_cast<double>(kOne) / static_cast<double>(kOne - threshold_); }

  // Of a feature of one position of a document. `n_embd` is the width of the model.
  struct Coordinates {
    std::size_t document;
    std::size_t position;
    DropoutSite site;
    std::size_t feature;
  };
  bool keeps(const Coordinates& coordinates, std::size_t n_embd) const {
    const std::size_t vector = coordinates.position * ((n_embd + kLanes - 1) / kLanes) + coordinates.feature / kLanes;
    const std::uint64_t block = vector / kVectorsOfBlock * kLanes + coordinates.feature % kLanes;
    const std::uint64_t index = (static_cast<std::uint64_t>(coordinates.site) << 32) | block;
    const std::uint64_t stream = (static_cast<std::uint64_t>(step_) << 32) | coordinates.document;
    const std::size_t half = vector % kVectorsOfBlock;
    return (philox(seed_, stream, index)[half / 2] >> 16 * (half % 2)) % kOne >= threshold_;
  }

 private:
  std::uint64_t seed_;
  std::uint32_t step_;
  std::uint32_t threshold_;
};

}  // namespace microgpt
