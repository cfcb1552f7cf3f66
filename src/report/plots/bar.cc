// SPDX-License-Identifier: MIT
#include "report/plots/bar.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace microgpt {

std::string bar(double fraction, std::size_t width) {
  static constexpr std::array<const char*, 8> kEighths{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const double eighths = std::clamp(fraction, 0.0, 1.0) * static_cast<double>(8 * width);
  const auto filled = static_cast<std::size_t>(std::lround(eighths));
  std::string text;
  for (std::size_t i = 0; i < filled / 8; ++i) text += "█";
  return text + kEighths[filled % 8];
}

}  // namespace microgpt
