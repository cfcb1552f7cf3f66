// SPDX-License-Identifier: MIT
// What a teacher makes of documents: with what probability each position shall predict each token, in the proportion `share` as
// the teacher predicts it and for the rest as the document says (knowledge distillation: Hinton, Vinyals and Dean 2015).
//
// All of it is computed once and kept, as a model sees each document many times. The exponentials are those of the C library.
#pragma once

#include <cstddef>
#include <vector>

#include "microgpt/batch.h"
#include "microgpt/config.h"
#include "microgpt/engine.h"
#include "text/tokenized_documents.h"
#include "training/evaluation.h"

namespace microgpt {

class SoftTargets {
 public:
  // With the engine's parameters of now, of each document as far as the context goes. What the watch throws ends it.
  // REQUIRES: `share` is from 0 to 1; the documents' tokens are those of the engine's vocabulary.
  SoftTargets(Engine& teacher, const TokenizedDocuments& documents, double share, const EvaluationWatch& watch = {});

  // How many positions that are, and what they take at most, while they are computed.
  static std::size_t positions(const Config& config, const TokenizedDocuments& documents);
  static double bytes(const Config& config, const TokenizedDocuments& documents);

  // Appends those of document d, which was appended to the batch just before. REQUIRES: d is one of the documents, and all of
  // the batch have soft targets.
  void append(std::size_t d, Batch& batch) const;

  std::size_t vocab_size() const { return vocab_size_; }

 private:
  void compute(Streams& streams, const TokenizedDocuments& documents, std::size_t first);

  std::size_t vocab_size_;
  double share_;
  std::vector<std::size_t> offsets_;  // of each document's positions, and where the last one ends
  std::vector<float> probabilities_;  // [positions][vocab_size]
};

}  // namespace microgpt
