// The loss of a training run as a plot.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "report/line_plot.h"

namespace microgpt {

// The losses of the steps as single dots, as each is the loss of other documents, those of documents held out as a line through
// `held_out` (x is the number of steps done), and the line of random guessing. Fits into `columns` columns, if there are enough
// for the axes. REQUIRES: losses are not empty; held_out is in ascending x.
LinePlot training_curve(std::span<const double> losses, std::vector<Point> held_out, std::size_t vocab_size,
                        std::size_t columns);

}  // namespace microgpt
