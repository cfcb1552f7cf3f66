#include "report/training_curve.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/mean_loss.h"

namespace microgpt {
namespace {

constexpr std::size_t kMostDots = 300;  // more would be a carpet

// Multiples of `step` in [min, max].
std::vector<double> ticks(double min, double max, double step) {
  std::vector<double> values;
  for (double tick = std::ceil(min / step) * step; tick <= max + step * 1e-9; tick += step) values.push_back(tick);
  return values;
}

// As many as can be told apart, spread evenly.
std::vector<Point> dots_of(std::span<const double> losses) {
  std::vector<Point> dots;
  const std::size_t count = std::min(losses.size(), kMostDots);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t step = i * losses.size() / count;
    dots.push_back({static_cast<double>(step), losses[step]});
  }
  return dots;
}

}  // namespace

LinePlot training_curve(std::span<const double> losses, std::vector<Point> held_out, std::size_t vocab_size,
                        std::size_t columns) {
  const double random = uniform_loss(vocab_size);
  LinePlot plot;
  plot.dots = dots_of(losses);
  plot.curve = std::move(held_out);
  double lowest = random;
  double highest = random;
  for (const std::vector<Point>* points : {&plot.dots, &plot.curve})
    for (const Point& point : *points) {
      lowest = std::min(lowest, point.y);
      highest = std::max(highest, point.y);
    }
  constexpr double kGrid = 0.25;
  plot.title = "  loss, nats; dots: a batch before it is trained on; line: documents held out";
  plot.x_label = "step";
  plot.x_min = 0.0;
  plot.x_max = static_cast<double>(losses.size());
  plot.y_min = std::floor(lowest / kGrid) * kGrid;
  plot.y_max = std::ceil(highest / kGrid) * kGrid;
  plot.y_ticks = ticks(plot.y_min, plot.y_max, kGrid);
  plot.x_ticks = ticks(0.0, plot.x_max, std::max(1.0, plot.x_max / 5.0));
  plot.levels.push_back({random, fmt::format("random: ln {}", vocab_size)});
  plot.height = 14;
  plot.fit_into(columns);
  return plot;
}

}  // namespace microgpt
