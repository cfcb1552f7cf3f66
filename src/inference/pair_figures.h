// SPDX-License-Identifier: MIT
// How well a pair of predictors of the same vocabulary tells documents apart that neither was trained on.
#pragma once

#include "inference/roc.h"
#include "microgpt/engine.h"
#include "ngram/ngram_model.h"
#include "scoring/mixture.h"
#include "text/tokenized_documents.h"

namespace microgpt {

// An engine, alone or in a mixture with an n-gram.
struct PairPredictor {
  Engine& engine;
  const Mixture* mixture = nullptr;
};

// Of the log-likelihood ratios of the documents. Throws as document_nats(). REQUIRES: a document of each kind; all have tokens
// of the predictors' vocabulary.
Roc roc_of_pair(const PairPredictor& positive, const PairPredictor& negative, const TokenizedDocuments& positives,
                const TokenizedDocuments& negatives);
Roc roc_of_pair(const NgramModel& positive, const NgramModel& negative, const TokenizedDocuments& positives,
                const TokenizedDocuments& negatives);

}  // namespace microgpt
