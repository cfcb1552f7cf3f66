// SPDX-License-Identifier: MIT
#include "cli/sweep_queue.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "report/numbers.h"
#include "sweep/sweep_grid.h"

namespace microgpt {
namespace {

constexpr std::size_t kBarParts = 1000;

std::vector<std::size_t> missing(const SweepTrainer& trainer, const std::vector<NumberedResult>& finished) {
  std::vector<bool> is_finished(trainer.configurations().size());
  for (const NumberedResult& result : finished) is_finished[result.configuration] = true;
  std::vector<std::size_t> left;
  for (std::size_t i = 0; i < is_finished.size(); ++i)
    if (!is_finished[i]) left.push_back(i);
  return left;
}

}  // namespace

SweepQueue::SweepQueue(const SweepTrainer& trainer, SweepFolder& folder, std::vector<NumberedResult> finished,
                       const Interruption& interruption, bool quiet)
    : trainer_(trainer),
      varying_(varying_settings(trainer.configurations())),
      folder_(folder),
      interruption_(interruption),
      quiet_(quiet),
      results_(std::move(finished)),
      queue_(longest_first(trainer, missing(trainer, results_))),
      bar_("sweep", kBarParts, !quiet) {
  for (const std::size_t configuration : queue_) all_work_ += trainer.work(configuration);
  std::reverse(queue_.begin(), queue_.end());
}

std::optional<std::size_t> SweepQueue::next() {
  interruption_.check();
  const std::lock_guard lock(mutex_);
  if (queue_.empty()) return std::nullopt;
  const std::size_t next = queue_.back();
  queue_.pop_back();
  return next;
}

double SweepQueue::work_per_step(std::size_t configuration) const {
  const std::size_t steps = trainer_.configurations()[configuration].options.training.num_steps;
  return trainer_.work(configuration) / static_cast<double>(std::max<std::size_t>(1, steps));
}

void SweepQueue::step_done(std::size_t configuration) {
  interruption_.check();
  if (!bar_.visible()) return;
  work_done_ += work_per_step(configuration);
  if (const std::unique_lock lock(mutex_, std::try_to_lock); lock) draw();
}

void SweepQueue::draw() {
  const auto now = Clock::now();
  if (now - last_drawing_ < kTimeBetweenDrawings) return;
  last_drawing_ = now;
  const double share = std::min(1.0, work_done_ / all_work_);
  const double seconds = std::chrono::duration<double>(now - begin_).count();
  bar_.redraw(static_cast<std::size_t>(share * kBarParts),
              fmt::format("{} of {} trained, {}", results_.size(), trainer_.configurations().size(),
                          time_left(seconds / share * (1.0 - share))));
}

void SweepQueue::take(const NumberedResult& result) {
  const std::lock_guard lock(mutex_);
  folder_.add(result);
  results_.push_back(result);
  // A training that ends before its last step leaves less to be done.
  const double done = work_per_step(result.configuration) * static_cast<double>(result.result.steps);
  all_work_ -= trainer_.work(result.configuration) - done;
  if (!quiet_) report(result);
}

void SweepQueue::report(const NumberedResult& numbered) {
  const SweepResult& result = numbered.result;
  const std::string settings = describe_settings(trainer_.configurations()[numbered.configuration], varying_);
  const std::string outcome =
      result.losses ? fmt::format("validation {:.4f}, test {:.4f}, {:.2f} s", result.losses->validation.token_mean,
                                  result.losses->test.token_mean, result.seconds)
                    : result.failure;
  bar_.wipe();
  inform(fmt::format("{} of {}: configuration {}{}: {}", results_.size(), trainer_.configurations().size(),
                     numbered.configuration + 1, settings.empty() ? "" : " (" + settings + ")", outcome));
}

}  // namespace microgpt
