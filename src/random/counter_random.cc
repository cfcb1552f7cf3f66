// SPDX-License-Identifier: MIT
#include "random/counter_random.h"

// Random123 refuses to be compiled for processors that it does not know. What is taken of it is plain C++, as it is for this
// one.
#if defined(__wasm__)
#define __riscv
#endif
#include <Random123/philox.h>
#if defined(__wasm__)
#undef __riscv
#endif

namespace microgpt {
namespace {

constexpr std::uint32_t low(std::uint64_t x) { return static_cast<std::uint32_t>(x); }
constexpr std::uint32_t high(std::uint64_t x) { return static_cast<std::uint32_t>(x >> 32); }

}  // namespace

std::array<std::uint32_t, 4> philox(std::uint64_t seed, std::uint64_t stream, std::uint64_t index) {
  const philox4x32_ctr_t counter = {{low(index), high(index), low(stream), high(stream)}};
  const philox4x32_key_t key = {{low(seed), high(seed)}};
  const philox4x32_ctr_t block = philox4x32(counter, key);
  return {block[0], block[1], block[2], block[3]};
}

std::array<float, 4> uniforms(std::uint64_t seed, std::uint64_t stream, std::uint64_t index) {
  std::array<float, 4> numbers{};
  const std::array<std::uint32_t, 4> words = philox(seed, stream, index);
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<float>(words[i] >> 8) * 0x1p-24F;
  return numbers;
}

}  // namespace microgpt
