// SPDX-License-Identifier: MIT
#include "engine/diverged.h"

#include <fmt/format.h>

namespace microgpt {

std::string remedy_for_divergence(bool is_clipped) {
  return fmt::format("training has diverged; begin again with a lower --learning-rate{}",
                     is_clipped ? "" : ", or with --clip 1");
}

}  // namespace microgpt
