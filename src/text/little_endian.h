// SPDX-License-Identifier: MIT
// Integers as bytes, the least significant first, whatever the machine's own order is.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>

namespace microgpt {

// The integer whose bytes begin at `at`. REQUIRES: at + sizeof(Integer) <= bytes.size().
template <std::unsigned_integral Integer>
Integer load_little_endian(std::string_view bytes, std::size_t at) {
  Integer value = 0;
  for (std::size_t i = 0; i < sizeof(Integer); ++i) {
    const auto byte = static_cast<unsigned char>(bytes[at + i]);
    value = static_cast<Integer>(value | (static_cast<Integer>(byte) << (8 * i)));
  }
  return value;
}

template <std::unsigned_integral Integer>
void append_little_endian(std::string& bytes, Integer value) {
  std::array<char, sizeof(Integer)> word;
  for (std::size_t i = 0; i < sizeof(Integer); ++i) word[i] = static_cast<char>((value >> (8 * i)) & 0xFF);
  bytes.append(word.data(), word.size());
}

}  // namespace microgpt
