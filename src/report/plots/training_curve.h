// SPDX-License-Identifier: MIT
// The loss of a training run as a plot.
#pragma once

#include <cstddef>

#include "report/plots/line_plot.h"
#include "report/plots/loss_svg.h"

namespace microgpt {

// The picture of loss.svg with characters: training losses as single dots, as each is the loss of other documents, and of many
// some, spread evenly; those of documents held out as a line; and the levels of random guessing and of the n-gram. Fits into
// `columns` columns, if there are enough for the axes. The title of the picture is not shown. REQUIRES: as loss_svg().
LinePlot training_curve(const LossPicture& picture, std::size_t columns);

}  // namespace microgpt
