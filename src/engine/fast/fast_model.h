// SPDX-License-Identifier: MIT
// The parameters of a fast engine, as its streams read them.
#pragma once

#include <cstddef>
#include <span>

#include "engine/fast/kernels/kernels.h"
#include "engine/fast/packing.h"
#include "microgpt/config.h"

namespace microgpt::fast {

// All of it belongs to the engine and must outlive what holds a FastModel.
struct FastModel {
  const Config& config;
  const Kernels& kernels;
  const Packing& packing;
  std::span<const float> parameters;
  std::span<const float> transposed;  // copies; empty where they are made just before they are used

  // Whether the parameters outgrow the second cache of most processors, a megabyte.
  bool exceeds_cache() const { return parameters.size() > std::size_t{1} << 18; }
};

}  // namespace microgpt::fast
