// Which of the two ways of attention serves a document, and the room that each takes.
#pragma once

#include <algorithm>
#include <cstddef>

#include "engine/fast/kernels/kernels.h"
#include "engine/fast/panels.h"

namespace microgpt {

inline constexpr std::size_t kLongestShortDocument = 32;
inline constexpr std::size_t kQueryBlock = 256;  // queries of a long document that are taken at a time

// Whether the heads come in fours that share vectors, and the document is short enough for that to pay.
constexpr bool is_short_attention(std::size_t n_embd, std::size_t n_head, std::size_t positions) {
  const std::size_t head_dim = n_embd / n_head;
  const bool heads_fit = n_head % 4 == 0 && (head_dim == 4 || head_dim == 8 || head_dim % 16 == 0);
  return heads_fit && positions <= kLongestShortDocument;
}

// A row of a long document's queries, keys or values; a head's last vector may reach past the last feature.
constexpr std::size_t long_attention_width(std::size_t n_embd) { return round_up_to_vector(n_embd) + kVectorLanes; }
constexpr std::size_t long_attention_rows(std::size_t positions) { return round_up_to_vector(positions) + kRowPadding; }

constexpr std::size_t long_attention_scratch(std::size_t n_embd, std::size_t n_head, std::size_t positions) {
  const std::size_t rows = 7 * long_attention_rows(positions) * long_attention_width(n_embd);
  const std::size_t keys = round_up_to_vector(positions);
  const std::size_t transposed = 2 * round_up_to_vector(n_embd / n_head) * keys;
  const std::size_t logits = 2 * (std::min(kQueryBlock, positions) + kRowPadding) * keys;
  return rows + transposed + logits;
}

// Vectors of probabilities of four heads: those of position t have t / 4 + 1.
constexpr std::size_t short_attention_room(std::size_t n_head, std::size_t first, std::size_t positions) {
  std::size_t vectors = 0;
  for (std::size_t t = first; t < positions; ++t) vectors += t / 4 + 1;
  return n_head / 4 * vectors * kVectorLanes;
}

}  // namespace microgpt
