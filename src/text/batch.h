// SPDX-License-Identifier: MIT
// Documents to be computed together, end to end, never padded.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <numeric>
#include <span>
#include <vector>

#include "microgpt/token.h"

namespace microgpt {

// Position i has the input token inputs[i] and must predict targets[i]; document d has the positions from offsets[d] up to,
// not including, offsets[d + 1].
struct Batch {
  std::vector<Token> inputs;
  std::vector<Token> targets;
  std::vector<std::size_t> offsets{0};

  // Where it is not empty: with what probability each position must predict each token, in place of its target alone,
  // [positions][vocab_size]. Those of a position have the sum 1.
  std::vector<float> soft_targets{};

  // Of document d the first context[d] positions count nothing in the loss: they are read for what follows them. Fewer than the
  // document has, and 0 from the end of the vector on.
  std::vector<std::size_t> context{};

  std::size_t documents() const { return offsets.size() - 1; }
  std::size_t positions() const { return inputs.size(); }

  std::size_t context_of(std::size_t d) const { return d < context.size() ? context[d] : 0; }

  // The positions that count: of document d, and of all.
  std::size_t counted(std::size_t d) const { return offsets[d + 1] - offsets[d] - context_of(d); }
  std::size_t counted_positions() const {
    return positions() - std::accumulate(context.begin(), context.end(), std::size_t{0});
  }

  std::span<const Token> document_inputs(std::size_t d) const { return part(inputs, d); }
  std::span<const Token> document_targets(std::size_t d) const { return part(targets, d); }

  // Appends a document given as BOS ... BOS, cut to its first `block_size` positions as microgpt.py does.
  // REQUIRES: at least two tokens.
  void append(std::span<const Token> tokens, std::size_t block_size) {
    assert(tokens.size() >= 2);
    const std::size_t n = std::min(block_size, tokens.size() - 1);
    const auto end = static_cast<std::ptrdiff_t>(n);
    inputs.insert(inputs.end(), tokens.begin(), tokens.begin() + end);
    targets.insert(targets.end(), tokens.begin() + 1, tokens.begin() + 1 + end);
    offsets.push_back(offsets.back() + n);
  }

  // Of the last document so many positions count nothing.
  void set_context(std::size_t count) {
    assert(count < document_inputs(documents() - 1).size());
    if (count == 0) return;
    context.resize(documents());
    context.back() = count;
  }

  void clear() {
    inputs.clear();
    targets.clear();
    offsets.resize(1);
    soft_targets.clear();
    context.clear();
  }

 private:
  std::span<const Token> part(const std::vector<Token>& tokens, std::size_t d) const {
    return std::span(tokens).subspan(offsets[d], offsets[d + 1] - offsets[d]);
  }
};

}  // namespace microgpt
