// SPDX-License-Identifier: MIT
#include "report/explanation/attention_layers.h"

#include <fmt/format.h>

#include <algorithm>

#include "report/plots/short_symbol.h"

namespace microgpt {
namespace {

constexpr double kNearlyAll = 0.95;

}  // namespace

std::string AttentionLayers::only_place(std::size_t layer, std::size_t head) const {
  double first = 1.0, before = 1.0, itself = 1.0;  // the least that any position takes of it
  for (std::size_t position = 0; position < explanation_.positions.size(); ++position) {
    const std::span<const double> weights = row(layer, head, position);
    first = std::min(first, weights.front());
    itself = std::min(itself, weights.back());
    if (weights.size() > 1) before = std::min(before, weights[weights.size() - 2]);
  }
  const auto sentence = [](const std::string& place, double least) {
    const double percent = std::floor(100.0 * least);
    return fmt::format("looks only at {}: {:.0f}%{}", place, percent, percent < 100.0 ? " or more" : "");
  };
  const PositionLoss& last = explanation_.positions.back();
  if (first >= kNearlyAll)
    return sentence(last.attention_begin > 0
                        ? "the first position that it sees"
                        : fmt::format("position 0, {}", short_symbol(explanation_.positions.front().input_symbol)),
                    first);
  if (before >= kNearlyAll) return sentence("the position before", before);
  return itself >= kNearlyAll ? sentence("the position itself", itself) : "";
}

bool AttentionLayers::is_blank(std::size_t layer, std::size_t head, const AttentionPanel& panel) const {
  for (std::size_t position = panel.begin; position < panel.row_end; ++position) {
    const std::size_t end = std::min(panel.column_end, position + 1);
    for (std::size_t of = std::max(panel.begin, explanation_.positions[position].attention_begin); of < end; ++of)
      if (percent(layer, head, position, of) != 0) return false;
  }
  return true;
}

std::string AttentionLayers::name_of(std::size_t head, const AttentionPanel& panel) const {
  const bool has_all = panel.begin == 0 && panel.column_end == explanation_.positions.size();
  return fmt::format("head {}{}", explanation_.heads[head],
                     has_all ? "" : fmt::format(", of positions {} to {}", panel.begin, panel.column_end - 1));
}

}  // namespace microgpt
