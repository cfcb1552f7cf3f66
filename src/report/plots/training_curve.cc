// SPDX-License-Identifier: MIT
#include "report/plots/training_curve.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "engine/mean_loss.h"
#include "report/plots/tick_step.h"

namespace microgpt {
namespace {

constexpr std::size_t kMaxDots = 300;  // more would be a carpet

// Multiples of `step` in [min, max].
std::vector<double> ticks(double min, double max, double step) {
  std::vector<double> values;
  for (double tick = std::ceil(min / step) * step; tick <= max + step * 1e-9; tick += step) values.push_back(tick);
  return values;
}

// As many as can be told apart, spread evenly.
std::vector<Point> some_of(const std::vector<Point>& points) {
  std::vector<Point> dots;
  const std::size_t count = std::min(points.size(), kMaxDots);
  for (std::size_t i = 0; i < count; ++i) dots.push_back(points[i * points.size() / count]);
  return dots;
}

// So few columns that the title takes a line for each of its parts.
constexpr std::size_t kNarrow = 80;

std::string title_of(const LossPicture& picture, std::size_t columns) {
  const char* between = columns < kNarrow ? "\n  " : "; ";
  std::string title = fmt::format("  loss, nats{}dots: a batch before it is trained on", between);
  if (!picture.validation.empty()) title += fmt::format("{}line: documents held out", between);
  return title;
}

// Numbers a quarter apart, or where these would be many, a half, one, two ...
double grid_of(double lowest, double highest) {
  constexpr double kMaxNumbers = 10.0;
  double grid = 0.25;
  while ((highest - lowest) / grid > kMaxNumbers) grid *= 2;
  return grid;
}

}  // namespace

LinePlot training_curve(const LossPicture& picture, std::size_t columns) {
  const double random = uniform_loss(picture.vocab_size);
  LinePlot plot;
  plot.dots = some_of(picture.training);
  plot.curve = picture.validation;
  plot.levels.push_back({random, fmt::format("random: ln {}", picture.vocab_size)});
  if (picture.ngram)
    plot.levels.push_back({picture.ngram->y, fmt::format("{} {:.3f}", picture.ngram->label, picture.ngram->y)});
  double lowest = random;
  double highest = random;
  double steps = 1.0;
  const auto show = [&](double y) {
    lowest = std::min(lowest, y);
    highest = std::max(highest, y);
  };
  for (const std::vector<Point>* points : {&picture.training, &picture.validation})
    for (const Point& point : *points) steps = std::max(steps, point.x);
  for (const std::vector<Point>* points : {&plot.dots, &plot.curve})
    for (const Point& point : *points) show(point.y);
  for (const Level& level : plot.levels) show(level.y);
  const double grid = grid_of(lowest, highest);
  plot.title = title_of(picture, columns);
  plot.x_label = "step";
  plot.x_min = 0.0;
  plot.x_max = steps;
  plot.y_min = std::floor(lowest / grid) * grid;
  plot.y_max = std::ceil(highest / grid) * grid;
  plot.y_ticks = ticks(plot.y_min, plot.y_max, grid);
  plot.x_ticks = ticks(0.0, plot.x_max, std::max(1.0, tick_step(plot.x_max, 5.0)));
  plot.height = 14;
  plot.fit_into(columns);
  return plot;
}

}  // namespace microgpt
