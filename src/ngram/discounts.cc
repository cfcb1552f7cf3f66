// SPDX-License-Identifier: MIT
#include "ngram/discounts.h"

#include <cstddef>

namespace microgpt {

Discounts::Discounts(std::span<const std::uint32_t> counts) {
  std::array<double, kMax + 2> n{};
  for (const std::uint32_t count : counts)
    if (count < n.size()) n[count] += 1.0;
  const double y = n[1] / (n[1] + 2.0 * n[2]);
  for (std::size_t k = 1; k <= kMax; ++k) {
    const auto count = static_cast<double>(k);
    const double discount = count - (count + 1.0) * y * n[k + 1] / n[k];
    const bool is_defined = n[1] > 0.0 && n[2] > 0.0 && n[k] > 0.0 && n[k + 1] > 0.0;
    discounts_[k] = is_defined && discount > 0.0 ? discount : count / 2.0;
  }
}

}  // namespace microgpt
