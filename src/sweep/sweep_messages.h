// SPDX-License-Identifier: MIT
// What the ranks of a sweep say to each other; sweep_coordinator.h says when.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "engine/libm_variant.h"
#include "parallel/thread_team.h"

namespace microgpt {

inline constexpr std::chrono::milliseconds kTimeBetweenMeetings{10};
inline constexpr std::size_t kMaxHandedOut = 32;  // in an answer: one for each thread that a rank may have
static_assert(kMaxHandedOut >= ThreadTeam::kMaxThreads);

// Whether there is a sweep, and of how many bytes what follows is.
struct SweepOrder {
  bool begin = false;
  std::size_t name = 0;
  std::size_t corpus = 0;
  std::size_t configurations = 0;
};

// Of another rank, once it is told to begin.
struct SweepGreeting {
  std::size_t threads = 0;
  LibmVariant libm = LibmVariant::other;
};

// What another rank says when all meet: how many configurations it has need of, and of how many bytes what follows is.
struct RankReport {
  std::size_t wanted = 0;
  std::size_t results = 0;
  std::size_t failure = 0;
};

struct RankAnswer {
  bool go_on = true;
  std::size_t count = 0;
  std::array<std::uint32_t, kMaxHandedOut> numbers{};
};

inline std::span<std::byte> bytes_of_text(std::string& text) { return std::as_writable_bytes(std::span(text)); }

}  // namespace microgpt
