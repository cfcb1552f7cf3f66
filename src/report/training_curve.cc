#include "report/training_curve.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/mean_loss.h"

namespace microgpt {
namespace {

constexpr std::size_t kLongestReach = 25;

// Multiples of `step` in [min, max].
std::vector<double> ticks(double min, double max, double step) {
  std::vector<double> values;
  for (double tick = std::ceil(min / step) * step; tick <= max + step * 1e-9; tick += step) values.push_back(tick);
  return values;
}

}  // namespace

std::vector<Point> running_mean(std::span<const double> losses, std::size_t reach) {
  std::vector<Point> means;
  means.reserve(losses.size());
  for (std::size_t i = 0; i < losses.size(); ++i) {
    const std::size_t side = std::min({reach, i, losses.size() - 1 - i});
    const auto part = losses.subspan(i - side, 2 * side + 1);
    const double mean = std::accumulate(part.begin(), part.end(), 0.0) / static_cast<double>(part.size());
    means.push_back({static_cast<double>(i + 1), mean});
  }
  return means;
}

LinePlot training_curve(std::span<const double> losses, std::size_t vocab_size, std::size_t columns) {
  const std::size_t reach = std::min(losses.size() / 20, kLongestReach);
  const double random = uniform_loss(vocab_size);
  LinePlot plot;
  plot.curve = running_mean(losses, reach);
  const auto lower = [](const Point& a, const Point& b) { return a.y < b.y; };
  const auto [lowest, highest] = std::minmax_element(plot.curve.begin(), plot.curve.end(), lower);
  constexpr double kGrid = 0.25;
  plot.title = fmt::format("  loss, nats: each name before the model trained on it; mean over {} steps", 2 * reach + 1);
  plot.x_label = "step";
  plot.x_min = 0.0;
  plot.x_max = static_cast<double>(losses.size());
  plot.y_min = std::floor(std::min(lowest->y, random) / kGrid) * kGrid;
  plot.y_max = std::ceil(std::max(highest->y, random) / kGrid) * kGrid;
  plot.y_ticks = ticks(plot.y_min, plot.y_max, kGrid);
  plot.x_ticks = ticks(0.0, plot.x_max, std::max(1.0, plot.x_max / 5.0));
  plot.levels.push_back({random, fmt::format("random: ln {}", vocab_size)});
  plot.fit_into(columns);
  return plot;
}

}  // namespace microgpt
