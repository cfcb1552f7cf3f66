// The fast engine: float32, batched over the positions of documents of different lengths. See microgpt/engine.h.
//
// A batch is cut into shards (shards.h), a shard becomes rows (rows.h), and each stage of the model works on all rows of the
// shard before the next begins, through the kernels. Gradients are derived by hand, stage by stage in reverse.
//
// Numeric contract: the same bits with every target, compiler and choice of prefix sharing's rule being the same; within 1e-5
// of the graph engine, relative to each tensor's largest gradient.
// Memory: parameters, their transposed copies, the activations of the largest shard, and one gradient for each level of the
// tree of shards. After the first step of a batch size nothing is allocated unless documents get longer than any before.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "engine/dropout.h"
#include "engine/fast/activations.h"
#include "engine/fast/fast_streams.h"
#include "engine/fast/float_buffer.h"
#include "engine/fast/kernels/kernels.h"
#include "engine/fast/packing.h"
#include "engine/fast/rows.h"
#include "engine/fast/shards.h"
#include "microgpt/engine.h"

namespace microgpt {

class FastEngine final : public Engine {
 public:
  FastEngine(const Config& config, const FastEngineOptions& options);

  // With kernels of any other origin, which the engine does not own: the benchmark's have a clock.
  FastEngine(const Config& config, const Kernels& kernels, PrefixSharing prefix_sharing);

  const Config& config() const override { return config_; }
  void load(std::span<const double> parameters) override;
  void store(std::span<double> parameters) const override;
  void store_gradient(std::span<double> gradient) const override;
  void pack(std::span<const double> in_table_order, AnyNumbers packed) const override;
  void unpack(AnyConstNumbers packed, std::span<double> in_table_order) const override;
  double loss_and_gradient(const Batch& batch, const Dropout& dropout = {}, LossMean mean = LossMean::document) override;
  std::vector<double> losses(const Batch& batch) override;
  std::unique_ptr<Stream> open_stream() override;
  std::unique_ptr<Streams> open_streams(std::size_t count, FirstLayer first_layer) override;
  AnyBuffers buffers() override;
  void parameters_changed() override;

 private:
  // Documents [begin, end) of a batch and where their gradient goes.
  struct Part {
    const Batch& batch;
    std::size_t begin;
    std::size_t end;
    LossMean mean = LossMean::document;
  };

  // What is dropped of a part.
  struct PartDropout {
    DropoutMask mask;
    std::size_t first_document = 0;
  };

  FastModel model() const;

  void reserve(const Batch& batch, std::size_t shards);
  void prepare(const Part& part, bool share);

  void forward(const PartDropout& dropout);
  void forward_layer(std::size_t index, Panels x_before, const PartDropout& dropout);
  void add_branch(ConstPanels a, std::size_t k, const PackedMatrix& weights, std::span<const float> buffer, Panels x_before,
                  DropoutSite site, const PartDropout& dropout);
  void drop(ConstPanels x, const float* init, Panels y, DropoutSite site, const PartDropout& dropout);
  AttentionCall attention_call(LayerActivations& layer);
  double softmax_and_loss(const Part& part);
  template <typename Term>
  double mean_over_positions(const Part& part, Term term) const;

  void backward(TreePlace place, const PartDropout& dropout);
  void backward_layer(std::size_t index, TreePlace place, const PartDropout& dropout);
  Panels branch_gradient(DropoutSite site, const PartDropout& dropout);
  void backward_embeddings(TreePlace place);
  void product(ConstPanels a, std::size_t k, const PackedMatrix& weights, std::span<const float> buffer, Panels c,
               ProductCall call = {});
  void weight_gradient(ConstPanels a, ConstPanels b, const PackedMatrix& weights, TreePlace place);
  void add_norm_backward(ConstPanels y, const float* scale, ConstPanels dy, bool add);

  Config config_;
  const Kernels& kernels_;
  PrefixSharing prefix_sharing_;
  Packing packing_;
  FloatBuffer parameters_;
  FloatBuffer transposed_;
  std::vector<FloatBuffer> gradients_;  // a stack of partial sums; the first one is the gradient
  FloatBuffer embeddings_gradient_;     // of one shard
  Activations activations_;
  Rows rows_;
};

}  // namespace microgpt
