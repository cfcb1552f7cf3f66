// SPDX-License-Identifier: MIT
// Documents that grow in lock step, in the exact engine: see Stream and Streams in engine/engine.h.
//
// What is computed row by row is computed for eight streams side by side, as it is for positions of a document; attention takes
// one stream after the other. The bits are those of the graph engine.
#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "engine/engine.h"
#include "engine/exact/exact_weights.h"
#include "engine/exact/kernels/exact_kernels.h"
#include "simd/aligned_buffer.h"

namespace microgpt::exact {

class ExactStreams final : public Streams {
 public:
  // The weights must outlive the streams.
  ExactStreams(const Config& config, const Weights<const double>& weights, const Kernels& kernels, std::size_t count);

  std::size_t size() const override { return positions_.size(); }
  void restart(std::size_t i) override;
  void feed(std::span<const Token> tokens) override;
  std::span<float> logits(std::size_t i) override;
  bool draw(double temperature, std::span<const float> uniforms, std::span<Token> tokens) override;

  // The same logits as the engine computed them.
  std::span<const double> exact_logits(std::size_t i) const;

 private:
  // The keys and values of a stream's positions so far, [position][n_embd] both.
  struct Cache {
    std::vector<double> keys;
    std::vector<double> values;
  };

  std::size_t lay_out(double* base);
  void embed(std::span<const Token> tokens);
  void feed_layer(std::size_t layer);
  void attend(std::size_t layer, std::size_t stream);
  void product(const double* weights, ConstPanels x, Panels y, const double* addend = nullptr);
  void norm(ConstPanels x, Panels y);

  Config config_;
  const Weights<const double>* weights_;
  const Kernels* kernels_;
  Powers powers_;
  std::vector<std::size_t> positions_;  // how many each stream has
  std::vector<Cache> caches_;           // [layer][stream]
  AlignedBuffer<double> buffer_;
  // [features][streams]
  Panels x_;
  Panels normed_;
  Panels q_;
  Panels k_;
  Panels v_;
  Panels attention_;
  Panels hidden_;
  Panels squared_;
  Panels logits_;
  double* norm_u_ = nullptr;
  double* norm_scale_ = nullptr;
  std::vector<double> attention_weights_;
  std::vector<double> exact_rows_;  // [stream][vocab_size]
  std::vector<float> rows_;         // the same, rounded
};

// One of them.
class ExactStream final : public Stream {
 public:
  explicit ExactStream(ExactStreams streams) : streams_(std::move(streams)) {}

  std::span<const double> feed(Token token) override {
    streams_.feed({&token, 1});
    return streams_.exact_logits(0);
  }

 private:
  ExactStreams streams_;
};

}  // namespace microgpt::exact
