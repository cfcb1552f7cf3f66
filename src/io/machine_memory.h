// SPDX-License-Identifier: MIT
// How much memory there is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "io/control_groups.h"

namespace microgpt {

// In bytes; what this machine has, whoever uses it.
std::uint64_t physical_memory();

// The least that the control groups of this process (control_groups.h) may use; nothing where they may use any amount or where
// there are none. The limits are those in memory.max, or of the first version of the interface in memory.limit_in_bytes.
std::optional<std::uint64_t> control_group_memory(const std::string& process_groups = kProcessGroups,
                                                  const std::string& root = kControlGroupsRoot);

// The lesser of the two, which all processes share that run here. More than that, and the system may kill them.
std::uint64_t machine_memory();

// How much this process may map (RLIMIT_AS, which `ulimit -v` and batch systems set); nothing where that is any amount.
std::optional<std::uint64_t> address_space_limit();

// What this process may use: the least of all.
std::uint64_t usable_memory();

// Gives back to the system what was freed and the allocator keeps for later: for the moment after work that took much memory in
// small pieces and before work that takes it otherwise. Does nothing where the C library does not offer it.
void return_freed_memory();

// Keeps what is freed in pieces of up to some megabytes, as what batches need is freed and asked for again each time: to get it
// from the system takes a fifth of the time of scoring. To be called first by a program, which alone may say how it takes
// memory; the library does not. Does nothing where the C library does not offer it.
void keep_freed_memory();

// "15.6 GiB", for messages.
std::string describe_memory(double bytes);

}  // namespace microgpt
