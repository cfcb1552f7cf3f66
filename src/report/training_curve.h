// The loss of a training run as a plot.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "report/line_plot.h"

namespace microgpt {

// The mean of each window of `window` neighbours, at the step (from 1) in the window's middle. REQUIRES: window > 0.
std::vector<Point> running_mean(std::span<const double> losses, std::size_t window);

// A running mean over the losses of the steps, as each is the loss of other documents, with the line of random guessing.
// REQUIRES: not empty.
LinePlot training_curve(std::span<const double> losses, std::size_t vocab_size);

}  // namespace microgpt
