// SPDX-License-Identifier: MIT
// A loss, a gradient or parameters that have become too large.
#pragma once

#include <string>

#include "microgpt/error.h"

namespace microgpt {

class Diverged : public Error {
 public:
  using Error::Error;
};

// What every Diverged says last. `is_clipped`: whether the gradient's norm had a limit, or the caller cannot tell.
std::string remedy_for_divergence(bool is_clipped);

}  // namespace microgpt
