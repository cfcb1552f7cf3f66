// SPDX-License-Identifier: MIT
#include "web/sliced_run.h"

#include <chrono>

#include "training/train_loop.h"

namespace microgpt::web {
namespace {

// Ends the training loop where the slice is over. The loop goes on from there when it is called again.
struct EndOfSlice {};

class SliceObserver final : public TrainObserver {
 public:
  SliceObserver(TrainingRun& run, std::size_t steps, double milliseconds)
      : run_(run), steps_(steps), milliseconds_(milliseconds) {}

  void on_step(std::size_t step, double loss) override {
    slice_.steps.push_back({step + 1, loss});
    if (is_over() && !run_.validation_is_due()) throw EndOfSlice();
  }
  void on_report(std::size_t step, const std::optional<MeanLoss>& validation) override {
    if (validation) slice_.validations.push_back({step, validation->of(run_.options().training.loss_mean)});
  }
  void check() override {
    if (is_over()) throw EndOfSlice();
  }

  Slice& slice() { return slice_; }

 private:
  using Clock = std::chrono::steady_clock;

  bool is_over() const {
    return !slice_.steps.empty() && (slice_.steps.size() >= steps_ ||
                                     std::chrono::duration<double, std::milli>(Clock::now() - begin_).count() >= milliseconds_);
  }

  TrainingRun& run_;
  std::size_t steps_;
  double milliseconds_;
  Clock::time_point begin_ = Clock::now();
  Slice slice_;
};

}  // namespace

SlicedRun::SlicedRun(const Corpus& corpus, const TrainingPlan& plan) : session_(corpus, plan.state, plan.inputs, nullptr) {
  session_.begin();
}

Slice SlicedRun::advance(std::size_t steps, double milliseconds) {
  SliceObserver observer(run(), steps, milliseconds);
  try {
    train_to_end(run(), {}, observer);
  } catch (const EndOfSlice&) {
  }
  return std::move(observer.slice());
}

}  // namespace microgpt::web
