// SPDX-License-Identifier: MIT
// What the pictures of an explanation have in common: words for a cell, and when there are too many for all of them.
#pragma once

#include <cstddef>
#include <string>

#include "microgpt/explain.h"
#include "microgpt/tokenizer.h"
#include "report/explanation/explanation_table.h"

namespace microgpt {

// Longer documents are drawn small: the characters, their colours and bars, and the rest under the pointer.
inline constexpr std::size_t kMaxDrawnLarge = 24;  // positions

// So many of the likeliest others have space below a large cell.
inline constexpr std::size_t kMaxOthersDrawn = 10;

// Longer bars are cut there: so many times the loss of a random choice.
inline constexpr double kMaxBar = 3.0;

// In short: a space has a shape, and BOS is the end of the document.
std::string target_label(const PositionLoss& position, const Tokenizer& tokenizer);
std::string candidate_label(const Candidate& candidate, const Tokenizer& tokenizer);

// "45%", "4.9%", "<0.1%".
std::string percent(double probability);

// "low", "middle" or "high": the classes of style sheets.
const char* class_of(Surprise surprise);

// The class of letters that must be small, as a label is longer than a character: "", " short" or " name".
const char* smallness_of(const std::string& label);

// The beginning of the document, as a heading.
std::string picture_heading(const Explanation& explanation);

// A position in one line.
std::string describe_position(const Explanation& explanation, std::size_t position, const Tokenizer& tokenizer);

// The loss at which bars have their full height. REQUIRES: a position.
double highest_bar(const Explanation& explanation);

}  // namespace microgpt
