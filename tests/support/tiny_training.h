// SPDX-License-Identifier: MIT
// Calls of `train` that take no time, and what to look for in what they print.
#pragma once

#include <string>
#include <vector>

#include "support/process.h"

namespace microgpt::testing {

inline bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

inline std::size_t lines_with(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1)
    if (contains(text.substr(at, text.find('\n', at) - at), part)) ++n;
  return n;
}

// Two hundred different documents.
inline std::string tiny_corpus() {
  std::string text;
  for (int i = 0; i < 200; ++i) text += "ab" + std::to_string(i) + "\n";
  return text;
}

using Words = std::vector<std::string>;

inline Words tiny_train(const Words& more = {}) {
  Words call{"train",        "-", "--preset",    "microgpt", "--n-embd",      "8", "--n-head", "2",
             "--batch-size", "8", "--num-steps", "30",       "--num-samples", "3"};
  call.insert(call.end(), more.begin(), more.end());
  return call;
}

inline ProcessResult train_tiny(const Words& more = {}, const Words& environment = {}) {
  return run_microgpt(tiny_train(more), tiny_corpus(), environment);
}

}  // namespace microgpt::testing
