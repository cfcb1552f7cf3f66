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
  LossMean mean;                // over what the losses are
  std::vector<Point> training;  // means of the steps since the point before
  std::vector<Point> validation;
  std::size_t vocab_size;          // random guessing is a line of its own
  std::optional<Level> ngram;      // so is what an n-gram model says of the validation part
  std::vector<Point> steps = {};   // the loss of a batch each; of a run that was resumed those since then
  std::optional<Point> kept = {};  // the validation whose parameters are the model's
};

// One self-contained SVG document, light or dark as its reader is: the means as lines, of the steps some as dots. What lies far
// above the losses of the beginning, as when a run diverges, does not flatten the rest: it is a triangle at the upper edge.
// REQUIRES: a point; x ascends in each; all are finite.
std::string loss_svg(const LossPicture& picture);

// The picture of loss.svg with characters: losses of steps as single dots, as each is the loss of other documents, and of many
// some, spread evenly; those of documents held out as a line; and the levels of random guessing and of the n-gram. Fits into
// `columns` columns, if there are enough for the axes. The title of the picture is not shown. REQUIRES: as loss_svg().
LinePlot training_curve(const LossPicture& picture, std::size_t columns);

}  // namespace microgpt
