// SPDX-License-Identifier: MIT
// How long the n-grams of the baseline must be: as long as serves documents that were not counted best.
#pragma once

#include <cstddef>
#include <vector>

#include "ngram/ngram_documents.h"
#include "ngram/ngram_model.h"
#include "text/split.h"

namespace microgpt {

struct ChosenNgramModel {
  NgramModel model;
  std::vector<double> validation_losses;  // of the orders 1, 2 ...; token means, in nats
};

inline constexpr std::size_t kMaxKeptNgrams = std::size_t{1} << 20;

// Counts each different document of `training` once, up to n-grams of kMaxNgramOrder tokens, and of the models of all orders
// takes the one with the least loss on `validation`; of equal ones the lowest. The best so far waits while others are tried;
// where more than `max_kept` n-grams of all lengths are counted it is made once more instead, as two models at a time are what
// takes most memory. REQUIRES: both have a document, and the same vocabulary.
ChosenNgramModel choose_ngram_model(const NgramDocuments& training, const NgramDocuments& validation,
                                    std::size_t max_kept = kMaxKeptNgrams);

// The same where there is nothing to validate on: the order is the one that is chosen when one of kHeldBack different documents
// is not counted but validates, or of one or a few long ones their last parts; and then all are counted. Of few tokens it is
// kDefaultNgramOrder. REQUIRES: a document.
NgramModel choose_ngram_model(const NgramDocuments& training);

inline constexpr std::size_t kHeldBack = 20;
inline constexpr std::size_t kDefaultNgramOrder = 5;

// No more tokens of the training part are counted, which bounds the memory.
inline constexpr std::size_t kMaxBaselineTokens = std::size_t{1} << 22;

// Counts the training part, as far as kMaxBaselineTokens go, and takes the order that validation chooses; where nothing is
// held out, the one that a part of it chooses (above). A run of `train` is compared with it.
NgramModel make_baseline(const CorpusParts& parts, std::size_t vocab_size, std::size_t max_tokens = kMaxBaselineTokens);

}  // namespace microgpt
