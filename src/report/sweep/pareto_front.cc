// SPDX-License-Identifier: MIT
#include "report/sweep/pareto_front.h"

#include <algorithm>
#include <numeric>

namespace microgpt {

std::vector<std::size_t> pareto_front(std::span<const Point> points) {
  std::vector<std::size_t> order(points.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return points[a].x != points[b].x ? points[a].x < points[b].x : points[a].y < points[b].y;
  });
  std::vector<std::size_t> front;
  for (const std::size_t i : order) {
    const Point* last = front.empty() ? nullptr : &points[front.back()];
    if (last == nullptr || points[i].y < last->y || (points[i].x == last->x && points[i].y == last->y)) front.push_back(i);
  }
  return front;
}

}  // namespace microgpt
