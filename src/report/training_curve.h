// The loss of a training run as a plot.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "report/line_plot.h"

namespace microgpt {

// For each step (from 1) the mean of the losses around it: up to `reach` on either side, and equally many on both, so that the
// first and the last value stand for themselves.
std::vector<Point> running_mean(std::span<const double> losses, std::size_t reach);

// A running mean over the losses of the steps, as each is the loss of other documents, with the line of random guessing.
// Fits into `columns` columns, if there are enough for the axes. REQUIRES: not empty.
LinePlot training_curve(std::span<const double> losses, std::size_t vocab_size, std::size_t columns);

}  // namespace microgpt
