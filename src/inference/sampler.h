// SPDX-License-Identifier: MIT
// New documents, many at a time.
//
// Some documents grow in lock step; where one ends, the next begins in its place. A document is a function of the model, the
// temperature, the filter, the prompt, the lengths, the seed and its number: not of how many there are or how many grow at a
// time.
//
// One that grows longer than the context is read as the scorer reads it, through a window that slides (scoring/windows.h): when
// the window is full, the last half of the context is fed anew, at the positions of a new window.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "engine/engine.h"
#include "inference/generate.h"
#include "inference/token_constraint.h"
#include "microgpt/token.h"
#include "scoring/mixture.h"

namespace microgpt {

inline constexpr std::size_t kSamplerStreams = 64;

struct SamplerOptions {
  double temperature = 0.5;  // 0: always the likeliest token
  TokenFilter filter = {};   // which tokens may be drawn
  std::uint64_t seed = 42;
  std::uint64_t first = 0;                     // the number of the first document
  std::vector<Token> prompt = {};              // what each document begins with
  bool prompt_after_bos = true;                // false: the model reads the prompt as if from the midst of a text
  std::size_t min_length = 0;                  // of a document in tokens, as below: BOS is not drawn before
  std::optional<std::size_t> max_length = {};  // of a document in tokens, the prompt's included; nothing: block_size
  std::size_t streams = kSamplerStreams;       // that grow at a time, at most
  FirstLayer first_layer = FirstLayer::computed;
  const TokenConstraint* constraint =
      nullptr;                               // which documents are drawn; null: any. REQUIRES: it is possible, of this prompt
                                             // and max_length, and no document of fewer than min_length tokens matches
  const Mixture* mixture = nullptr;          // of the engine with an n-gram, from which tokens are drawn; or null
  std::function<void()> between_steps = {};  // called after each token of all; may throw to stop
};

// Calls take(tokens, log_weight) for `count` documents from number `first` on, in this order: from the prompt up to, not
// including, BOS, or max_length tokens; of block_size tokens, as microgpt.py samples. take() may throw to stop.
//
// With a constraint, each token is drawn among those that may come, and in all documents but every fourth also as likely as a
// match is after it (token_constraint.h). The log-weight is ln(the probability that the document is drawn without the
// constraint / the mean of those of these two ways to draw it, by their shares), and 0 without one and at a temperature of 0.
// Weighed so, documents have the distribution of those that are drawn without a constraint and match. It is minus infinity
// where the filter leaves out all that may come. REQUIRES: a temperature >= 0; a prompt shorter than max_length, without BOS,
// and not empty where no BOS stands before it; a min_length that is no greater than max_length.
void sample_documents(Engine& engine, Token bos, std::size_t count, const SamplerOptions& options,
                      const std::function<void(std::span<const Token> tokens, double log_weight)>& take);

}  // namespace microgpt
