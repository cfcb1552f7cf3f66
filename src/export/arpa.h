// SPDX-License-Identifier: MIT
// An n-gram model as a text of the format ARPA, which language models of words have in common; docs/formats.md describes it.
//
// A character is a word there: Tokenizer::symbol() of its token. Characters without a shape, white space among them, are
// numbers: U+0020, or of bytes \x20. The BOS at a document's begin is <s>, that at its end </s>.
//
// ARPA has each n-gram with log10 p(w | h), and with log10 of the factor b(h) that p(w | h') has where hw is not there; that is
// how src/ngram/ngram_model.h computes, too. What differs is the begin of a document: here it is BOS as often as the order
// asks, and in ARPA <s>, once. The contexts that begin with BOS, with more of it and less, were all seen in the same places. So
// <s> w1 .. wj takes its probabilities from the one with the most BOS, and its factor is the product of all of theirs.
//
// A character that the model has never seen costs as in src/scoring/token_scorer.h, but for the factors, where it is <unk>.
#pragma once

#include <functional>
#include <string_view>

#include "microgpt/tokenizer.h"
#include "ngram/ngram_model.h"

namespace microgpt {

// Calls write() for one piece of the text after the other. REQUIRES: both are of the same vocabulary.
void write_arpa(const NgramModel& model, const Tokenizer& tokenizer, const std::function<void(std::string_view)>& write);

}  // namespace microgpt
