// SPDX-License-Identifier: MIT
// Receiver operating characteristics as an SVG picture, for a browser or a slide.
#pragma once

#include <string>
#include <vector>

#include "inference/class_figures.h"
#include "inference/classifier.h"

namespace microgpt {

struct RocCurve {
  std::string name;
  Roc roc;
};

// One self-contained SVG document, light or dark as its reader is: the curves as they are usually drawn, and beside that with
// few false positives spread out, on a scale of powers of ten. REQUIRES: one curve, or two.
std::string roc_svg(const std::string& title, const std::vector<RocCurve>& curves);

// Of the first result and of the last, which are those most unlike.
std::vector<RocCurve> curves_of(const std::vector<ClassifierResult>& results);

}  // namespace microgpt
