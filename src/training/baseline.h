// SPDX-License-Identifier: MIT
// The n-gram model that a run of `train` is compared with.
#pragma once

#include <cstddef>

#include "ngram/ngram_model.h"
#include "text/corpus_parts.h"

namespace microgpt {

// No more tokens of the training part are counted: some 400 MB.
inline constexpr std::size_t kMaxBaselineTokens = std::size_t{1} << 22;

// Counts the training part, as far as kMaxBaselineTokens go, and takes the order that validation chooses; where nothing is
// held out, the one that a part of it chooses (ngram/choose_order.h).
NgramModel make_baseline(const CorpusParts& parts, std::size_t vocab_size, std::size_t max_tokens = kMaxBaselineTokens);

}  // namespace microgpt
