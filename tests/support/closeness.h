// SPDX-License-Identifier: MIT
// Comparing numbers: bit by bit, or tensor by tensor within a share of the tensor's largest entry.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "microgpt/parameters.h"

namespace microgpt::testing {

// What is wrong, in words, or nothing. Both fail on tensors without elements and on lengths that differ.
std::optional<std::string> find_different_bits(std::span<const double> actual, std::span<const double> expected);

// |actual - expected| <= tolerance * max |expected| over each tensor of the table, or <= noise, what rounding alone may make
// of a derivative that is 0. NaN and infinity never pass. Elements for which `is_excused(index)` holds are left out, but not
// all of a tensor may be.
std::optional<std::string> find_far_element(const ParameterTable& table, std::span<const double> actual,
                                            std::span<const double> expected, double tolerance, double noise = 0.0,
                                            const std::function<bool(std::size_t)>& is_excused = {});

}  // namespace microgpt::testing
