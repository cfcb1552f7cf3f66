// SPDX-License-Identifier: MIT
// Adam in double precision, as microgpt.py computes it. See the calls in optimizer_kernels.h.
//
// Divisions and roots take longer than all the rest, so that those by the two corrections, the same for all parameters, are
// products whose rounding is put right. Powers that need the C library are noted first and computed afterwards, together.
#include "simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "optimizer/kernels/adam_f64.cc"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include <algorithm>
#include <bit>
#include <cstdint>

#include "optimizer/kernels/optimizer_entry_points-inl.h"
#include "simd/doubles-inl.h"
#include "simd/powers-inl.h"

HWY_BEFORE_NAMESPACE();
namespace microgpt::optimizer_kernels::HWY_NAMESPACE {

using namespace doubles::HWY_NAMESPACE;

constexpr std::size_t kChunk = 256;  // parameters that are taken at a time: what is kept of them stays in the nearest cache

// Division of many numbers by one: 1/c in twice the digits gives a quotient that is off by little more than half a unit in the
// last place, and its remainder, which is exact, the one that is nearest (Markstein 1990). For dividends whose size is in the
// range, or 0, of which the sign may get lost; c: from 2^-60 to 1.
constexpr double kMinDividend = 0x1p-900;
constexpr double kMaxDividend = 0x1p900;

class Divisor {
 public:
  explicit DOUBLES_INLINE Divisor(double c)
      : c_(broadcast(c)),
        inverse_(hn::Div(broadcast(1.0), c_)),
        rest_(hn::Div(fused_neg_mul_add(inverse_, c_, broadcast(1.0)), c_)) {}

  DOUBLES_INLINE V divide(V x) const {
    if constexpr (!kHasFused) return divide_slowly(x);
    const V quotient = fused_mul_add(x, inverse_, hn::Mul(x, rest_));
    return fused_mul_add(fused_neg_mul_add(quotient, c_, x), inverse_, quotient);
  }

  DOUBLES_INLINE V divide_slowly(V x) const { return hn::Div(x, c_); }

 private:
  V c_;
  V inverse_;
  V rest_;
};

// The least and the largest of many sizes; 0 and what is no number do not count.
class Extremes {
 public:
  DOUBLES_INLINE Extremes() : least_(broadcast(1.0)), largest_(least_) {}

  // REQUIRES: x >= 0 or no number.
  DOUBLES_INLINE void note(V x) {
    largest_ = hn::Max(x, largest_);
    least_ = hn::Min(hn::IfThenElse(hn::Gt(x, zero()), x, least_), least_);
  }

  // REQUIRES: least <= 1 <= largest.
  DOUBLES_INLINE bool are_between(double least, double largest) const {
    return hn::AllTrue(Tag(), hn::And(hn::Ge(least_, broadcast(least)), hn::Le(largest_, broadcast(largest))));
  }

 private:
  V least_;
  V largest_;
};

// Which powers of a chunk pow must be called for. They are found without a branch for each vector, which nobody could predict.
class Doubtful {
 public:
  explicit DOUBLES_INLINE Doubtful(bool filtered) : all_(filtered ? 0 : kAllLanes) {}

  // Of the vector that begins at lane `first`, a vector after the one before.
  DOUBLES_INLINE void note(const Rounded& power, std::size_t first) {
    word_ = word_ >> 8 | (doubtful_lanes(power.is_certain) | all_) << 56;
    words_[first / kLanes / 8] = word_;
    sizes_.note(power.value);
  }

  // Makes patch(lane) of each of them among the `count` powers that were noted.
  template <typename Patch>
  DOUBLES_INLINE void patch(std::size_t count, double* powers, Patch patch) {
    const std::size_t vectors = count / kLanes;
    if (vectors % 8 != 0) words_[vectors / 8] >>= 8 * (8 - vectors % 8);
    if (HWY_UNLIKELY(!sizes_.are_between(kMinPower, kMaxPower)))
      for (std::size_t v = 0; v < vectors; ++v)
        words_[v / 8] |= doubtful_lanes(is_in_range(load(powers + v * kLanes))) << 8 * (v % 8);
    const std::size_t size = list((vectors + 7) / 8);
    for (std::size_t i = 0; i < size; ++i) powers[indices_[i]] = patch(indices_[i]);
  }

 private:
  static constexpr std::uint64_t kAllLanes = (1U << kLanes) - 1;

  static DOUBLES_INLINE std::uint64_t doubtful_lanes(M is_certain) {
    std::uint8_t bits[8];
    hn::StoreMaskBits(Tag(), is_certain, bits);
    return ~std::uint64_t{bits[0]} & kAllLanes;
  }

