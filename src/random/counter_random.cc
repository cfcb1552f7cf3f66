#include "random/counter_random.h"

#include <Random123/philox.h>

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

double uniform(std::uint64_t seed, std::uint64_t stream, std::uint64_t index) {
  const auto [a, b, c, d] = philox(seed, stream, index);
  const std::uint64_t bits = (std::uint64_t{a} << 32 | b) >> 11;
  return static_cast<double>(bits) * 0x1p-53;
}

}  // namespace microgpt
