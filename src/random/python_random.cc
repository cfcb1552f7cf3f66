// SPDX-License-Identifier: MIT
#include "random/python_random.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <numbers>
#include <vector>

#include "microgpt/error.h"

namespace microgpt {

PythonRandom::PythonRandom(std::uint64_t low, std::uint64_t high) {
  const auto upper_half = [](std::uint64_t word) { return static_cast<std::uint32_t>(word >> 32); };
  const std::array words{static_cast<std::uint32_t>(low), upper_half(low), static_cast<std::uint32_t>(high), upper_half(high)};
  std::size_t size = words.size();
  while (size > 1 && words[size - 1] == 0) --size;
  initialize_by_array(std::span(words).first(size));
}

void PythonRandom::initialize(std::uint32_t seed) {
  state_[0] = seed;
  for (std::uint32_t i = 1; i < kStateSize; ++i) state_[i] = 1812433253U * (state_[i - 1] ^ (state_[i - 1] >> 30)) + i;
  next_ = kStateSize;
}

void PythonRandom::initialize_by_array(std::span<const std::uint32_t> key) {
  initialize(19650218U);
  std::size_t i = 1;
  const auto advance = [&] {
    if (++i == kStateSize) {
      state_[0] = state_[kStateSize - 1];
      i = 1;
    }
  };
  std::size_t j = 0;
  for (std::size_t count = std::max(kStateSize, key.size()); count > 0; --count) {
    const std::uint32_t previous = state_[i - 1];
    state_[i] = (state_[i] ^ ((previous ^ (previous >> 30)) * 1664525U)) + key[j] + static_cast<std::uint32_t>(j);
    j = (j + 1) % key.size();
    advance();
  }
  for (std::size_t count = kStateSize - 1; count > 0; --count) {
    const std::uint32_t previous = state_[i - 1];
    state_[i] = (state_[i] ^ ((previous ^ (previous >> 30)) * 1566083941U)) - static_cast<std::uint32_t>(i);
    advance();
  }
  state_[0] = 0x80000000U;
}

void PythonRandom::refill() {
  constexpr std::size_t kShift = 397;
  for (std::size_t i = 0; i < kStateSize; ++i) {
    const std::uint32_t y = (state_[i] & 0x80000000U) | (state_[(i + 1) % kStateSize] & 0x7FFFFFFFU);
    state_[i] = state_[(i + kShift) % kStateSize] ^ (y >> 1) ^ ((y & 1U) != 0 ? 0x9908B0DFU : 0U);
  }
  next_ = 0;
}

std::uint32_t PythonRandom::next_word() {
  if (next_ == kStateSize) refill();
  std::uint32_t y = state_[next_++];
  y ^= y >> 11;
  y ^= (y << 7) & 0x9D2C5680U;
  y ^= (y << 15) & 0xEFC60000U;
  y ^= y >> 18;
  return y;
}

std::uint64_t PythonRandom::getrandbits(unsigned bits) {
  assert(bits >= 1 && bits <= 64);
  if (bits <= 32) return next_word() >> (32 - bits);
  const std::uint64_t low = next_word();
  return low | (static_cast<std::uint64_t>(next_word() >> (64 - bits)) << 32);
}

double PythonRandom::random() {
  const std::uint32_t high = next_word() >> 5;
  const std::uint32_t low = next_word() >> 6;
  return (high * 67108864.0 + low) * (1.0 / 9007199254740992.0);
}

std::uint64_t PythonRandom::randbelow(std::uint64_t n) {
  assert(n > 0);
  const auto bits = static_cast<unsigned>(std::bit_width(n));
  std::uint64_t draw = getrandbits(bits);
  while (draw >= n) draw = getrandbits(bits);
  return draw;
}

double PythonRandom::gauss(double mu, double sigma) {
  std::optional<double> z = std::exchange(stored_gauss_, std::nullopt);
  if (!z) {
    const double angle = random() * (2.0 * std::numbers::pi);
    const double radius = std::sqrt(-2.0 * std::log(1.0 - random()));
    z = std::cos(angle) * radius;
    stored_gauss_ = std::sin(angle) * radius;
  }
  return mu + *z * sigma;
}

std::size_t PythonRandom::choice(std::span<const double> weights) {
  assert(!weights.empty());
  std::vector<double> cumulative;
  cumulative.reserve(weights.size());
  for (const double weight : weights) cumulative.push_back(cumulative.empty() ? weight : cumulative.back() + weight);
  const double total = cumulative.back() + 0.0;
  if (!(total > 0.0) || !std::isfinite(total))
    throw Error("cannot choose a token: the probabilities do not have a positive, finite sum");
  // bisect_right(cumulative, x, 0, n - 1): the last weight is chosen where rounding carries x to the total.
  const auto last = cumulative.end() - 1;
  return static_cast<std::size_t>(std::upper_bound(cumulative.begin(), last, random() * total) - cumulative.begin());
}

}  // namespace microgpt
