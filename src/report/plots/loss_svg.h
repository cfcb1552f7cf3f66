// SPDX-License-Identifier: MIT
// The losses of a training run as an SVG picture, for a browser or a slide.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "microgpt/engine.h"
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

}  // namespace microgpt
