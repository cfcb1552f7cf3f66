// SPDX-License-Identifier: MIT
#include "engine/fast/rows.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <numeric>

namespace microgpt::fast {
namespace {

constexpr std::int32_t kNone = -1;

std::size_t hash(std::int32_t parent, Token token) {
  const std::uint64_t key =
      (static_cast<std::uint64_t>(static_cast<std::uint32_t>(parent)) << 32) | static_cast<std::uint32_t>(token);
  return static_cast<std::size_t>((key * 0x9E3779B97F4A7C15U) >> 32);
}

std::size_t table_size(std::size_t positions) { return std::bit_ceil(4 * positions + 1); }

}  // namespace

void Rows::reserve(std::size_t documents, std::size_t positions) {
  tokens_.reserve(positions);
  positions_.reserve(positions);
  documents_.reserve(documents);
  row_of_position_.reserve(positions);
  slots_.reserve(table_size(positions));
}

void Rows::build(const Batch& batch, std::size_t begin, std::size_t end, bool share) {
  const std::size_t positions = batch.offsets[end] - batch.offsets[begin];
  if (share && end - begin > 1) {
    build_shared(batch, begin, end);
    if ((positions - size()) * kMinSaving >= positions) return;
  }
  build_one_by_one(batch, begin, end);
}

void Rows::clear() {
  tokens_.clear();
  positions_.clear();
  documents_.clear();
  row_of_position_.clear();
}

void Rows::build_one_by_one(const Batch& batch, std::size_t begin, std::size_t end) {
  clear();
  const Token* const tokens = batch.inputs.data();
  tokens_.assign(tokens + batch.offsets[begin], tokens + batch.offsets[end]);
  positions_.resize(tokens_.size());
  row_of_position_.resize(tokens_.size());
  std::iota(row_of_position_.begin(), row_of_position_.end(), 0);
  for (std::size_t d = begin; d < end; ++d) {
    const std::size_t first = batch.offsets[d] - batch.offsets[begin];
    const std::size_t size = batch.offsets[d + 1] - batch.offsets[d];
    documents_.push_back({row_of_position_.data() + first, 0, size});
    std::iota(positions_.data() + first, positions_.data() + first + size, 0);
  }
}

void Rows::build_shared(const Batch& batch, std::size_t begin, std::size_t end) {
  clear();
  const std::size_t positions = batch.offsets[end] - batch.offsets[begin];
  row_of_position_.resize(positions);
  tokens_.resize(positions);
  positions_.resize(positions);
  slots_.assign(table_size(positions), Slot{kNone, 0, kNone});
  std::int32_t* row = row_of_position_.data();
  std::int32_t rows = 0;
  for (std::size_t d = begin; d < end; ++d) {
    const std::span<const Token> tokens = batch.document_inputs(d);
    const std::int32_t* const first_row = row;
    const auto append = [&](std::size_t t, Slot& slot) {
      slot = {t == 0 ? kNone : row[-1], tokens[t], rows};
      tokens_[static_cast<std::size_t>(rows)] = tokens[t];
      positions_[static_cast<std::size_t>(rows)] = static_cast<std::int32_t>(t);
      *row++ = rows++;
    };
    std::size_t t = 0;
    for (; t < tokens.size(); ++t) {
      Slot& slot = find(t == 0 ? kNone : row[-1], tokens[t]);
      if (slot.row == kNone) {
        documents_.push_back({first_row, t, tokens.size()});
        append(t++, slot);
        break;
      }
      *row++ = slot.row;
    }
    // No prefix that goes on from a new one is known.
    for (; t < tokens.size(); ++t) append(t, find_free(row[-1], tokens[t]));
  }
  tokens_.resize(static_cast<std::size_t>(rows));
  positions_.resize(static_cast<std::size_t>(rows));
}

Rows::Slot& Rows::find(std::int32_t parent, Token token) {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = hash(parent, token) & mask;; at = (at + 1) & mask) {
    Slot& slot = slots_[at];
    if (slot.row == kNone || (slot.parent == parent && slot.token == token)) return slot;
  }
}

Rows::Slot& Rows::find_free(std::int32_t parent, Token token) {
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = hash(parent, token) & mask;
  while (slots_[at].row != kNone) at = (at + 1) & mask;
  return slots_[at];
}

void ChangedRows::build(const Rows& rows, std::span<const std::uint32_t> keys) {
  const std::span<const std::int32_t> row_of_position = rows.row_of_position();
  assert(keys.size() == row_of_position.size());
  changed_.clear();
  first_of_row_.assign(rows.size(), kNone);
  row_of_position_.resize(keys.size());
  for (std::uint32_t i = 0; i < keys.size(); ++i) {
    const auto row = static_cast<std::uint32_t>(row_of_position[i]);
    std::uint32_t found = first_of_row_[row];
    while (found != kNone && keys[changed_[found].position] != keys[i]) found = changed_[found].next;
    if (found == kNone) {
      found = static_cast<std::uint32_t>(changed_.size());
      changed_.push_back({i, row, first_of_row_[row]});
      first_of_row_[row] = found;
    }
    row_of_position_[i] = found;
  }
}

}  // namespace microgpt::fast
