#include "microgpt/target.h"

#include "engine/targets.h"

#define MICROGPT_COMPILED(name, highway) std::pair{Target::name, std::int64_t{HWY_##highway}},
#include <hwy/targets.h>  // must come after engine/targets.h

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

namespace microgpt {
namespace {

constexpr std::pair<Target, std::int64_t> kCompiled[] = {MICROGPT_FOR_EACH_TARGET(MICROGPT_COMPILED)};

constexpr std::array kNames{
    std::pair{Target::avx512, std::string_view("avx512")}, std::pair{Target::avx2, std::string_view("avx2")},
    std::pair{Target::neon, std::string_view("neon")}, std::pair{Target::scalar, std::string_view("scalar")}};

// What the compiler may use everywhere runs wherever the program does; for the rest Highway looks at the processor.
bool runs_here(std::int64_t highway) {
  return (HWY_ENABLED_BASELINE & highway) != 0 || (hwy::SupportedTargets() & highway) != 0;
}

}  // namespace

std::string_view name_of(Target target) {
  return std::find_if(kNames.begin(), kNames.end(), [&](const auto& entry) { return entry.first == target; })->second;
}

std::span<const Target> available_targets() {
  static const std::vector<Target> available = [] {
    std::vector<Target> targets;
    for (const auto& [target, highway] : kCompiled)
      if (runs_here(highway)) targets.push_back(target);
    return targets;
  }();
  return available;
}

std::optional<Target> find_target(std::string_view name) {
  for (const Target target : available_targets())
    if (name_of(target) == name) return target;
  return std::nullopt;
}

std::string available_target_names() {
  std::string names;
  for (const Target target : available_targets()) names += (names.empty() ? "" : ", ") + std::string(name_of(target));
  return names;
}

}  // namespace microgpt
