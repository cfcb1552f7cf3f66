// SPDX-License-Identifier: MIT
// What a teacher makes of documents: with what probability each position shall predict each token, in the proportion `share` as
// the teacher predicts it and for the rest as the document says (knowledge distillation: Hinton, Vinyals and Dean 2015).
//
// All of it is computed once and kept, as a model sees each document many times. How much that is is known from the start. The
// exponentials are those of the C library.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "microgpt/batch.h"
#include "microgpt/config.h"
#include "microgpt/engine.h"
#include "text/tokenized_documents.h"
#include "training/evaluation.h"

namespace microgpt {

// Memory for them, which takes addresses only until it is used.
class SoftTargetMemory {
 public:
  SoftTargetMemory() = default;

  // For so many numbers, and so many bytes besides, which others need when these are computed. Throws std::bad_alloc.
  SoftTargetMemory(std::size_t numbers, std::size_t besides)
      : numbers_(std::make_unique_for_overwrite<float[]>(numbers)),
        besides_(std::make_unique_for_overwrite<std::byte[]>(besides)) {}

  explicit operator bool() const { return numbers_ != nullptr; }

 private:
  friend class SoftTargets;

  std::unique_ptr<float[]> numbers_;
  std::unique_ptr<std::byte[]> besides_;
};

class SoftTargets {
 public:
  // With the engine's parameters of now, of each document as far as the context goes. What the watch throws ends it. `memory`
  // is that of these documents, or is taken now. REQUIRES: `share` is from 0 to 1; the documents' tokens are those of the
  // engine's vocabulary.
  SoftTargets(Engine& teacher, const TokenizedDocuments& documents, double share, const EvaluationWatch& watch = {},
              SoftTargetMemory memory = {});

  // How many positions that are, and what they take at most, while they are computed: of documents, or of so many that have so
  // many positions in all.
  static std::size_t positions(const Config& config, const TokenizedDocuments& documents);
  static double bytes(const Config& config, const TokenizedDocuments& documents);
  static double bytes(const Config& config, std::size_t documents, std::size_t positions);

  // Appends those of document d, which was appended to the batch just before. REQUIRES: d is one of the documents, and all of
  // the batch have soft targets.
  void append(std::size_t d, Batch& batch) const;

  std::size_t vocab_size() const { return vocab_size_; }

 private:
  void compute(Streams& streams, const TokenizedDocuments& documents, std::size_t first);

  std::size_t vocab_size_;
  double share_;
  std::vector<std::size_t> offsets_;        // of each document's positions, and where the last one ends
  std::unique_ptr<float[]> probabilities_;  // [positions][vocab_size]
};

}  // namespace microgpt
