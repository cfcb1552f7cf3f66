// SPDX-License-Identifier: MIT
// CPython's `random` module, as far as microgpt.py uses it, bit for bit.
//
// The generator is MT19937 (Matsumoto and Nishimura 1998); everything on top of it follows the documented behaviour of
// CPython's random.Random: 53-bit floats, rejection sampling below n, Fisher-Yates from the end, Box-Muller in pairs.
// One object is one stream of draws: the order of the calls is part of the result. Not for concurrent use.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

namespace microgpt {

class PythonRandom {
 public:
  // random.seed(seed) with an int.
  explicit PythonRandom(std::uint64_t seed) : PythonRandom(seed, 0) {}

  // random.seed(low + (high << 64)).
  PythonRandom(std::uint64_t low, std::uint64_t high);

  // 32 fresh bits of the Mersenne Twister.
  std::uint32_t next_word();

  // getrandbits(bits). REQUIRES: 1 <= bits <= 64.
  std::uint64_t getrandbits(unsigned bits);

  // random(): uniform in [0, 1), a multiple of 2^-53.
  double random();

  // _randbelow(n): uniform in [0, n). REQUIRES: n > 0.
  std::uint64_t randbelow(std::uint64_t n);

  // gauss(mu, sigma). Draws even where sigma is 0; every second value is a stored one.
  double gauss(double mu, double sigma);

  // shuffle(items).
  template <typename T>
  void shuffle(std::span<T> items) {
    for (std::size_t i = items.size(); i-- > 1;) std::swap(items[i], items[randbelow(i + 1)]);
  }

  // choices(range(len(weights)), weights)[0]. Throws Error where Python raises: a sum that is not positive and finite.
  std::size_t choice(std::span<const double> weights);

 private:
  static constexpr std::size_t kStateSize = 624;

  void initialize(std::uint32_t seed);
  void initialize_by_array(std::span<const std::uint32_t> key);
  void refill();

  std::array<std::uint32_t, kStateSize> state_{};
  std::size_t next_ = kStateSize;
  std::optional<double> stored_gauss_;
};

}  // namespace microgpt
