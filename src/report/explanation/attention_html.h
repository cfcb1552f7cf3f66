// SPDX-License-Identifier: MIT
// Where attention looks, as a part of the page of an explanation.
#pragma once

#include <string>

#include "report/explanation/attention_layers.h"

namespace microgpt {

// A heading, and for each layer a table for each head, the stronger its colour the more is taken; what rounds to 0 is blank. A
// head that looks only at one place is a sentence. Cells have their percentage as `--w` for the style sheet of the page.
std::string attention_html(const AttentionLayers& layers);

}  // namespace microgpt
