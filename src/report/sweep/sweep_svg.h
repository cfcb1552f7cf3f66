// SPDX-License-Identifier: MIT
// A sweep as an SVG picture: the loss on validation against the time of training, and which configurations are the best for
// their time.
#pragma once

#include <string>

#include "report/sweep/sweep_report.h"

namespace microgpt {

// One self-contained SVG document, light or dark as its reader is. Each configuration whose training went well is a point;
// those far above the others stand at the upper edge. Those that no other one beats in both are joined by a line, numbered, and
// listed beside the picture. The n-gram of each split is a line of its own.
std::string sweep_svg(const std::string& title, const SweepReport& report);

}  // namespace microgpt
