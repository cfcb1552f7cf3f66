// SPDX-License-Identifier: MIT
// How long the n-grams of the baseline shall be: as long as serves documents that were not counted best.
#pragma once

#include <cstddef>
#include <vector>

#include "ngram/documents.h"
#include "ngram/ngram_model.h"

namespace microgpt {

struct ChosenNgramModel {
  NgramModel model;
  std::vector<double> validation_losses;  // of the orders 1, 2 ...; token means, in nats
};

// Counts each different document of `training` once, up to n-grams of kMaxNgramOrder tokens, and of the models of all orders
// takes the one with the least loss on `validation`; of equal ones the lowest.
// REQUIRES: both have a document, and the same vocabulary.
ChosenNgramModel choose_ngram_model(const NgramDocuments& training, const NgramDocuments& validation);

}  // namespace microgpt
