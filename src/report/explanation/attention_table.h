// SPDX-License-Identifier: MIT
// Where the last layer looks, as text: a triangle of percentages for each head.
#pragma once

#include <cstddef>
#include <string>

#include "inference/explain.h"
#include "report/style.h"

namespace microgpt {

// A row says how much of each position before it, and of itself, a position takes, in per cent; in colour the most of it is
// bold, and what is less than 10 dim. Fits into `columns` columns, if that is not too narrow for anything: where there are more
// positions a head has several tables, one for each part of the document that is looked at.
// REQUIRES: the attention was explained.
std::string attention_table(const Explanation& explanation, const Style& style, std::size_t columns);

}  // namespace microgpt