  // Fills indices_. A word has a few as a rule: so many are written in any case, which is no branch.
  DOUBLES_INLINE std::size_t list(std::size_t words) {
    constexpr std::size_t kMinWritten = 4;
    std::size_t size = 0;
    for (std::size_t w = 0; w < words; ++w) {
      std::uint64_t bits = words_[w];
      const auto number = static_cast<std::size_t>(std::popcount(bits));
      const auto write = [&](std::size_t i) {
        const auto bit = static_cast<std::size_t>(std::countr_zero(bits));
        indices_[size + i] = (w * 8 + bit / 8) * kLanes + bit % 8;
        bits &= bits - 1;
      };
      for (std::size_t i = 0; i < kMinWritten; ++i) write(i);
      for (std::size_t i = kMinWritten; i < number; ++i) write(i);
      size += number;
    }
    return size;
  }

  std::uint64_t all_;
  Extremes sizes_;
  std::uint64_t word_ = 0;
  std::uint64_t words_[(kChunk / kLanes + 7) / 8];  // a byte for each vector, in it a bit for each lane
  std::size_t indices_[kChunk + 8];
};

// REQUIRES: at most kChunk parameters, a multiple of kLanes.
DOUBLES_INLINE void adam_chunk(const AdamCallF64& call, std::size_t count, double* HWY_RESTRICT parameters,
                               const double* HWY_RESTRICT gradient, double* HWY_RESTRICT ms, double* HWY_RESTRICT vs) {
  HWY_ALIGN double powers[kChunk];
  const V factor = broadcast(call.gradient_factor);
  const V beta1 = broadcast(call.beta1), rest1 = broadcast(1.0 - call.beta1);
  Doubtful squares(call.powers.filtered);
  Extremes sizes;
  for (std::size_t i = 0; i < count; i += kLanes) {
    const V g = hn::Mul(factor, load(gradient + i));
    const V m = hn::Add(hn::Mul(beta1, load(ms + i)), hn::Mul(rest1, g));
    store(m, ms + i);
    sizes.note(hn::Abs(m));
    const Rounded s = square(g);
    store(s.value, powers + i);
    squares.note(s, i);
  }
  squares.patch(count, powers, [&](std::size_t i) { return call.powers.pow(call.gradient_factor * gradient[i], 2.0); });

  const V beta2 = broadcast(call.beta2), rest2 = broadcast(1.0 - call.beta2);
  const Divisor v_correction(call.v_correction);
  Doubtful roots(call.powers.filtered);
  for (std::size_t i = 0; i < count; i += kLanes) {
    const V v = hn::Add(hn::Mul(beta2, load(vs + i)), hn::Mul(rest2, load(powers + i)));
    store(v, vs + i);
    // Where the quotient may be wrong, the root is not in range.
    const Rounded r = root(v_correction.divide(v));
    store(r.value, powers + i);
    roots.note(r, i);
  }
  roots.patch(count, powers, [&](std::size_t i) { return call.powers.pow(vs[i] / call.v_correction, 0.5); });

  const V rate = broadcast(call.learning_rate), epsilon = broadcast(call.epsilon), keep = broadcast(call.keep);
  const Divisor m_correction(call.m_correction);
  const bool can_divide = sizes.are_between(kMinDividend, kMaxDividend);
  for (std::size_t i = 0; i < count; i += kLanes) {
    const V m = HWY_LIKELY(can_divide) ? m_correction.divide(load(ms + i)) : m_correction.divide_slowly(load(ms + i));
    const V step = hn::Div(hn::Mul(rate, m), hn::Add(load(powers + i), epsilon));
    store(hn::Sub(hn::Mul(load(parameters + i), keep), step), parameters + i);
  }
}

void adam_f64(const AdamCallF64& call) {
  const std::size_t size = call.parameters.size();
  const std::size_t whole = size / kLanes * kLanes;
  double* const parameters = call.parameters.data();
  const double* const gradient = call.gradient.data();
  double* const ms = call.m.data();
  double* const vs = call.v.data();
  for (std::size_t i = 0; i < whole; i += kChunk)
    adam_chunk(call, std::min(kChunk, whole - i), parameters + i, gradient + i, ms + i, vs + i);
  if (whole == size) return;
  double last[4][kLanes] = {};
  const auto copy_last = [&](const double* from, double* to) { std::copy_n(from + whole, size - whole, to); };
  copy_last(parameters, last[0]);
  copy_last(gradient, last[1]);
  copy_last(ms, last[2]);
  copy_last(vs, last[3]);
  adam_chunk(call, kLanes, last[0], last[1], last[2], last[3]);
  std::copy_n(last[0], size - whole, parameters + whole);
  std::copy_n(last[2], size - whole, ms + whole);
  std::copy_n(last[3], size - whole, vs + whole);
}

}  // namespace microgpt::optimizer_kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
