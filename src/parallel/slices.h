// SPDX-License-Identifier: MIT
// Flat buffers cut into slices for the threads of a team, element by element work being the same wherever it is done.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

namespace microgpt {

// How many slices a buffer of `size` elements is cut into for so many threads, so that none has fewer than `least`.
constexpr std::size_t slice_count(std::size_t size, std::size_t least, std::size_t threads) {
  return std::clamp<std::size_t>(size / least, 1, threads);
}

// Slice `slice` of `slices`: they begin at multiples of 64 elements, so that no cache line is in two of them where the buffer
// begins with one.
template <typename T>
std::span<T> slice_of(std::span<T> buffer, std::size_t slice, std::size_t slices) {
  const auto begin_of = [&](std::size_t i) { return i == slices ? buffer.size() : buffer.size() * i / slices / 64 * 64; };
  return buffer.subspan(begin_of(slice), begin_of(slice + 1) - begin_of(slice));
}

}  // namespace microgpt
