// SPDX-License-Identifier: MIT
// Whether a tokenizer knows all characters of a corpus that it was not made of.
#pragma once

#include "microgpt/corpus.h"
#include "microgpt/tokenizer.h"

namespace microgpt {

// Throws Error that names the first character that the tokenizer does not have, and says how many there are.
// REQUIRES: both are of one encoding.
void require_known_characters(const Corpus& corpus, const Tokenizer& tokenizer);

}  // namespace microgpt
