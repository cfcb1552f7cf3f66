// SPDX-License-Identifier: MIT
#include "bench/stage_split.h"

#include <algorithm>
#include <numeric>

#include "bench/segment.h"

namespace microgpt::bench {
namespace {

// What the wrappers write to; functions in a table of kernels have no space for an argument of their own.
struct Clock {
  const fast::Kernels* kernels = nullptr;
  StageTimes times;
  std::array<std::size_t, kStages> calls{};
};
Clock the_clock;

template <typename Work>
void timed(Stage stage, const Work& work) {
  const double start = now();
  work();
  the_clock.times[stage] += now() - start;
  ++the_clock.calls[static_cast<std::size_t>(stage)];
}

template <Stage kStage, auto kKernel>
struct Timed;

template <Stage kStage, typename... Arguments, void (*fast::Kernels::*kKernel)(Arguments...)>
struct Timed<kStage, kKernel> {
  static void call(Arguments... arguments) {
    timed(kStage, [&] { (the_clock.kernels->*kKernel)(arguments...); });
  }
};

constexpr fast::Kernels kTimedKernels{
    .product = Timed<Stage::products, &fast::Kernels::product>::call,
    .transposed_product = Timed<Stage::weight_gradients, &fast::Kernels::transposed_product>::call,
    .rms_norm = Timed<Stage::norms, &fast::Kernels::rms_norm>::call,
    .rms_norm_backward = Timed<Stage::norms, &fast::Kernels::rms_norm_backward>::call,
    .embedding = Timed<Stage::embeddings, &fast::Kernels::embedding>::call,
    .embedding_backward = Timed<Stage::embeddings, &fast::Kernels::embedding_backward>::call,
    .softmax = Timed<Stage::softmax, &fast::Kernels::softmax>::call,
    .attention = Timed<Stage::attention, &fast::Kernels::attention>::call,
    .attention_backward = Timed<Stage::attention, &fast::Kernels::attention_backward>::call,
    .transpose = Timed<Stage::transposes, &fast::Kernels::transpose>::call,
    .add = Timed<Stage::embeddings, &fast::Kernels::add>::call,
};

// Seconds between two readings of the clock with nothing between them.
double cost_of_reading() {
  double least = 1.0;
  for (int i = 0; i < 1000; ++i) {
    const double start = now();
    least = std::min(least, now() - start);
  }
  return least;
}

// The time of a step, from what the clock says of `steps` of them that took `all` seconds. A call reads the clock twice: the
// cost of one reading is in the stage's time, that of the other in the rest.
StageTimes times_per_step(const Clock& clock, double all, std::size_t steps) {
  static const double cost = cost_of_reading();
  StageTimes times = clock.times;
  times[Stage::rest] = all - times.total();
  for (std::size_t i = 0; i < kStages; ++i) {
    const double cost_of_calls = cost * static_cast<double>(clock.calls[i]);
    times.seconds[i] -= cost_of_calls;
    times[Stage::rest] -= cost_of_calls;
  }
  for (double& seconds : times.seconds) seconds = std::max(0.0, seconds / static_cast<double>(steps));
  return times;
}

}  // namespace

double StageTimes::total() const { return std::accumulate(seconds.begin(), seconds.end(), 0.0); }

StageContestant::StageContestant(Workload& workload, Target target, PrefixSharing prefix_sharing)
    : workload_(workload),
      kernels_(fast::kernels_for(target)),
      engine_(workload.config(), kTimedKernels, {target, prefix_sharing}),
      adam_({}, engine_.buffers(), target),
      segment_(workload.cycle()) {
  the_clock.kernels = &kernels_;
  engine_.load(workload.parameters());
  measure();
  segment_ = steps_of_segment(workload.cycle(), best_.total());
}

void StageContestant::step() {
  timed(Stage::batch, [this] {
    batch_.clear();
    workload_.fill(steps_++, batch_);
  });
  engine_.loss_and_gradient(batch_);
  timed(Stage::adam, [this] { adam_.step(engine_.buffers(), workload_.shape().learning_rate); });
  engine_.parameters_changed();
}

void StageContestant::measure() {
  the_clock.kernels = &kernels_;
  warm_up([this] { step(); });
  the_clock.times = {};
  the_clock.calls = {};
  const double seconds = seconds_of([this] {
    for (std::size_t i = 0; i < segment_; ++i) step();
  });
  const StageTimes times = times_per_step(the_clock, seconds, segment_);
  const bool first = best_.total() == 0.0;
  for (std::size_t i = 0; i < kStages; ++i)
    best_.seconds[i] = first ? times.seconds[i] : std::min(best_.seconds[i], times.seconds[i]);
}

}  // namespace microgpt::bench
