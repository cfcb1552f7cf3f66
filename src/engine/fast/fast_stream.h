// One document that grows, in the fast engine: see Stream in microgpt/engine.h.
#pragma once

#include <span>
#include <vector>

#include "engine/fast/fast_streams.h"
#include "microgpt/engine.h"

namespace microgpt {

class FastStream final : public Stream {
 public:
  explicit FastStream(const FastModel& model);

  std::span<const double> feed(Token token) override;

 private:
  FastStreams streams_;
  std::vector<double> logits_;
};

}  // namespace microgpt
