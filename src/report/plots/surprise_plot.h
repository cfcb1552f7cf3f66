// SPDX-License-Identifier: MIT
// The losses of given probabilities as one picture: the curve of -ln P with a dot for each.
#pragma once

#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

namespace microgpt {

// The loss of a probability. 0.0 - and not -, so that certainty costs no -0.
inline double nats_of(double probability) { return 0.0 - std::log(probability); }

struct GivenProbability {
  std::string text;  // as the user wrote it
  double value;      // from 0 to 1
  std::string meaning;
};

struct SurprisePlot {
  std::vector<GivenProbability> probabilities;
  std::size_t vocab_size;  // random guessing is a line of its own
  bool is_document;        // whether they are those of one document, and so have a product, a sum and a mean

  double total_nats() const;
  double mean_nats() const;

  // product_sentence() of them.
  std::string product(std::size_t shown) const;
};

// One self-contained SVG document, light or dark as its reader is; it describes itself to who cannot see it. What lies above
// the axis, or is infinite, is a triangle at its upper end. Many probabilities have no labels: they appear under the pointer.
// REQUIRES: a probability.
std::string surprise_svg(const SurprisePlot& plot);

}  // namespace microgpt
