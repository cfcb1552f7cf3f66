// Many documents that grow in lock step, in the fast engine: see Streams in microgpt/engine.h.
//
// One step is one row for each open stream, through the kernels that train, with the queries, keys and values of all positions
// so far kept as rows: each stream knows which rows are its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/fast/float_buffer.h"
#include "engine/fast/kernels/kernels.h"
#include "engine/fast/packing.h"
#include "microgpt/engine.h"

namespace microgpt {

// What a fast engine's streams read; all of it must outlive them.
struct FastModel {
  const Config& config;
  const Kernels& kernels;
  const Packing& packing;
  std::span<const float> parameters;
  std::span<const float> transposed;
};

class FastStreams final : public Streams {
 public:
  FastStreams(const FastModel& model, std::size_t count, double temperature);

  std::size_t size() const override { return size_; }
  void feed(std::span<const Token> tokens) override;
  std::span<const float> probabilities(std::size_t i) const override;
  void keep(std::span<const std::size_t> kept) override;

  // feed() without the softmax: the logits, divided by the temperature, [streams][vocab_size].
  const Panels& feed_for_logits(std::span<const Token> tokens);

 private:
  void begin_step();
  void forward_layer(std::size_t index, const Panels& x_before);
  void product(const ConstPanels& a, std::size_t k, const PackedMatrix& weights, std::span<const float> buffer, const Panels& c,
               ProductCall call = {});

  FastModel model_;
  std::size_t size_;
  std::size_t most_rows_;
  std::size_t next_row_ = 0;  // of the rows that are kept
  std::size_t position_ = 0;

  FloatBuffer lm_head_;  // divided by the temperature
  FloatBuffer buffer_;
  std::vector<Panels> qkv_;                                     // of each layer, [streams * block_size]
  Panels heads_;                                                // what attention gives, [streams * block_size]
  Panels embedded_, x_, normed_, hidden_, rectified_, logits_;  // [streams]
  float* scale_ = nullptr;
  float* weight_ = nullptr;
  float* lse_ = nullptr;
  FloatBuffer attention_scratch_;
  FloatBuffer attention_room_;

  std::vector<std::int32_t> rows_;  // [stream][block_size]: the row of each position
  std::vector<std::int32_t> positions_;
  std::vector<AttentionDocument> documents_;
  std::vector<float> gathered_;  // probabilities, row by row
};

}  // namespace microgpt
