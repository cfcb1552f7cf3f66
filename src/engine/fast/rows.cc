#include "engine/fast/rows.h"

#include <algorithm>
#include <bit>
#include <numeric>

namespace microgpt {
namespace {

constexpr std::int32_t kNone = -1;

std::size_t hash(std::int32_t parent, Token token) {
  const std::uint64_t key =
      (static_cast<std::uint64_t>(static_cast<std::uint32_t>(parent)) << 32) | static_cast<std::uint32_t>(token);
  return static_cast<std::size_t>((key * 0x9E3779B97F4A7C15U) >> 32);
}

std::size_t table_size(std::size_t positions) { return std::bit_ceil(2 * positions + 1); }

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
    if ((positions - size()) * kLeastSaving >= positions) return;
  }
  build_one_by_one(batch, begin, end);
}

void Rows::clear() {
  tokens_.clear();
  positions_.clear();
  documents_.clear();
  row_of_position_.clear();
}

std::int32_t Rows::append_row(Token token, std::size_t position) {
  tokens_.push_back(token);
  positions_.push_back(static_cast<std::int32_t>(position));
  return static_cast<std::int32_t>(tokens_.size() - 1);
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
  slots_.assign(table_size(positions), Slot{kNone, 0, kNone});
  std::int32_t* row = row_of_position_.data();
  for (std::size_t d = begin; d < end; ++d) {
    const std::span<const Token> tokens = batch.document_inputs(d);
    const std::size_t known_rows = size();
    const std::int32_t* const first_row = row;
    std::size_t first_new = tokens.size();
    std::int32_t parent = kNone;
    for (std::size_t t = 0; t < tokens.size(); ++t) {
      parent = find_or_append(parent, tokens[t], t);
      if (first_new == tokens.size() && static_cast<std::size_t>(parent) >= known_rows) first_new = t;
      *row++ = parent;
    }
    if (first_new < tokens.size()) documents_.push_back({first_row, first_new, tokens.size()});
  }
}

std::int32_t Rows::find_or_append(std::int32_t parent, Token token, std::size_t position) {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = hash(parent, token) & mask;; at = (at + 1) & mask) {
    Slot& slot = slots_[at];
    if (slot.row == kNone) {
      slot = {parent, token, append_row(token, position)};
      return slot.row;
    }
    if (slot.parent == parent && slot.token == token) return slot.row;
  }
}

}  // namespace microgpt
