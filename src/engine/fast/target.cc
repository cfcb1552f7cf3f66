#include "microgpt/target.h"

#include <hwy/targets.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>
#include <vector>

#include "engine/fast/kernels/kernels.h"

namespace microgpt {
namespace {

constexpr std::array kNames{
    std::pair{Target::avx512, std::string_view("avx512")}, std::pair{Target::avx2, std::string_view("avx2")},
    std::pair{Target::neon, std::string_view("neon")}, std::pair{Target::scalar, std::string_view("scalar")}};

bool runs_here(const TargetKernels& kernels) {
  return kernels.target == Target::scalar || (hwy::SupportedTargets() & kernels.bit) != 0;
}

}  // namespace

std::string_view name_of(Target target) {
  return std::find_if(kNames.begin(), kNames.end(), [&](const auto& entry) { return entry.first == target; })->second;
}

std::span<const Target> available_targets() {
  static const std::vector<Target> available = [] {
    std::vector<Target> targets;
    for (const TargetKernels& kernels : compiled_kernels())
      if (runs_here(kernels)) targets.push_back(kernels.target);
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

const Kernels& kernels_for(Target target) {
  const auto compiled = compiled_kernels();
  const auto found = std::find_if(compiled.begin(), compiled.end(), [&](const TargetKernels& k) { return k.target == target; });
  assert(found != compiled.end());
  return *found->kernels;
}

}  // namespace microgpt
