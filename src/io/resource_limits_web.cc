// SPDX-License-Identifier: MIT
// The memory of WebAssembly: 4 GiB can be addressed, and what the browser does not give is an error then.
#include <fmt/format.h>

#include "io/resource_limits.h"

namespace microgpt {

std::vector<ControlGroupFolder> control_group_folders(std::string_view, const std::string&, const std::string&) { return {}; }

std::uint64_t physical_memory() { return std::uint64_t{1} << 32; }

std::optional<std::uint64_t> control_group_memory(const std::string&, const std::string&) { return std::nullopt; }

std::uint64_t machine_memory() { return physical_memory(); }

std::optional<std::uint64_t> address_space_limit() { return std::nullopt; }

std::uint64_t usable_memory() { return physical_memory(); }

void return_freed_memory() {}

void keep_freed_memory() {}

}  // namespace microgpt
