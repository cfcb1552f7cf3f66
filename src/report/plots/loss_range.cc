// SPDX-License-Identifier: MIT
#include "report/plots/loss_range.h"

#include <algorithm>

#include "engine/loss.h"

namespace microgpt {

LossRange loss_range(const LossPicture& picture) {
  constexpr double kMuchHigher = 1.5;  // than the losses of the beginning: what is higher has diverged
  constexpr double kMost = 0.95;       // of all losses
  const double random = uniform_loss(picture.vocab_size);
  double steps = 1.0, lowest = random, beginning = random;
  std::vector<double> losses;
  for (const auto* points : {&picture.steps, &picture.training, &picture.validation}) {
    if (!points->empty()) beginning = std::max(beginning, points->front().y);
    for (const Point& point : *points) {
      steps = std::max(steps, point.x);
      losses.push_back(point.y);
    }
  }
  if (picture.ngram) {
    lowest = std::min(lowest, picture.ngram->y);
    beginning = std::max(beginning, picture.ngram->y);
  }
  if (losses.empty()) return {lowest, beginning, steps};
  std::sort(losses.begin(), losses.end());
  double highest = std::max(beginning, losses.back());
  if (highest > kMuchHigher * beginning) {
    const double most = losses[static_cast<std::size_t>(kMost * static_cast<double>(losses.size() - 1))];
    highest = std::clamp(most, beginning, kMuchHigher * beginning);
  }
  return {std::min(lowest, losses.front()), highest, steps};
}

std::vector<Point> some_of(const std::vector<Point>& points, std::size_t count) {
  std::vector<Point> some;
  count = std::min(points.size(), count);
  for (std::size_t i = 0; i < count; ++i) some.push_back(points[i * points.size() / count]);
  return some;
}

}  // namespace microgpt
