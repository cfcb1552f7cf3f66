// SPDX-License-Identifier: MIT
// What the epochs go over: documents as they are, and those longer than the context as the windows in which they will be
// scored (scoring/windows.h). So each position counts once, with the context that it has when it is scored, and no position is
// scored at which nothing was trained.
//
// The windows of a document come one after the other. Where no document is longer than the context, they are the documents.
#pragma once

#include <cstddef>
#include <span>

#include "scoring/windows.h"
#include "text/batch.h"
#include "text/packed_integers.h"
#include "text/tokenized_documents.h"

namespace microgpt {

class TrainingWindows {
 public:
  // REQUIRES: there is a document; block_size is at least 1.
  TrainingWindows(TokenizedDocuments documents, std::size_t block_size);

  const TokenizedDocuments& documents() const { return documents_; }
  std::size_t size() const { return size_; }

  // Of all windows: the positions of the longest, those that are fed, and those that count, which are all of the documents.
  std::size_t longest() const;
  std::size_t fed_positions() const { return fed_positions_; }
  std::size_t counted_positions() const { return documents_.all_positions(); }

  // How many documents are longer than the context.
  std::size_t longer_documents() const { return longer_documents_; }

  struct Location {
    std::size_t document;
    Window window;

    std::size_t fed() const { return window.end - window.begin; }
    std::size_t counted() const { return window.end - window.first_new; }
    std::size_t context() const { return window.first_new - window.begin; }
  };

  // REQUIRES: i < size().
  Location location(std::size_t i) const;

  // Appends window i as a document of the batch. REQUIRES: i < size().
  void append(std::size_t i, Batch& batch) const;

 private:
  TokenizedDocuments documents_;
  std::size_t block_size_;
  std::size_t size_ = 0;
  std::size_t fed_positions_ = 0;
  std::size_t longer_documents_ = 0;
  PackedIntegers first_;  // [documents + 1], of a document's first window; none where the windows are the documents
};

}  // namespace microgpt
