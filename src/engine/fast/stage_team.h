// SPDX-License-Identifier: MIT
// Who computes a stage of a shard: the calling thread, or a team of threads that take a part of it each.
//
// Stages are cut where every number is computed in one part, and in the same order as if there were one: the bits do not
// depend on the team. A part is worth more than what it costs to wake somebody for it only where models are large.
#pragma once

#include <algorithm>
#include <cstddef>

#include "engine/fast/panels.h"
#include "parallel/thread_team.h"
#include "simd/denormals_as_zero.h"

namespace microgpt::fast {

class StageTeam {
 public:
  // The team must outlive it; null, or of one: the calling thread.
  explicit StageTeam(ThreadTeam* team = nullptr) : team_(team != nullptr && team->size() > 1 ? team : nullptr) {}

  std::size_t size() const { return team_ == nullptr ? 1 : team_->size(); }

  // compute(begin, end) of rows that begin at multiples of kRowsOfPart.
  template <typename Compute>
  void for_rows(std::size_t rows, const Compute& compute) const {
    if (team_ == nullptr) return compute(0, rows);
    const std::size_t most = (rows + kRowsOfPart - 1) / kRowsOfPart;
    const std::size_t parts = std::clamp<std::size_t>(kPartsPerThread * size(), 1, std::max<std::size_t>(most, 1));
    const auto begin_of = [&](std::size_t i) { return i == parts ? rows : most * i / parts * kRowsOfPart; };
    for_each(parts, [&](std::size_t i, std::size_t) { compute(begin_of(i), begin_of(i + 1)); });
  }

  // compute(first, last) of the panels of a matrix, where `last` may be more than there are.
  template <typename T, typename Compute>
  void for_panels(const PanelView<T>& matrix, const Compute& compute) const {
    if (team_ == nullptr) return compute(0, matrix.vectors);
    for_each(matrix.panel_count(), [&](std::size_t i, std::size_t) { compute(i, i + 1); });
  }

  // compute(i, thread) of each i below `count`.
  template <typename Compute>
  void for_each(std::size_t count, const Compute& compute) const {
    if (team_ == nullptr) {
      for (std::size_t i = 0; i < count; ++i) compute(i, 0);
      return;
    }
    team_->for_each(count, [&](std::size_t i, std::size_t thread) {
      const DenormalsAsZero scope;
      compute(i, thread);
    });
  }

 private:
  // As products take them (kernels/product.cc); and more parts than threads, as these are not equally fast at all times.
  static constexpr std::size_t kRowsOfPart = 96;
  static constexpr std::size_t kPartsPerThread = 4;

  ThreadTeam* team_;
};

}  // namespace microgpt::fast
