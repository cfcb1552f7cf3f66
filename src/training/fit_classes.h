// SPDX-License-Identifier: MIT
// The weights of a classifier (inference/class_weights.h), fitted to documents that none of its models was trained on.
//
// What is minimised is -ln P(class | document), summed over the documents, and a square penalty that holds the weights near to
// the usual ones where there are few: convex, so that Newton's method finds the one minimum. The same bits on every target and
// with any number of threads.
#pragma once

#include <span>
#include <vector>

#include "inference/class_weights.h"

namespace microgpt {

// `shares` are of the classes among all documents. Without a document the usual weights. REQUIRES: as many classes; as
// class_log_probabilities().
ClassWeights fit_class_weights(const EvidenceByClass& documents, std::span<const double> shares);

// The share of each class among these documents: of small classes more is held out than of large ones, and no document twice,
// of which weights must know nothing. REQUIRES: a document.
std::vector<double> shares_in(const EvidenceByClass& documents);

}  // namespace microgpt
