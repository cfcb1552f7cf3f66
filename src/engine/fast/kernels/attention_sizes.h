// SPDX-License-Identifier: MIT
// Which of the two ways of attention serves a document, and the floats that each takes.
#pragma once

#include <algorithm>
#include <cstddef>

#include "engine/fast/kernels/kernels.h"
#include "engine/fast/panels.h"

namespace microgpt::fast {

inline constexpr std::size_t kMaxShortDocument = 16;  // positions before this one are short attention's
inline constexpr std::size_t kQueryBlock = 256;       // queries of a long document that are taken at a time

// Whether the heads come in fours that share vectors.
constexpr bool heads_share_vectors(std::size_t n_embd, std::size_t n_head) {
  const std::size_t head_dim = n_embd / n_head;
  return n_head % 4 == 0 && (head_dim == 4 || head_dim == 8 || head_dim == 16 || head_dim == 32);
}

// Whether a head is one vector or whole panels of two, so that products of it can work on the panels of all.
constexpr bool heads_are_panels(std::size_t n_embd, std::size_t n_head) {
  const std::size_t head_dim = n_embd / n_head;
  return head_dim == kVectorLanes || head_dim % (2 * kVectorLanes) == 0;
}

// The positions [first, size) of a document that short attention serves, and those that long attention does. Which one it is
// depends on the position alone, so that what is computed for it does not depend on what else is in the batch.
struct AttentionParts {
  AttentionDocument for_short;
  AttentionDocument for_long;
};

constexpr AttentionParts attention_parts(std::size_t n_embd, std::size_t n_head, const AttentionDocument& document) {
  const std::size_t limit = heads_share_vectors(n_embd, n_head) ? kMaxShortDocument : 0;
  const std::size_t middle = std::clamp(limit, document.first, document.size);
  return {{document.rows, document.first, middle}, {document.rows, middle, document.size}};
}

constexpr bool is_empty(const AttentionDocument& document) { return document.first == document.size; }

// A row of a long document's queries, keys or values; a head's last vector may reach past the last feature.
constexpr std::size_t long_attention_width(std::size_t n_embd) { return round_up_to_vector(n_embd) + kVectorLanes; }
constexpr std::size_t long_attention_rows(std::size_t positions) { return round_up_to_vector(positions) + kRowPadding; }

// Whether products can work on the panels where a document's rows lie.
constexpr bool can_work_in_place(std::size_t n_embd, std::size_t n_head, const AttentionDocument& document) {
  const auto distance = static_cast<std::size_t>(document.rows[document.size - 1] - document.rows[0]);
  return heads_are_panels(n_embd, n_head) && distance == document.size - 1;
}

constexpr std::size_t long_attention_scratch(std::size_t n_embd, std::size_t n_head, std::size_t positions, bool in_place) {
  const std::size_t rows = in_place ? 0 : 7 * long_attention_rows(positions) * long_attention_width(n_embd);
  const std::size_t keys = round_up_to_vector(positions);
  const std::size_t transposed = 2 * round_up_to_vector(n_embd / n_head) * keys;
  const std::size_t logits = 2 * (std::min(kQueryBlock, positions) + kRowPadding) * keys;
  return rows + transposed + logits;
}

// Vectors of probabilities of four heads of positions 0 to t - 1: a position sees its keys in groups of four.
constexpr std::size_t short_attention_vectors(std::size_t t) {
  const std::size_t whole = t / 4;
  return 2 * whole * (whole + 1) + t % 4 * (whole + 1);
}

constexpr std::size_t short_attention_probabilities_size(std::size_t n_head, std::size_t first, std::size_t positions) {
  return n_head / 4 * (short_attention_vectors(positions) - short_attention_vectors(first)) * kVectorLanes;
}

// Keys and values of four heads, and the gradient of their logits.
constexpr std::size_t short_attention_scratch(std::size_t n_embd, std::size_t n_head) {
  return 2 * 4 * (n_embd / n_head) * kMaxShortDocument + short_attention_probabilities_size(4, 0, kMaxShortDocument);
}

}  // namespace microgpt::fast
