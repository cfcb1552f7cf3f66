// SPDX-License-Identifier: MIT
// The linear model of a classifier (scoring/linear_model.h), fitted to the documents that the models of its classes are trained
// on.
//
// What is minimised is -ln P(class | document): document by document, in an order drawn for each epoch, with a step for each
// weight that AdaGrad chooses (Duchi, Hazan and Singer 2011), which suits n-grams, of which most are rare, and a rate that
// falls to 0. Few epochs are what keeps it from learning the documents by heart. docs/classifier.md has the measurements.
//
// Time: a fraction of a second for a million characters and two classes, and as much for each class more. Memory: the model's
// twice, and 24 bytes for each character of the longest document. The same bits on every target, with one C library.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "scoring/linear_model.h"
#include "text/tokenized_documents.h"

namespace microgpt {

// The first `count` documents of a class.
struct ClassDocuments {
  const TokenizedDocuments* documents;
  std::size_t count;
};

// `check`, if there is one, is called now and then, and what it throws ends the fit.
// REQUIRES: two classes or more; their documents are lines, with tokens of the vocabulary.
LinearModel fit_linear_model(std::span<const ClassDocuments> classes, std::size_t vocab_size, std::uint64_t seed,
                             const std::function<void()>& check = {});

// ln P(class | document d), [classes]. REQUIRES: as above; d < documents.size().
std::vector<double> linear_evidence(const LinearModel& model, const TokenizedDocuments& documents, std::size_t d);

}  // namespace microgpt
