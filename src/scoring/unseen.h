// SPDX-License-Identifier: MIT
// Characters that a model has never seen: what they cost, and how they look.
//
// Such a character costs ln V + ln 1,114,112 nats, as if the model thought all its tokens equally likely and then all of
// Unicode's code points; it is fed on as BOS. Every predictor does the same, so that they can be compared and mixed.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "microgpt/tokenizer.h"

namespace microgpt {

inline constexpr std::size_t kCodePoints = 1'114'112;

// ln V + ln 1,114,112, in nats.
double unseen_loss(std::size_t vocab_size);

// What to show for each token of Tokenizer::encode_marking_unseen(): as Tokenizer::symbol(), and the character itself where it
// is unseen. REQUIRES: as there.
std::vector<std::string> symbols_of(const Tokenizer& tokenizer, std::string_view document);

}  // namespace microgpt
