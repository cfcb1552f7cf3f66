// SPDX-License-Identifier: MIT
// What the activations are called, in files and on the command line.
#pragma once

#include <array>
#include <string_view>

#include "microgpt/config.h"

namespace microgpt {

struct ActivationName {
  Activation value;
  std::string_view name;
};

inline constexpr std::array<ActivationName, 2> kActivationNames{{
    {Activation::relu, "relu"},
    {Activation::squared_relu, "relu2"},
}};

}  // namespace microgpt
