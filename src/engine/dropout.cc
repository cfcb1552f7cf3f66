// SPDX-License-Identifier: MIT
#include "engine/dropout.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "engine/engine.h"

namespace microgpt {

DropoutMask::DropoutMask(const Dropout& dropout)
    : seed_(dropout.seed),
      step_(static_cast<std::uint32_t>(dropout.step)),
      threshold_(std::min(static_cast<std::uint32_t>(std::lround(dropout.rate * kOne)), kOne - 1)) {
  assert(dropout.step <= 0xFFFFFFFF);
  assert(dropout.rate >= 0.0 && dropout.rate < 1.0);
}

}  // namespace microgpt
