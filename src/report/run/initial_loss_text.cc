// SPDX-License-Identifier: MIT
#include "report/run/initial_loss_text.h"

#include <fmt/format.h>

namespace microgpt {
namespace {

std::string describe_found(const InitialLoss& loss, std::string_view indent, std::string_view end) {
  return fmt::format("{0}The loss of {1} documents is {2:.3f}; random guessing costs ln {3} = {4:.3f}{5}\n", indent,
                     loss.documents, loss.mean, loss.vocab_size, loss.uniform, end);
}

}  // namespace

std::string describe_trained(const InitialLoss& loss, std::string_view indent) { return describe_found(loss, indent, "."); }

std::string describe(const InitialLoss& loss, std::string_view indent) {
  const std::string found = describe_found(loss, indent, ":") + std::string(indent);
  const double percent = 100.0 * loss.excess();
  if (!loss.suspicious()) return fmt::format("{}as it should be ({:+.1f}%), a fresh model knows nothing.\n", found, percent);
  return fmt::format(
      "{0}Warning: {2:+.0f}% is too far from it for a fresh model. The usual causes: initial\n"
      "{1}values that are too large, targets that are not the next tokens, or a model\n"
      "{1}that is not fresh.\n",
      found, indent, percent);
}

}  // namespace microgpt
