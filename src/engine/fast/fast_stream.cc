#include "engine/fast/fast_stream.h"

namespace microgpt {

FastStream::FastStream(const FastModel& model) : streams_(model, 1, 1.0), logits_(model.config.vocab_size) {}

std::span<const double> FastStream::feed(Token token) {
  const Panels& logits = streams_.feed_for_logits({&token, 1});
  for (std::size_t i = 0; i < logits_.size(); ++i) logits_[i] = static_cast<double>(logits.element(0, i));
  return logits_;
}

}  // namespace microgpt
