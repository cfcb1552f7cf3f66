// SPDX-License-Identifier: MIT
// Where a step's time goes: the fast engine with a clock around each of its kernels.
//
// The clock itself takes some time, which is measured and taken off. There is one clock for all: one thread at a time.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "bench/workload.h"
#include "engine/fast/fast_engine.h"
#include "engine/fast/kernels/kernels.h"
#include "optimizer/adam.h"

namespace microgpt::bench {

enum class Stage : std::size_t {
  products,          // forward, and the gradients of their inputs
  weight_gradients,  // products over the rows
  attention,         // with its gradient, as all below
  norms,
  softmax,
  embeddings,  // and the sums of shards' gradients of them
  adam,
  transposes,
  batch,  // drawing documents and laying them end to end
  rest,   // rows, prefixes, weights of rows, the loss from the softmax
};
inline constexpr std::size_t kStages = 10;
inline constexpr std::array<std::string_view, kStages> kStageNames{
    "products", "weight gradients", "attention", "norms", "softmax", "embeddings", "Adam", "transposes", "batch", "rest"};

// Seconds a step, by stage.
struct StageTimes {
  std::array<double, kStages> seconds{};

  double& operator[](Stage stage) { return seconds[static_cast<std::size_t>(stage)]; }
  double operator[](Stage stage) const { return seconds[static_cast<std::size_t>(stage)]; }
  double total() const;
};

class StageContestant {
 public:
  // The workload must outlive it.
  StageContestant(Workload& workload, Target target, PrefixSharing prefix_sharing);

  // Measures a segment; best() has the least of each stage so far: a pause of this program hits few stages of a segment.
  void measure();
  const StageTimes& best() const { return best_; }

 private:
  void step();

  Workload& workload_;
  const fast::Kernels& kernels_;
  fast::FastEngine engine_;
  Adam adam_;
  Batch batch_;
  std::size_t steps_ = 0;
  std::size_t segment_;
  StageTimes best_;
};

}  // namespace microgpt::bench
