// SPDX-License-Identifier: MIT
// The losses of a training run as a picture: SVG for a browser or a slide, and characters for the terminal.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "microgpt/score.h"
#include "report/plots/line_plot.h"

namespace microgpt {

// x is the number of steps done, y a loss in nats.
struct LossPicture {
  std::string title;
  LossMean mean;  // over what the losses are
  std::vector<Point> training;
  std::vector<Point> validation;
  std::size_t vocab_size;      // random guessing is a line of its own
  std::optional<Level> ngram;  // so is what an n-gram model says of the validation part
};

// One self-contained SVG document, light or dark as its reader is. REQUIRES: a point; x ascends in each; all are finite.
std::string loss_svg(const LossPicture& picture);

// The picture of loss.svg with characters: training losses as single dots, as each is the loss of other documents, and of many
// some, spread evenly; those of documents held out as a line; and the levels of random guessing and of the n-gram. Fits into
// `columns` columns, if there are enough for the axes. The title of the picture is not shown. REQUIRES: as loss_svg().
LinePlot training_curve(const LossPicture& picture, std::size_t columns);

}  // namespace microgpt
