// SPDX-License-Identifier: MIT
// How a document that is longer than the context is read, in scoring and in training: through a window that slides.
//
// The first window covers positions 0 to block_size - 1. Each later one begins `stride` positions after the one before and is
// as long, or ends with the document; only the positions that no window before it had count. So every position is predicted
// once, and each after the first window from at least block_size - stride positions before it.
#pragma once

#include <algorithm>
#include <cstddef>

namespace microgpt {

// Half of the context, rounded up: half of the work is new, and no position sees less than half a context.
constexpr std::size_t window_stride(std::size_t block_size) { return (block_size + 1) / 2; }

// Positions of a document: the model is fed those from `begin` on, and those from `first_new` up to, not including, `end`
// count.
struct Window {
  std::size_t begin;
  std::size_t first_new;
  std::size_t end;
};

// REQUIRES: positions >= 1, block_size >= 1.
constexpr Window first_window(std::size_t positions, std::size_t block_size) { return {0, 0, std::min(positions, block_size)}; }

// The window after one that does not reach the document's end.
constexpr Window next_window(const Window& window, std::size_t positions, std::size_t block_size) {
  const std::size_t begin = window.begin + window_stride(block_size);
  return {begin, window.end, std::min(positions, begin + block_size)};
}

// How many windows a document has. REQUIRES: as above.
constexpr std::size_t count_windows(std::size_t positions, std::size_t block_size) {
  if (positions <= block_size) return 1;
  const std::size_t stride = window_stride(block_size);
  return 1 + (positions - block_size + stride - 1) / stride;
}

// Window `number`, counted from 0. REQUIRES: it is below count_windows().
constexpr Window window_of_number(std::size_t number, std::size_t positions, std::size_t block_size) {
  if (number == 0) return first_window(positions, block_size);
  const std::size_t begin = number * window_stride(block_size);
  const std::size_t before = begin - window_stride(block_size);
  return {begin, before + block_size, std::min(positions, begin + block_size)};
}

}  // namespace microgpt
