// SPDX-License-Identifier: MIT
// One document, token after token; and which tokens may be drawn: the k likeliest (top-k), of these the nucleus (top-p), and of
// these those that are not much less likely than the likeliest (min-p).
//
// All leave the likeliest token in. Those that stay keep their proportions: what is drawn follows their probabilities divided
// by the sum of them. Of equally likely tokens the one of the lower number counts as the likelier. Source: top-k Fan, Lewis and
// Dauphin 2018; top-p Holtzman et al. 2020, "The Curious Case of Neural Text Degeneration"; min-p Nguyen et al. 2024,
// "Turning Up the Heat: Min-p Sampling for Creative and Coherent LLM Outputs".
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "engine/engine.h"
#include "microgpt/token.h"
#include "random/python_random.h"

namespace microgpt {

struct TokenFilter {
  std::optional<std::size_t> top_k = {};  // at least 1; nothing: all
  double top_p = 1.0;                     // above 0: the fewest likeliest tokens that together have at least this probability
  double min_p = 0.0;                     // 0 to 1: those that have at least this share of the likeliest token's probability

  bool leaves_out_any() const { return top_k || top_p < 1.0 || min_p > 0.0; }
};

// Makes the logits of the tokens that are left out minus infinity. The probabilities that top-p adds up are those of
// softmax(logits / temperature) among the tokens that top-k leaves. A temperature of 0 takes the likeliest token, which no
// filter leaves out: then nothing is done, and where logits are no numbers. `order` is scratch.
void apply(const TokenFilter& filter, double temperature, std::span<float> logits, std::vector<std::size_t>& order);

// The probabilities of the next token: the softmax of logits / temperature, in the order of operations of microgpt.py.
// REQUIRES: temperature > 0.
std::vector<double> next_token_probabilities(std::span<const double> logits, double temperature);

// One document as microgpt.py samples it: from BOS up to, not including, the next BOS, or block_size tokens. It begins with the
// tokens of `prompt`, if there are any, and goes on from there. A temperature of 0 is greedy: always the likeliest token, of
// equally likely ones the first, and nothing is drawn.
// Throws Error where the probabilities are not numbers any more (a temperature too close to 0).
// REQUIRES: temperature >= 0; the prompt has fewer than block_size tokens, none of them BOS.
std::vector<Token> generate(Engine& engine, Token bos, double temperature, PythonRandom& random,
                            std::span<const Token> prompt = {});

}  // namespace microgpt
