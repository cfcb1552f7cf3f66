#include "io/memory.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <string_view>

namespace microgpt {
namespace {

namespace fs = std::filesystem;

// A limit of so much or more is none: version 1 says that by the largest number of whole pages.
constexpr std::uint64_t kNoLimit = std::uint64_t{1} << 62;

// A file that is not there, or says "max", sets no limit.
std::uint64_t limit_in(const fs::path& file) {
  std::uint64_t limit = kNoLimit;
  std::ifstream stream(file);
  return stream >> limit ? limit : kNoLimit;
}

// The least limit of the folder `root`/`path` and those above it, up to `root`.
std::uint64_t least_limit(const fs::path& root, const fs::path& path, const char* file) {
  std::uint64_t least = limit_in(root / file);
  fs::path folder = root;
  for (const fs::path& name : path.relative_path()) {
    folder /= name;
    least = std::min(least, limit_in(folder / file));
  }
  return least;
}

bool has_word(std::string_view list, std::string_view word) {
  for (std::size_t end = 0; !list.empty(); list.remove_prefix(std::min(end + 1, list.size()))) {
    end = std::min(list.find(','), list.size());
    if (list.substr(0, end) == word) return true;
  }
  return false;
}

// Of a line "NUMBER:CONTROLLERS:PATH".
std::uint64_t limit_of_group(std::string_view line, const fs::path& root) {
  const std::size_t first = line.find(':');
  const std::size_t second = line.find(':', first + 1);
  if (first == std::string_view::npos || second == std::string_view::npos) return kNoLimit;
  const std::string_view controllers = line.substr(first + 1, second - first - 1);
  const std::string_view path = line.substr(second + 1);
  if (controllers.empty())
    return std::min(least_limit(root, path, "memory.max"), least_limit(root / "unified", path, "memory.max"));
  return has_word(controllers, "memory") ? least_limit(root / "memory", path, "memory.limit_in_bytes") : kNoLimit;
}

}  // namespace

std::uint64_t physical_memory() {
  return static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<std::uint64_t>(sysconf(_SC_PAGE_SIZE));
}

std::optional<std::uint64_t> control_group_memory(const std::string& process_groups, const std::string& root) {
  std::uint64_t least = kNoLimit;
  std::ifstream groups(process_groups);
  for (std::string line; std::getline(groups, line);) least = std::min(least, limit_of_group(line, root));
  return least < kNoLimit ? std::optional(least) : std::nullopt;
}

std::uint64_t usable_memory() { return std::min(physical_memory(), control_group_memory().value_or(kNoLimit)); }

std::string describe_memory(double bytes) {
  constexpr std::array kUnits{"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  std::size_t unit = 0;
  for (; bytes >= 1024.0 && unit + 1 < kUnits.size(); ++unit) bytes /= 1024.0;
  return fmt::format("{:.{}f} {}", bytes, unit == 0 ? 0 : 1, kUnits[unit]);
}

}  // namespace microgpt
