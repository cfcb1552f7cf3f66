// SPDX-License-Identifier: MIT
// One document that grows, in the fast engine: see Stream in microgpt/engine.h. It is FastStreams of one.
#pragma once

#include <span>
#include <vector>

#include "engine/fast/fast_streams.h"
#include "microgpt/engine.h"

namespace microgpt::fast {

class FastStream final : public Stream {
 public:
  explicit FastStream(const FastModel& model) : streams_(model, 1, FirstLayer::computed) {}

  std::span<const double> feed(Token token) override {
    streams_.feed({&token, 1});
    const std::span<const float> logits = streams_.logits(0);
    logits_.assign(logits.begin(), logits.end());
    return logits_;
  }

 private:
  FastStreams streams_;
  std::vector<double> logits_;
};

}  // namespace microgpt::fast
