// SPDX-License-Identifier: MIT
// The loss of one document laid open: what the model expected at each position, and what came.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.h"
#include "microgpt/explain.h"
#include "microgpt/tokenizer.h"
#include "scoring/mixture.h"

namespace microgpt {

// The document may be longer than the context: scoring/windows.h says what is seen then. With a mixture that is what predicts.
// REQUIRES: valid UTF-8.
Explanation explain(Engine& engine, const Tokenizer& tokenizer, std::string_view document,
                    std::size_t alternatives = kAlternatives, const Mixture* mixture = nullptr);

// More weights of attention are not computed.
inline constexpr std::size_t kMaxAttentionWeights = std::size_t{1} << 26;

// Where the layers before the last one look: of each layer and position what PositionLoss::attention is of the last.
using EarlierAttention = std::vector<std::vector<std::vector<std::vector<double>>>>;

// Fills in the attention of the last layer, of all heads or of one; and if `earlier` is not null, there that of the layers
// before it. Throws Error where there may be more than kMaxAttentionWeights of them. REQUIRES: the explanation is of this
// engine and document and has none; head < n_head.
void explain_attention(const Engine& engine, const Tokenizer& tokenizer, std::string_view document, Explanation& explanation,
                       std::optional<std::size_t> head = {}, EarlierAttention* earlier = nullptr);

}  // namespace microgpt
