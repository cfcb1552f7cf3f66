// SPDX-License-Identifier: MIT
// Hands out parts of one buffer; see Activations for how it is used.
#pragma once

#include <cstddef>

#include "engine/fast/panels.h"

namespace microgpt::fast {

// With a null base nothing is handed out, and only what it would take is counted.
class Arena {
 public:
  explicit Arena(float* base) : base_(base) {}

  float* floats(std::size_t count) {
    float* taken = base_ == nullptr ? nullptr : base_ + used_;
    used_ += round_up_to_vector(count);
    return taken;
  }

  Panels panels(std::size_t rows, std::size_t features) {
    return Panels::make(floats(panels_size(rows, features)), rows, features);
  }

  std::size_t used() const { return used_; }

 private:
  float* base_;
  std::size_t used_ = 0;
};

}  // namespace microgpt::fast
