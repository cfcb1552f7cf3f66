// SPDX-License-Identifier: MIT
// Which tokens may be drawn: the k likeliest (top-k), and of these the nucleus (top-p).
//
// Both leave the likeliest token in. Those that stay keep their proportions: what is drawn follows their probabilities divided
// by the sum of them. Of equally likely tokens the one of the lower number counts as the likelier. Source: top-k Fan, Lewis and
// Dauphin 2018; top-p Holtzman et al. 2020, "The Curious Case of Neural Text Degeneration".
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace microgpt {

struct TokenFilter {
  std::optional<std::size_t> top_k = {};  // at least 1; nothing: all
  double top_p = 1.0;                     // above 0: the fewest likeliest tokens that together have at least this probability

  bool leaves_out_any() const { return top_k || top_p < 1.0; }
};

// Makes the logits of the tokens that are left out minus infinity. The probabilities that top-p adds up are those of
// softmax(logits / temperature) among the tokens that top-k leaves. A temperature of 0 takes the likeliest token, which no
// filter leaves out: then nothing is done, and where logits are no numbers. `order` is scratch.
void apply(const TokenFilter& filter, double temperature, std::span<float> logits, std::vector<std::size_t>& order);

}  // namespace microgpt
