// SPDX-License-Identifier: MIT
// What was measured of one workload. Times are seconds.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "bench/series.h"
#include "bench/stage_split.h"
#include "bench/torch_peer.h"
#include "engine/engine.h"
#include "simd/target.h"

namespace microgpt::bench {

struct FastResult {
  Target target;
  PrefixSharing prefix_sharing;
  std::size_t threads;
  Series step;
  Series share;          // of so many threads' peak, one's measured before and after the same segment; empty for `scalar`
  Series sharing_gains;  // the time without sharing over that with it, of segments in turn; empty without
};

struct SplitResult {
  Target target;
  PrefixSharing prefix_sharing;
  StageTimes times;
};

struct TorchResult {
  std::string form;
  std::size_t threads;
  Series step;
  Series ratio;  // its time over the fast engine's with as many threads and without sharing, of segments in turn
};

struct GraphResult {
  std::size_t documents;
  std::size_t positions;  // of all these documents
  Series seconds;         // for all of them

  double seconds_a_document() const { return seconds.minimum() / static_cast<double>(documents); }
  // For as many positions as a batch has.
  double seconds_a_batch(double batch_positions) const {
    return seconds.minimum() / static_cast<double>(positions) * batch_positions;
  }
};

struct WorkloadResult {
  Shape shape;
  double positions;           // a step, on average
  double operations;          // floating-point operations a step, prefixes not shared
  double product_operations;  // those that are not attention's
  std::vector<FastResult> fast;
  std::vector<SplitResult> split;
  std::optional<GraphResult> graph;
  std::vector<TorchResult> torch;
  std::optional<TorchFacts> torch_facts;
};

}  // namespace microgpt::bench
