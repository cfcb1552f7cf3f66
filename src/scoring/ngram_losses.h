// The losses of the n-gram baseline, to stand beside those of an engine: the same positions, and unseen characters as in
// unseen.h.
#pragma once

#include <span>
#include <vector>

#include "microgpt/tokenizer.h"
#include "ngram/ngram_model.h"

namespace microgpt {

// Appends -ln P of each token but the first, in nats. REQUIRES: at least two tokens; each is kUnseen or of the model's
// vocabulary; the first is BOS.
void append_ngram_losses(const NgramModel& model, std::span<const Token> tokens, std::vector<double>& losses);

}  // namespace microgpt
