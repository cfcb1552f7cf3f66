// SPDX-License-Identifier: MIT
#include "report/probability_product.h"

#include <fmt/format.h>

#include <cmath>
#include <numbers>

namespace microgpt {
namespace {

// "3.1e-9" of "3.1e-09": as people write it.
std::string without_exponent_zeros(std::string text) {
  const std::size_t zero = text.find("e-0");
  if (zero != std::string::npos) text.erase(zero + 2, 1);
  return text;
}

std::string nats_text(double nats) { return std::isinf(nats) ? "∞" : fmt::format("{:.3f}", nats); }

}  // namespace

std::string product_text(double nats, int digits) {
  constexpr double kLeast = 1e-300;  // below it a double has fewer digits, and soon none
  const double product = std::exp(-nats);
  if (product >= kLeast || std::isinf(nats)) return without_exponent_zeros(fmt::format("{:.{}g}", product, digits));
  const double logarithm = -nats / std::numbers::ln10;
  const double exponent = std::floor(logarithm);
  const std::string mantissa = fmt::format("{:.{}g}", std::pow(10.0, logarithm - exponent), digits);
  return mantissa == "10" ? fmt::format("1e{:.0f}", exponent + 1.0) : fmt::format("{}e{:.0f}", mantissa, exponent);
}

std::string product_sentence(std::span<const std::string> factors, double nats, std::size_t shown) {
  std::string text;
  for (std::size_t i = 0; i < factors.size(); ++i) {
    const bool is_last = i + 1 == factors.size();
    if (i == shown && !is_last) text += " × …";
    if (i < shown || is_last) text += (i == 0 ? "" : " × ") + factors[i];
  }
  if (factors.size() == 1) return text + fmt::format(": −ln of that is {}, the loss.", nats_text(nats));
  return text + fmt::format(" = {}, and −ln of that is {}, the sum; divided by {} it is {}, the mean.", product_text(nats),
                            nats_text(nats), factors.size(), nats_text(nats / static_cast<double>(factors.size())));
}

}  // namespace microgpt
