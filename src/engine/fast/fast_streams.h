// SPDX-License-Identifier: MIT
// Documents that grow in lock step, in the fast engine: see Streams in engine/engine.h.
//
// A step is one row for each stream, through the kernels of streams in kernels/kernels.h. So many streams are taken at a time
// that their rows stay in the nearest cache.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/engine.h"
#include "engine/fast/first_layer.h"
#include "engine/fast/packing.h"
#include "simd/aligned_buffer.h"

namespace microgpt::fast {

class FastStreams final : public Streams {
 public:
  FastStreams(const FastModel& model, std::size_t count, FirstLayer first_layer);

  std::size_t size() const override { return positions_.size(); }
  void restart(std::size_t i) override { positions_[i] = 0; }
  void feed(std::span<const Token> tokens) override;
  std::span<float> logits(std::size_t i) override;
  bool draw(double temperature, std::span<const float> uniforms, std::span<Token> tokens) override;

 private:
  static constexpr std::size_t kMaxRows = 16;

  std::size_t lay_out(float* base);
  void feed(std::span<const Token> tokens, std::size_t first);
  void finish_layer(std::size_t index, std::size_t first);
  void product(const float* x, std::size_t k, const PackedMatrix& weights, std::span<const float> buffer, float* y,
               RowProductCall call = {});

  FastModel model_;
  std::vector<std::int32_t> positions_;  // of each stream's next token
  FirstLayerTable table_;                // empty where it is computed
  AlignedBuffer<float> buffer_;
  std::vector<float*> caches_;  // of each layer
  float* logits_ = nullptr;     // a row for each stream
  // Of the streams that are taken at a time.
  std::size_t rows_ = 0;
  float* x_ = nullptr;
  float* scale_ = nullptr;
  float* qkv_ = nullptr;
  float* attention_ = nullptr;
  float* hidden_ = nullptr;
  float* first_layer_scratch_ = nullptr;
  float* attention_scratch_ = nullptr;
  float* draw_scratch_ = nullptr;
};

// One document that grows, in the fast engine: see Stream in engine/engine.h. It is FastStreams of one.
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
