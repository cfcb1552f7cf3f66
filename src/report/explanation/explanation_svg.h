// SPDX-License-Identifier: MIT
// The loss of a document as a picture that explains itself: a cell for each target, coloured by surprise, its bar of nats
// above, its probability and the likeliest others below.
#pragma once

#include <string>

#include "inference/explain_document.h"
#include "microgpt/explain.h"
#include "microgpt/tokenizer.h"

namespace microgpt {

// An SVG document that needs nothing else; light or dark as its reader prefers. Under the pointer a cell says all of itself.
// Attention is shown where it was explained: of the last layer, and of those of `earlier`.
std::string explanation_svg(const Explanation& explanation, const Tokenizer& tokenizer, const EarlierAttention& earlier = {});

}  // namespace microgpt
