// SPDX-License-Identifier: MIT
// The instruction sets that the kernels are compiled for. All of them give the same bits.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace microgpt {

enum class Target {
  avx512,
  avx2,
  neon,
  wasm,    // in web pages
  scalar,  // plain C++ with std::fma, for every machine
};

std::string_view name_of(Target target);

// Those that this program has and this machine can run, the fastest first; never empty.
std::span<const Target> available_targets();

inline Target best_target() { return available_targets().front(); }

// The available target of that name, or nothing.
std::optional<Target> find_target(std::string_view name);

// "avx2, scalar".
std::string available_target_names();

}  // namespace microgpt
