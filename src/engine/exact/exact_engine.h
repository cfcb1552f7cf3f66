// SPDX-License-Identifier: MIT
// The exact engine: the bits of the graph engine, and so of microgpt.py, without a graph. See engine/engine.h.
//
// Only the order of the additions into each number decides its bits. So whole layers are computed at once, eight positions of a
// document side by side, with gradients derived by hand; the kernels say in which order each sum goes, and it is the order in
// which microgpt.py's graph visits its nodes. A batch is one document after the other, the last one first.
//
// Its layout is table order. It has no dropout: loss_and_gradient() throws ConfigError where a rate is given.
// Numeric contract: separate IEEE double operations, never fused; exp, log and pow of the C library, or what is proven to be
// the same. The same bits with every target and compiler. Memory: parameters, gradient, and the activations of the longest
// document so far. A document whose activations would not fit into this machine's memory is refused with ConfigError.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "engine/engine.h"
#include "engine/exact/exact_activations.h"
#include "engine/exact/exact_weights.h"
#include "engine/exact/kernels/exact_kernels.h"
#include "microgpt/parameters.h"
#include "simd/aligned_buffer.h"

namespace microgpt::exact {

class ExactEngine final : public Engine {
 public:
  ExactEngine(const Config& config, Target target);

  ExactEngine(const ExactEngine&) = delete;
  ExactEngine& operator=(const ExactEngine&) = delete;

  const Config& config() const override { return config_; }
  void load(std::span<const double> parameters) override;
  void store(std::span<double> parameters) const override;
  void store_gradient(std::span<double> gradient) const override;
  void pack(std::size_t tensor, std::span<const double> numbers, AnyNumbers packed) const override;
  void unpack(AnyConstNumbers packed, std::size_t tensor, std::span<double> numbers) const override;
  double loss_and_gradient(const Batch& batch, const Dropout& dropout = {}, LossMean mean = LossMean::document) override;
  using Engine::losses;
  void losses(const Batch& batch, std::span<double> losses) override;
  void losses(const Batch& batch, const LogitChange& change, LossesOfBoth& losses) override;
  std::unique_ptr<Stream> open_stream() override;
  std::unique_ptr<Streams> open_streams(std::size_t count, FirstLayer first_layer) override;
  AnyBuffers buffers() override;
  void parameters_changed() override {}

 private:
  struct Document {
    std::span<const Token> inputs;
    std::span<const Token> targets;
    std::size_t context;  // its first positions, that count nothing

    std::size_t positions() const { return inputs.size(); }
  };

  static Document document_of(const Batch& batch, std::size_t d) {
    return {batch.document_inputs(d), batch.document_targets(d), batch.context_of(d)};
  }

  // The losses of the document's positions; valid until the next document.
  std::span<const double> forward(const Document& document);
  void forward_layer(std::size_t index, const Document& document);
  void product(const double* weights, ConstPanels x, Panels y, const Document& document, const double* addend = nullptr);
  void norm(ConstPanels x, Panels y, const NormActivations& kept, const Document& document);
  AttentionCall attention_call(const LayerActivations& layer, const Document& document) const;

  // Adds the document's gradient, or sets it, where the loss of each position that counts has the gradient g.
  void backward(const Document& document, double g, bool add);
  void backward_layer(std::size_t index, const Document& document, bool add);
  void backward_product(std::span<const RowRun> runs, Panels dx, const Document& document);
  void weight_gradient(ConstPanels x, ConstPanels dy, double* dw, const Document& document, bool add);
  void norm_backward(ConstPanels x, const NormActivations& kept, ConstPanels dy, const double* residual,
                     const Document& document);

  Config config_;
  ParameterTable table_;
  const Kernels& kernels_;
  Powers powers_;
  double logit_scale_;                // pow(pow(head_dim, 0.5), -1)
  AlignedBuffer<double> parameters_;  // kBlock doubles more than there are parameters, as has the next one
  AlignedBuffer<double> gradient_;
  Weights<const double> weights_;
  Weights<double> gradients_;
  Activations activations_;
  std::vector<RowRun> heads_;  // of queries, keys and values, as their gradients are added up
};

}  // namespace microgpt::exact
