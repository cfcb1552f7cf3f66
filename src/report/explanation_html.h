// The loss of a document as a page: the picture, and the numbers as text.
#pragma once

#include <string>

#include "inference/explain.h"
#include "microgpt/tokenizer.h"

namespace microgpt {

// An HTML document that needs nothing else.
std::string explanation_html(const Explanation& explanation, const Tokenizer& tokenizer);

}  // namespace microgpt
