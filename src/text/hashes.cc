// SPDX-License-Identifier: MIT
#include "text/hashes.h"

#include <bit>
#include <cstddef>
#include <cstdint>

#include "text/little_endian.h"

namespace microgpt {
namespace {

// The letters are the paper's.
class SipState {
 public:
  explicit SipState(SipHashKey key)
      : v0_(key.low ^ 0x736f6d6570736575U),
        v1_(key.high ^ 0x646f72616e646f6dU),
        v2_(key.low ^ 0x6c7967656e657261U),
        v3_(key.high ^ 0x7465646279746573U) {}

  void compress(std::uint64_t word) {
    v3_ ^= word;
    rounds(2);
    v0_ ^= word;
  }

  std::uint64_t finalize() {
    v2_ ^= 0xFF;
    rounds(4);
    return v0_ ^ v1_ ^ v2_ ^ v3_;
  }

 private:
  void rounds(int count) {
    for (int i = 0; i < count; ++i) round();
  }

  void round() {
    v0_ += v1_;
    v2_ += v3_;
    v1_ = std::rotl(v1_, 13) ^ v0_;
    v3_ = std::rotl(v3_, 16) ^ v2_;
    v0_ = std::rotl(v0_, 32);
    v2_ += v1_;
    v0_ += v3_;
    v1_ = std::rotl(v1_, 17) ^ v2_;
    v3_ = std::rotl(v3_, 21) ^ v0_;
    v2_ = std::rotl(v2_, 32);
  }

  std::uint64_t v0_, v1_, v2_, v3_;
};

// The bytes after the last whole word, and the length, modulo 256, in the highest byte.
std::uint64_t last_word(std::string_view bytes) {
  std::uint64_t word = static_cast<std::uint64_t>(bytes.size()) << 56;
  const std::size_t begin = bytes.size() - bytes.size() % 8;
  for (std::size_t i = begin; i < bytes.size(); ++i)
    word |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * (i - begin));
  return word;
}

}  // namespace

std::uint64_t siphash(std::string_view bytes, SipHashKey key) {
  SipState state(key);
  for (std::size_t at = 0; at + 8 <= bytes.size(); at += 8) state.compress(load_little_endian<std::uint64_t>(bytes, at));
  state.compress(last_word(bytes));
  return state.finalize();
}

}  // namespace microgpt
