// SPDX-License-Identifier: MIT
#include "support/closeness.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

namespace microgpt::testing {
namespace {

std::optional<std::string> find_wrong_size(std::size_t actual, std::size_t expected) {
  if (expected == 0) return "nothing is expected: the comparison would say nothing";
  if (actual != expected) return fmt::format("{} numbers instead of {}", actual, expected);
  return std::nullopt;
}

}  // namespace

std::optional<std::string> find_different_bits(std::span<const double> actual, std::span<const double> expected) {
  if (auto wrong = find_wrong_size(actual.size(), expected.size())) return wrong;
  for (std::size_t i = 0; i < actual.size(); ++i)
    if (std::bit_cast<std::uint64_t>(actual[i]) != std::bit_cast<std::uint64_t>(expected[i]))
      return fmt::format("element {} is {:a} instead of {:a}", i, actual[i], expected[i]);
  return std::nullopt;
}

std::optional<std::string> find_far_element(const ParameterTable& table, std::span<const double> actual,
                                            std::span<const double> expected, double tolerance, double noise,
                                            const std::function<bool(std::size_t)>& is_excused) {
  if (auto wrong = find_wrong_size(actual.size(), expected.size())) return wrong;
  if (auto wrong = find_wrong_size(expected.size(), table.parameter_count())) return wrong;
  for (const Tensor& tensor : table.tensors()) {
    double largest = 0.0;
    for (const double e : expected.subspan(tensor.offset, tensor.size())) largest = std::max(largest, std::abs(e));
    if (!std::isfinite(largest)) return fmt::format("{}: what is expected is not finite", tensor.name);
    std::size_t compared = 0;
    for (std::size_t i = tensor.offset; i < tensor.offset + tensor.size(); ++i) {
      if (is_excused && is_excused(i)) continue;
      ++compared;
      if (!(std::abs(actual[i] - expected[i]) <= std::max(noise, tolerance * largest)))
        return fmt::format("{} is {} instead of {}; the largest of its tensor is {}", table.name_of(i), actual[i], expected[i],
                           largest);
    }
    if (compared == 0) return fmt::format("{}: every element is excused", tensor.name);
  }
  return std::nullopt;
}

}  // namespace microgpt::testing
