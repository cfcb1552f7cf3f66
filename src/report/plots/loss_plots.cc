// SPDX-License-Identifier: MIT
#include "report/plots/loss_plots.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "engine/loss.h"
#include "report/plots/line_plot.h"
#include "report/plots/loss_range.h"

namespace microgpt {
namespace {

constexpr std::size_t kMaxDots = 300;  // more would be a carpet

// Multiples of `step` in [min, max].
std::vector<double> ticks(double min, double max, double step) {
  std::vector<double> values;
  for (double tick = std::ceil(min / step) * step; tick <= max + step * 1e-9; tick += step) values.push_back(tick);
  return values;
}

// So few columns that the title takes a line for each of its parts.
constexpr std::size_t kNarrow = 80;

std::string title_of(const LossPicture& picture, const LinePlot& plot, std::size_t columns) {
  const char* between = columns < kNarrow ? "\n  " : "; ";
  std::string title = fmt::format("  loss, nats{}dots: a batch before it is trained on", between);
  if (!picture.validation.empty()) title += fmt::format("{}line: documents held out", between);
  for (const std::vector<Point>* points : {&plot.dots, &plot.curve})
    if (std::any_of(points->begin(), points->end(), [&](const Point& point) { return point.y > plot.y_max; }))
      return title + fmt::format("{}some are higher", between);
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

LinePlot training_curve(const LossPicture& whole, std::size_t columns) {
  LossPicture picture = whole;  // what is shown of it
  picture.steps = some_of(whole.steps, kMaxDots);
  picture.training.clear();
  const double random = uniform_loss(picture.vocab_size);
  const LossRange range = loss_range(picture);
  const double grid = grid_of(range.lowest, range.highest);
  LinePlot plot;
  plot.dots = picture.steps;
  plot.curve = picture.validation;
  plot.levels.push_back({random, fmt::format("random: ln {}", picture.vocab_size)});
  if (picture.ngram)
    plot.levels.push_back({picture.ngram->y, fmt::format("{} {:.3f}", picture.ngram->label, picture.ngram->y)});
  plot.x_label = "step";
  plot.x_min = 0.0;
  plot.x_max = range.steps;
  plot.y_min = std::floor(range.lowest / grid) * grid;
  plot.y_max = std::ceil(range.highest / grid) * grid;
  plot.title = title_of(picture, plot, columns);
  plot.y_ticks = ticks(plot.y_min, plot.y_max, grid);
  plot.x_ticks = ticks(0.0, plot.x_max, std::max(1.0, tick_step(plot.x_max, 5.0)));
  plot.height = 14;
  plot.fit_into(columns);
  return plot;
}

}  // namespace microgpt
