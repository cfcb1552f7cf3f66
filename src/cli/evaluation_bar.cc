// SPDX-License-Identifier: MIT
#include "cli/evaluation_bar.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <utility>

#include "cli/terminal.h"
#include "report/quantity.h"

namespace microgpt {
namespace {

constexpr double kTimeToKnow = 0.5;  // seconds, after which the time left can be told

class EvaluationBar {
 public:
  EvaluationBar(std::string label, std::size_t positions, bool show_progress)
      : bar_(std::move(label), std::max<std::size_t>(1, positions), show_progress), positions_(positions) {}

  void update(std::size_t done) {
    if (!bar_.visible()) return;
    const auto now = Clock::now();
    if (now - last_drawing_ < kTimeBetweenDrawings) return;
    last_drawing_ = now;
    const double seconds = std::chrono::duration<double>(now - begin_).count();
    const double left = seconds / static_cast<double>(done) * static_cast<double>(positions_ - done);
    bar_.redraw(done, seconds < kTimeToKnow ? "" : time_left(left));
  }

 private:
  using Clock = std::chrono::steady_clock;

  ProgressBar bar_;
  std::size_t positions_;
  Clock::time_point begin_ = Clock::now();
  Clock::time_point last_drawing_{};
};

}  // namespace

EvaluationWatch show_evaluation(std::string label, std::size_t positions, const Interruption& interruption,
                                bool show_progress) {
  const auto bar = std::make_shared<EvaluationBar>(std::move(label), positions, show_progress);
  return [bar, &interruption](std::size_t done) {
    bar->update(done);
    interruption.check();
  };
}

}  // namespace microgpt
