// SPDX-License-Identifier: MIT
// Hashes of texts: SipHash-2-4, 64 bits that look random, the same on every machine; and SHA-256, by which a file is known
// again.
//
// Sources: Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012; FIPS 180-4.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace microgpt {

// The first 8 bytes of the paper's key, and the other 8, little end first.
struct SipHashKey {
  std::uint64_t low;
  std::uint64_t high;
};

std::uint64_t siphash(std::string_view bytes, SipHashKey key);

// SHA-256: 64 hexadecimal digits in lower case.
std::string sha256(std::string_view bytes);

}  // namespace microgpt
