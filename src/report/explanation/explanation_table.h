// SPDX-License-Identifier: MIT
// Where the last layer looks, as text: a triangle of percentages for each head.
#pragma once

#include <cstddef>
#include <string>

#include "microgpt/explain.h"
#include "microgpt/tokenizer.h"
#include "report/text_table.h"

namespace microgpt {

// A row says how much of each position before it, and of itself, a position takes, in per cent; in colour the most of it is
// bold, and what is less than 10 dim. Fits into `columns` columns, if that is not too narrow for anything: where there are more
// positions a head has several tables, one for each part of the document that is looked at.
// REQUIRES: the attention was explained.
std::string attention_table(const Explanation& explanation, const Style& style, std::size_t columns);

// The loss of a document as a table, with a bar of the surprise at each position, and what the mean says.

// How a loss compares with that of a random choice: at most half of it, up to all of it, or more.
enum class Surprise { low, middle, high };
Surprise surprise(double nats, double random_nats);

// Unseen characters are marked with "?". Within reason the table fits into `columns`
// columns: the bar is as long as they allow, and there are fewer of the likeliest others where it would be too short.
std::string explanation_table(const Explanation& explanation, const Tokenizer& tokenizer, const Style& style,
                              std::size_t columns);

// Some lines: the mean beside random guessing and certainty, and how many equally likely choices it stands for; the sum; what
// unseen characters cost, and what is seen past the context, where that matters.
std::string explanation_summary(const Explanation& explanation);

// Some lines: the gradient of the losses at the logits, at the position where it is largest. Nothing where all is unseen.
std::string gradient_note(const Explanation& explanation, const Tokenizer& tokenizer);

}  // namespace microgpt
