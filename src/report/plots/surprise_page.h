// SPDX-License-Identifier: MIT
// The losses of given probabilities as a page: the picture, and below it a table with what it cannot show.
#pragma once

#include <string>

#include "report/plots/surprise_plot.h"

namespace microgpt {

// An HTML document that needs nothing else, light or dark as its reader is. The probabilities of a document have rows of their
// product, of the sum of their losses and of the mean. REQUIRES: as surprise_svg().
std::string surprise_html(const SurprisePlot& plot);

}  // namespace microgpt
