// SPDX-License-Identifier: MIT
#include "scoring/held_out_excess.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "io/file.h"
#include "io/json.h"

namespace microgpt {
namespace {

constexpr std::string_view kHeldOutFormat = "microgpt held-out excess";
constexpr std::uint64_t kHeldOutVersion = 1;

double excess_of(const std::string& file, const Json& value) {
  if (!value.is_number()) throw damaged(fmt::format("{}: excess has what is no number", file));
  return value.number();
}

HeldOutExcess::Group group_from_json(const std::string& file, const Json& value) {
  require_fields_among(file, value, {"longest", "excess"});
  HeldOutExcess::Group group{integer_field(file, value, "longest"), {}};
  const Json& excess = json_field(file, value, "excess");
  if (!excess.is_array() || excess.elements().empty()) throw damaged(fmt::format("{}: excess is no list of numbers", file));
  for (const Json& each : excess.elements()) group.excess.push_back(excess_of(file, each));
  if (!std::is_sorted(group.excess.begin(), group.excess.end()))
    throw damaged(fmt::format("{}: the numbers of excess do not ascend", file));
  return group;
}

}  // namespace

HeldOutExcess::HeldOutExcess(const std::vector<DocumentLoss>& documents) {
  std::vector<std::pair<std::size_t, double>> kept;  // positions, excess
  const std::size_t count = std::min(documents.size(), kMaxDocuments);
  for (std::size_t i = 0; i < count; ++i) {
    const DocumentLoss& document = documents[i * documents.size() / count];
    kept.emplace_back(document.positions, document.excess());
  }
  std::sort(kept.begin(), kept.end());
  for (std::size_t i = 0; i < kept.size(); ++i) {
    const bool is_another_length = i > 0 && kept[i].first != kept[i - 1].first;
    const bool are_enough = !groups_.empty() && groups_.back().excess.size() >= kGroupSize && kept.size() - i >= kGroupSize;
    if (groups_.empty() || (is_another_length && are_enough)) groups_.emplace_back();
    groups_.back().longest = kept[i].first;
    groups_.back().excess.push_back(kept[i].second);
  }
  for (Group& group : groups_) std::sort(group.excess.begin(), group.excess.end());
}

const HeldOutExcess::Group& HeldOutExcess::group_of(const DocumentLoss& loss) const {
  const auto found =
      std::find_if(groups_.begin(), groups_.end(), [&](const Group& group) { return loss.positions <= group.longest; });
  return found == groups_.end() ? groups_.back() : *found;
}

double HeldOutExcess::p_value(const DocumentLoss& loss) const {
  const std::vector<double>& excess = group_of(loss).excess;
  const auto at_least = std::distance(std::lower_bound(excess.begin(), excess.end(), loss.excess()), excess.end());
  return static_cast<double>(1 + at_least) / static_cast<double>(1 + excess.size());
}

double HeldOutExcess::rank(const DocumentLoss& loss) const {
  // Less than p-values may differ by.
  constexpr double kTie = 1e-9;
  return -p_value(loss) + kTie * std::atan(loss.excess());
}

std::string held_out_to_json(const HeldOutExcess& excess) {
  Json groups = Json::array();
  for (const HeldOutExcess::Group& group : excess.groups())
    groups.push_back(Json::object({{"longest", group.longest}, {"excess", group.excess}}));
  return dump(Json::object({{"format", kHeldOutFormat}, {"version", kHeldOutVersion}, {"groups", std::move(groups)}})) + "\n";
}

HeldOutExcess held_out_from_json(const std::string& file, std::string_view text) {
  const Json json = parse_json(file, text);
  require_fields_among(file, json, {"format", "version", "groups"});
  if (text_field(file, json, "format") != kHeldOutFormat || integer_field(file, json, "version") != kHeldOutVersion)
    throw damaged(fmt::format("{} is not a held-out excess of version {}", file, kHeldOutVersion));
  const Json& list = json_field(file, json, "groups");
  if (!list.is_array() || list.elements().empty()) throw damaged(fmt::format("{}: groups is no list of some", file));
  std::vector<HeldOutExcess::Group> groups;
  for (const Json& group : list.elements()) {
    groups.push_back(group_from_json(file, group));
    if (groups.size() > 1 && groups.back().longest <= groups[groups.size() - 2].longest)
      throw damaged(fmt::format("{}: the groups are not in the order of their lengths", file));
  }
  return HeldOutExcess(std::move(groups));
}

}  // namespace microgpt
