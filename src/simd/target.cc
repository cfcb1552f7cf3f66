// SPDX-License-Identifier: MIT
#include "simd/target.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "simd/targets.h"

namespace microgpt {
namespace {

#define MICROGPT_COMPILED(name, highway) std::pair{Target::name, std::int64_t{HWY_##highway}},
constexpr std::pair<Target, std::int64_t> kCompiled[] = {MICROGPT_FOR_EACH_TARGET(MICROGPT_COMPILED)};
#undef MICROGPT_COMPILED

constexpr std::array kNames{
    std::pair{Target::avx512, std::string_view("avx512")}, std::pair{Target::avx2, std::string_view("avx2")},
    std::pair{Target::neon, std::string_view("neon")}, std::pair{Target::wasm, std::string_view("wasm")},
    std::pair{Target::scalar, std::string_view("scalar")}};

#if HWY_ARCH_X86
// What the compiler may use in the kernels. Highway could tell it, but its library, as it is loaded, times the processor's
// clock for milliseconds.
bool has_avx2() {
  return __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0 && __builtin_cpu_supports("bmi") != 0 &&
         __builtin_cpu_supports("bmi2") != 0;
}

bool has_avx512() {
  return has_avx2() && __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512cd") != 0 &&
         __builtin_cpu_supports("avx512bw") != 0 && __builtin_cpu_supports("avx512dq") != 0 &&
         __builtin_cpu_supports("avx512vl") != 0;
}

bool this_processor_has(std::int64_t highway) {
  return (highway == HWY_AVX3 && has_avx512()) || (highway == HWY_AVX2 && has_avx2());
}
#else
bool this_processor_has(std::int64_t) { return false; }
#endif

// What the compiler may use everywhere runs wherever the program does.
bool runs_here(std::int64_t highway) { return (HWY_ENABLED_BASELINE & highway) != 0 || this_processor_has(highway); }

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
