// SPDX-License-Identifier: MIT
// Plots with axes: where their ticks are, and the plots of the terminal.
#pragma once

#include <cmath>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <vector>

namespace microgpt {

// 1, 2 or 5 times a power of ten, so that there are at most `most` of them in `range`. REQUIRES: both above 0.
inline double tick_step(double range, double most) {
  const double power = std::pow(10.0, std::floor(std::log10(range / most)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (range / (factor * power) <= most) return factor * power;
  return 10.0 * power;
}

// A line plot in the terminal, drawn with Braille characters: each has 2 x 4 dots, so a plot of 60 x 12 characters has
// 120 x 48 dots.
struct Point {
  double x;
  double y;
};

struct Level {
  double y;
  std::string label;  // stands at the right end of the line, or near it where another one stands there
};

struct LinePlot {
  std::string title;  // one line or more
  std::string x_label;
  double x_min;
  double x_max;
  double y_min;
  double y_max;
  std::vector<double> y_ticks;
  std::vector<double> x_ticks;
  std::vector<Level> levels;  // dotted horizontal lines
  std::vector<Point> dots;    // single ones, drawn where they lie in the ranges; one a character
  std::vector<Point> curve;   // in ascending x; drawn as far as it lies in the ranges, thick and alone where there are dots
  std::size_t width = 64;     // of the drawing, in characters
  std::size_t height = 12;

  // Makes the drawing as wide as `columns` columns with axis and labels allow, within reason.
  void fit_into(std::size_t columns);

  // Lines that end in "\n".
  std::string str() const;
};

}  // namespace microgpt
