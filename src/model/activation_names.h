// SPDX-License-Identifier: MIT
// What the activations are called, in files and on the command line.
#pragma once

#include <array>
#include <string_view>

#include "microgpt/config.h"
#include "text/names.h"

namespace microgpt {

inline constexpr std::array<Named<Activation>, 2> kActivationNames{{
    {Activation::relu, "relu"},
    {Activation::squared_relu, "relu2"},
}};

}  // namespace microgpt
