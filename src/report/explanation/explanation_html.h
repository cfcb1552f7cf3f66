// SPDX-License-Identifier: MIT
// The loss of a document as a page: the picture, what stands under the pointer, and the numbers as text.
#pragma once

#include <string>

#include "microgpt/explain.h"
#include "microgpt/tokenizer.h"

namespace microgpt {

// Where the last layer looks, as a part of the page: a heading, and a table for each head, the darker the more is taken;
// nothing where the attention was not explained. Cells have their percentage as `--w` for the style sheet of the page.
std::string attention_html(const Explanation& explanation);

// An HTML document that needs nothing else, not even a script; light or dark as its reader prefers. A cell under the pointer,
// or one with the keyboard's focus, lays itself open in a corner. Attention is shown where it was explained.
std::string explanation_html(const Explanation& explanation, const Tokenizer& tokenizer);

}  // namespace microgpt
