// SPDX-License-Identifier: MIT
// The rows that a part of a batch is computed in: one for each position, or one for each different prefix.
//
// What the model computes at a position depends on the tokens up to it and on nothing else. Where documents of a batch begin
// alike, the rows of their common beginning are the same, and it is enough to compute them once and to add up the gradients
// that reach them: exact mathematics, fewer rows.
//
// Memory grows to the largest part so far and is then used again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/fast/kernels/kernels.h"
#include "text/batch.h"

namespace microgpt::fast {

class Rows {
 public:
  // Makes space for so many documents and positions, so that build() need not.
  void reserve(std::size_t documents, std::size_t positions);

  // The rows of documents [begin, end) of the batch. With `share`, equal prefixes are one row where that saves at least one
  // row in kMinSaving; the rule looks at the documents only.
  void build(const Batch& batch, std::size_t begin, std::size_t end, bool share);

  std::size_t size() const { return tokens_.size(); }
  std::span<const Token> tokens() const { return tokens_; }
  std::span<const std::int32_t> positions() const { return positions_; }
  std::span<const AttentionDocument> documents() const { return documents_; }

  // The row of each position of the documents, end to end as in the batch.
  std::span<const std::int32_t> row_of_position() const { return row_of_position_; }

 private:
  static constexpr std::size_t kMinSaving = 16;

  void build_one_by_one(const Batch& batch, std::size_t begin, std::size_t end);
  void build_shared(const Batch& batch, std::size_t begin, std::size_t end);
  void clear();

  std::vector<Token> tokens_;
  std::vector<std::int32_t> positions_;
  std::vector<AttentionDocument> documents_;
  std::vector<std::int32_t> row_of_position_;

  // A hash table from (row of the prefix, next token) to row; its size is a power of two.
  struct Slot {
    std::int32_t parent;
    Token token;
    std::int32_t row;
  };
  Slot& find(std::int32_t parent, Token token);  // its slot, or the free one where it belongs
  Slot& find_free(std::int32_t parent, Token token);

  std::vector<Slot> slots_;
};

// The rows of logits that are made into others: of positions that share a row of the model, one for each different key.
//
// Memory grows to the largest part so far and is then used again.
class ChangedRows {
 public:
  // Of these rows; keys[i] is that of their position i.
  void build(const Rows& rows, std::span<const std::uint32_t> keys);

  struct Row {
    std::size_t position;  // the first that it is for
    std::size_t row;       // of the model
  };

  std::size_t size() const { return changed_.size(); }
  Row operator[](std::size_t i) const { return {changed_[i].position, changed_[i].row}; }

  // Which of these a position has.
  std::size_t row_of_position(std::size_t position) const { return row_of_position_[position]; }

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  struct Changed {
    std::uint32_t position;
    std::uint32_t row;
    std::uint32_t next = kNone;  // of the same row of the model
  };

  std::vector<Changed> changed_;
  std::vector<std::uint32_t> first_of_row_;  // [rows of the model], of changed_
  std::vector<std::uint32_t> row_of_position_;
};

}  // namespace microgpt::fast
