// SPDX-License-Identifier: MIT
#include "cli/step_progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <utility>

#include "cli/terminal.h"
#include "report/numbers.h"

namespace microgpt {
namespace {

using namespace std::chrono_literals;

constexpr auto kTimeBetweenLooks = 10ms;

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

StepProgress::StepProgress(const TrainingRun& run, const Interruption& interruption, std::string label, bool show_bar)
    : run_(run),
      interruption_(interruption),
      bar_(std::move(label), std::max<std::size_t>(1, run.trainer().num_steps()), show_bar) {}

void StepProgress::begin() { begin_ = last_look_ = Clock::now(); }

void StepProgress::take_step(double loss) {
  ++steps_;
  drawn_sum_ += loss;
  ++drawn_steps_;
  interruption_.check();
  if (bar_.visible() && ++unseen_ >= stride_) look();
}

void StepProgress::end() { seconds_ += std::chrono::duration<double>(Clock::now() - begin_).count(); }

void StepProgress::look() {
  const auto now = Clock::now();
  if (now - last_look_ < kTimeBetweenLooks / 2) stride_ *= 2;
  if (now - last_look_ > kTimeBetweenLooks * 2) stride_ = std::max<std::size_t>(1, stride_ / 2);
  unseen_ = 0;
  last_look_ = now;
  if (now - last_drawing_ < kTimeBetweenDrawings) return;
  last_drawing_ = now;
  draw(seconds_ + std::chrono::duration<double>(now - begin_).count());
}

void StepProgress::draw(double seconds) {
  const std::size_t done = run_.trainer().step();
  const auto left = static_cast<double>(run_.trainer().num_steps() - done);
  bar_.redraw(done, fmt::format("loss {:.3f}, {} tokens/s, {}", drawn_sum_ / static_cast<double>(drawn_steps_),
                                short_count(static_cast<double>(run_.trained_positions()) / seconds),
                                time_left(seconds / static_cast<double>(done) * left)));
  drawn_sum_ = 0.0;
  drawn_steps_ = 0;
}

EvaluationWatch show_evaluation(std::string label, std::size_t positions, const Interruption& interruption,
                                bool show_progress) {
  const auto bar = std::make_shared<EvaluationBar>(std::move(label), positions, show_progress);
  return [bar, &interruption](std::size_t done) {
    bar->update(done);
    interruption.check();
  };
}

}  // namespace microgpt
