// SPDX-License-Identifier: MIT
#include "bench/machine.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <fstream>
#include <thread>

#include "bench/child_process.h"
#include "simd/target.h"

namespace microgpt::bench {
namespace {

std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

std::string cpu_model() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("model name") && line.find(": ") != std::string::npos) return line.substr(line.find(": ") + 2);
  return "unknown";
}

std::vector<std::string> caches() {
  std::vector<std::string> caches;
  for (int i = 0;; ++i) {
    const std::string folder = fmt::format("/sys/devices/system/cpu/cpu0/cache/index{}/", i);
    const std::string level = first_line(folder + "level");
    if (level.empty()) return caches;
    caches.push_back(fmt::format("L{} {} {}", level, first_line(folder + "type"), first_line(folder + "size")));
  }
}

std::string compiler() {
#if defined(__clang__)
  return "clang " __clang_version__;
#else
  return "g++ " __VERSION__;
#endif
}

std::string git(const std::string& arguments) {
  return output_of({"sh", "-c", "git -C \"$0\" " + arguments + " 2>/dev/null", MICROGPT_SOURCE_DIR});
}

double load() {
  double load = 0.0;
  return getloadavg(&load, 1) == 1 ? load : 0.0;
}

}  // namespace

Machine this_machine() {
  Machine machine{.cpu = cpu_model(),
                  .cores = std::thread::hardware_concurrency(),
                  .caches = caches(),
                  .targets = {},
                  .compiler = compiler(),
                  .commit = git("rev-parse HEAD"),
                  .modified = !git("status --porcelain").empty(),
                  .load = load()};
  for (const Target target : available_targets()) machine.targets.emplace_back(name_of(target));
  return machine;
}

}  // namespace microgpt::bench
