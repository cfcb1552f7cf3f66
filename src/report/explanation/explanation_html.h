// SPDX-License-Identifier: MIT
// The loss of a document as a page: the picture, what stands under the pointer, and the numbers as text.
#pragma once

#include <string>

#include "inference/explain_document.h"
#include "microgpt/explain.h"
#include "microgpt/tokenizer.h"

namespace microgpt {

// An HTML document that needs nothing else, not even a script; light or dark as its reader prefers. A cell under the pointer,
// or one with the keyboard's focus, lays itself open in a corner. Attention is shown where it was explained: of the last layer,
// and of those of `earlier`.
std::string explanation_html(const Explanation& explanation, const Tokenizer& tokenizer, const EarlierAttention& earlier = {});

}  // namespace microgpt
