// SPDX-License-Identifier: MIT
// SipHash-2-4: 64 bits of a text that look random, the same on every machine.
//
// Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012.
#pragma once

#include <cstdint>
#include <string_view>

namespace microgpt {

// The first 8 bytes of the paper's key, and the other 8, little end first.
struct SipHashKey {
  std::uint64_t low;
  std::uint64_t high;
};

std::uint64_t siphash(std::string_view bytes, SipHashKey key);

}  // namespace microgpt
