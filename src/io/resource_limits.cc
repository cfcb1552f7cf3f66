// SPDX-License-Identifier: MIT
#include "io/resource_limits.h"

#include <fmt/format.h>
#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>

namespace microgpt {
namespace {

namespace fs = std::filesystem;

bool has_word(std::string_view list, std::string_view word) {
  for (std::size_t end = 0; !list.empty(); list.remove_prefix(std::min(end + 1, list.size()))) {
    end = std::min(list.find(','), list.size());
    if (list.substr(0, end) == word) return true;
  }
  return false;
}

// The folder `root`/`path` and those above it, from `root` on.
void append_folders(fs::path root, const fs::path& path, int version, std::vector<ControlGroupFolder>& folders) {
  folders.push_back({root, version});
  for (const fs::path& name : path.relative_path()) {
    root /= name;
    folders.push_back({root, version});
  }
}

// Of a line "NUMBER:CONTROLLERS:PATH".
void append_folders_of(std::string_view line, std::string_view controller, const fs::path& root,
                       std::vector<ControlGroupFolder>& folders) {
  const std::size_t first = line.find(':');
  const std::size_t second = line.find(':', first + 1);
  if (first == std::string_view::npos || second == std::string_view::npos) return;
  const std::string_view controllers = line.substr(first + 1, second - first - 1);
  const std::string_view path = line.substr(second + 1);
  if (controllers.empty()) {
    append_folders(root, path, 2, folders);
    append_folders(root / "unified", path, 2, folders);
  } else if (has_word(controllers, controller)) {
    append_folders(root / controller, path, 1, folders);
  }
}

// A limit of so much or more is none: version 1 says that by the largest number of whole pages.
constexpr std::uint64_t kNoLimit = std::uint64_t{1} << 62;

// A file that is not there, or says "max", sets no limit.
std::uint64_t limit_in(const std::filesystem::path& file) {
  std::uint64_t limit = kNoLimit;
  std::ifstream stream(file);
  return stream >> limit ? limit : kNoLimit;
}

}  // namespace

std::vector<ControlGroupFolder> control_group_folders(std::string_view controller, const std::string& process_groups,
                                                      const std::string& root) {
  std::vector<ControlGroupFolder> folders;
  std::ifstream groups(process_groups);
  for (std::string line; std::getline(groups, line);) append_folders_of(line, controller, root, folders);
  return folders;
}

std::uint64_t physical_memory() {
  return static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<std::uint64_t>(sysconf(_SC_PAGE_SIZE));
}

std::optional<std::uint64_t> control_group_memory(const std::string& process_groups, const std::string& root) {
  std::uint64_t least = kNoLimit;
  for (const auto& [folder, version] : control_group_folders("memory", process_groups, root))
    least = std::min(least, limit_in(folder / (version == 2 ? "memory.max" : "memory.limit_in_bytes")));
  return least < kNoLimit ? std::optional(least) : std::nullopt;
}

std::uint64_t machine_memory() { return std::min(physical_memory(), control_group_memory().value_or(kNoLimit)); }

std::optional<std::uint64_t> address_space_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return std::nullopt;
  return limit.rlim_cur;
}

std::uint64_t usable_memory() { return std::min(machine_memory(), address_space_limit().value_or(kNoLimit)); }

void return_freed_memory() {
#if defined(__GLIBC__)
  // The first call sets up the C library's allocator where another one stands in for it, which threads must not do at once.
  [[maybe_unused]] static const int first = malloc_trim(0);
  malloc_trim(0);
#endif
}

void keep_freed_memory() {
#if defined(__GLIBC__)
  constexpr int kMax = 16 << 20;
  mallopt(M_MMAP_THRESHOLD, kMax);
  mallopt(M_TRIM_THRESHOLD, 2 * kMax);
#endif
}

}  // namespace microgpt
