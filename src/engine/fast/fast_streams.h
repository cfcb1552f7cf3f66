// Many documents that grow in lock step, in the fast engine: see Streams in microgpt/engine.h.
//
// One step is one row for each stream, through the kernels that train.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/fast/fast_model.h"
#include "engine/fast/float_buffer.h"
#include "microgpt/engine.h"

namespace microgpt {

class FastStreams final : public Streams {
 public:
  FastStreams(const FastModel& model, std::size_t count, double temperature);

  std::size_t size() const override { return positions_.size(); }
  void restart(std::size_t i) override { positions_[i] = 0; }
  void feed(std::span<const Token> tokens) override;
  std::span<const float> probabilities(std::size_t i) const override;

 private:
  std::size_t place_all(float* base);
  void compute_logits(std::span<const Token> tokens);
  void forward_layer(std::size_t index, const Panels& x_before);
  void product(const ConstPanels& a, std::size_t k, const PackedMatrix& weights, std::span<const float> buffer, const Panels& c,
               ProductCall call = {});

  FastModel model_;
  std::vector<std::int32_t> positions_;  // of each stream's next token
  FloatBuffer buffer_;
  float* lm_head_ = nullptr;    // divided by the temperature
  std::vector<float*> caches_;  // of each layer
  // [streams]
  Panels embedded_, x_, normed_, qkv_, attention_, hidden_, rectified_, logits_;
  float* scale_ = nullptr;
  float* weight_ = nullptr;
  float* lse_ = nullptr;
  float* attention_scratch_ = nullptr;
  float* gathered_ = nullptr;  // probabilities, row by row
};

}  // namespace microgpt
