// SPDX-License-Identifier: MIT
// Products of probabilities as text. They are taken from the sum of the losses, as a product of some hundred is 0 as a double.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace microgpt {

// e to the power of -nats, with so many digits at most: "0.00010887", "3.1e-9", "1.2e-1234"; "0" only where nats are infinite.
// REQUIRES: not NaN; digits >= 1.
std::string product_text(double nats, int digits = 5);

// "0.049 × 0.16 × … × 0.13 = 3.1e-9, and −ln of that is 19.6, the sum; divided by 9 it is 2.18, the mean.": the first factors,
// `shown` at most, and the last. `nats` is the sum of the losses. REQUIRES: a factor; shown >= 1.
std::string product_sentence(std::span<const std::string> factors, double nats, std::size_t shown);

}  // namespace microgpt
