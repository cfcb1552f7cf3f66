// SPDX-License-Identifier: MIT
#include "cli/step_progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "report/quantity.h"

namespace microgpt {
namespace {

using namespace std::chrono_literals;

constexpr auto kTimeBetweenLooks = 10ms;

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

}  // namespace microgpt
