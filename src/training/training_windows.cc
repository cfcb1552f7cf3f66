// SPDX-License-Identifier: MIT
#include "training/training_windows.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace microgpt {

TrainingWindows::TrainingWindows(TokenizedDocuments documents, std::size_t block_size)
    : documents_(std::move(documents)), block_size_(block_size), first_(0, 0) {
  assert(documents_.size() > 0 && block_size >= 1);
  for (std::size_t d = 0; d < documents_.size(); ++d) {
    const std::size_t positions = documents_.positions(d);
    const std::size_t count = count_windows(positions, block_size);
    size_ += count;
    longer_documents_ += count > 1 ? 1 : 0;
    // Each window but the first begins one stride after the one before, and reads what lies between once more.
    fed_positions_ += positions + (count - 1) * (block_size - window_stride(block_size));
  }
  if (longer_documents_ == 0) return;
  first_ = PackedIntegers(documents_.size() + 1, size_);
  std::size_t first = 0;
  for (std::size_t d = 0; d < documents_.size(); ++d) {
    first_.set(d, first);
    first += count_windows(documents_.positions(d), block_size);
  }
  first_.set(documents_.size(), first);
}

std::size_t TrainingWindows::longest() const { return std::min(block_size_, documents_.longest()); }

TrainingWindows::Location TrainingWindows::location(std::size_t i) const {
  assert(i < size_);
  if (longer_documents_ == 0) return {i, first_window(documents_.positions(i), block_size_)};
  std::size_t document = 0;
  std::size_t number = 0;
  first_.visit([&](const auto& first) {
    const auto next = std::upper_bound(first.begin(), first.end(), i);
    document = static_cast<std::size_t>(next - first.begin()) - 1;
    number = i - static_cast<std::size_t>(first[document]);
  });
  return {document, window_of_number(number, documents_.positions(document), block_size_)};
}

void TrainingWindows::append(std::size_t i, Batch& batch) const {
  const Location at = location(i);
  documents_.append(at.document, at.window.begin, at.window.end, batch);
  batch.set_context(at.context());
}

}  // namespace microgpt
