// SPDX-License-Identifier: MIT
// Random numbers that are a function of where they are used: no state, no order of draws.
//
// Philox4x32-10 (Salmon, Moraes, Dror and Shaw 2011), from the Random123 library. The same number wherever and in whatever
// order it is asked for; any number of threads may ask.
#pragma once

#include <array>
#include <cstdint>

namespace microgpt {

// The block of the generator `seed` at (stream, index).
std::array<std::uint32_t, 4> philox(std::uint64_t seed, std::uint64_t stream, std::uint64_t index);

// Uniform in [0, 1), multiples of 2^-24: the upper bits of the block's words.
std::array<float, 4> uniforms(std::uint64_t seed, std::uint64_t stream, std::uint64_t index);

}  // namespace microgpt
