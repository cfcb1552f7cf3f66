// SPDX-License-Identifier: MIT
// Where the last layer looks, as a part of a page.
#pragma once

#include <string>

#include "inference/explain.h"

namespace microgpt {

// A heading, and a table for each head, the darker the more is taken; nothing where the attention was not explained. Cells have
// their percentage as `--w` for the style sheet of the page.
std::string attention_html(const Explanation& explanation);

}  // namespace microgpt
