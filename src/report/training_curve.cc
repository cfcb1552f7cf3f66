#include "report/training_curve.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/mean_loss.h"

namespace microgpt {
namespace {

constexpr std::size_t kLongestWindow = 50;

// Multiples of `step` in [min, max].
std::vector<double> ticks(double min, double max, double step) {
  std::vector<double> values;
  for (double tick = std::ceil(min / step) * step; tick <= max + step * 1e-9; tick += step) values.push_back(tick);
  return values;
}

}  // namespace

std::vector<Point> running_mean(std::span<const double> losses, std::size_t window) {
  std::vector<Point> means;
  for (std::size_t first = 0; first + window <= losses.size(); ++first) {
    const auto part = losses.subspan(first, window);
    const double mean = std::accumulate(part.begin(), part.end(), 0.0) / static_cast<double>(window);
    means.push_back({static_cast<double>(first) + 0.5 * static_cast<double>(window + 1), mean});
  }
  return means;
}

LinePlot training_curve(std::span<const double> losses, std::size_t vocab_size) {
  const std::size_t window = std::clamp<std::size_t>(losses.size() / 10, 1, kLongestWindow);
  const double random = uniform_loss(vocab_size);
  LinePlot plot;
  plot.curve = running_mean(losses, window);
  const auto lower = [](const Point& a, const Point& b) { return a.y < b.y; };
  const auto [lowest, highest] = std::minmax_element(plot.curve.begin(), plot.curve.end(), lower);
  constexpr double kGrid = 0.25;
  plot.title = fmt::format("  loss, nats: each name before the model trained on it; running mean over {} steps", window);
  plot.x_label = "step";
  plot.x_min = 0.0;
  plot.x_max = static_cast<double>(losses.size());
  plot.y_min = std::floor(std::min(lowest->y, random) / kGrid) * kGrid;
  plot.y_max = std::ceil(std::max(highest->y, random) / kGrid) * kGrid;
  plot.y_ticks = ticks(plot.y_min, plot.y_max, kGrid);
  plot.x_ticks = ticks(0.0, plot.x_max, std::max(1.0, plot.x_max / 5.0));
  plot.levels.push_back({random, fmt::format("random guessing: ln {}", vocab_size)});
  return plot;
}

}  // namespace microgpt
