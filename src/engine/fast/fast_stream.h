// One document that grows, in the fast engine: see Stream in microgpt/engine.h.
//
// The same model as FastStreams, by kernels for a single row. What they compute differs from it in the rounding of products.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/fast/fast_model.h"
#include "engine/fast/float_buffer.h"
#include "microgpt/engine.h"

namespace microgpt {

class FastStream final : public Stream {
 public:
  explicit FastStream(const FastModel& model);

  std::span<const double> feed(Token token) override;

 private:
  std::size_t place_all(float* base);
  void forward_layer(std::size_t index);
  void product(const float* x, std::size_t k, const PackedMatrix& weights, std::span<const float> buffer, float* y,
               RowProductCall call = {});

  FastModel model_;
  std::int32_t position_ = 0;
  FloatBuffer buffer_;
  std::vector<float*> caches_;  // of each layer
  // One row each, its features end to end.
  float* x_ = nullptr;
  float* normed_ = nullptr;
  float* qkv_ = nullptr;
  float* attention_ = nullptr;
  float* hidden_ = nullptr;
  float* logits_ = nullptr;
  float* attention_scratch_ = nullptr;
  std::vector<double> result_;
};

}  // namespace microgpt
