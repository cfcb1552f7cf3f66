// SPDX-License-Identifier: MIT
// Documents to be computed together, end to end, never padded.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <span>
#include <vector>

#include "microgpt/tokenizer.h"

namespace microgpt {

// Position i has the input token inputs[i] and shall predict targets[i]; document d has the positions from offsets[d] up to,
// not including, offsets[d + 1].
struct Batch {
  std::vector<Token> inputs;
  std::vector<Token> targets;
  std::vector<std::size_t> offsets{0};

  // Where it is not empty: with what probability each position shall predict each token, in place of its target alone,
  // [positions][vocab_size]. Those of a position have the sum 1.
  std::vector<float> soft_targets{};

  std::size_t documents() const { return offsets.size() - 1; }
  std::size_t positions() const { return inputs.size(); }

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

  void clear() {
    inputs.clear();
    targets.clear();
    offsets.resize(1);
    soft_targets.clear();
  }

 private:
  std::span<const Token> part(const std::vector<Token>& tokens, std::size_t d) const {
    return std::span(tokens).subspan(offsets[d], offsets[d + 1] - offsets[d]);
  }
};

}  // namespace microgpt
