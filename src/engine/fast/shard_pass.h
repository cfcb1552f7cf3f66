// SPDX-License-Identifier: MIT
// The way through the model: forward and backward over the rows of one shard at a time. See fast_engine.h.
//
// Several of them read the same parameters, each on its own thread and with activations of its own; or one has a team that
// computes each of its stages together.
// Memory: the activations of the largest part so far, and for each thread of the team what attention works with at a time.
#pragma once

#include <cstddef>
#include <span>

#include "engine/dropout.h"
#include "engine/engine.h"
#include "engine/fast/activations.h"
#include "engine/fast/packing.h"
#include "engine/fast/rows.h"
#include "engine/fast/stage_team.h"
#include "simd/aligned_buffer.h"
#include "text/batch.h"

namespace microgpt::fast {

// Documents [begin, end) of a batch, and how they are computed.
struct BatchSlice {
  const Batch& batch;
  std::size_t begin;
  std::size_t end;
  bool shares_prefixes;  // not where the mask drops something
  LossMean mean = LossMean::document;
  DropoutMask mask = DropoutMask({});
};

// Where the gradient of a part goes: it is added to those at `first` to `last` - 1 of a stack, the last one first, and the sum
// goes to `first`. See TreeSlot.
struct GradientSlot {
  std::span<const AlignedBuffer<float>> stack;
  std::size_t first;
  std::size_t last;
};

// A cache line to itself, as others are worked with at the same time.
class alignas(64) ShardPass {
 public:
  explicit ShardPass(const FastModel& model, StageTeam team = StageTeam())
      : model_(model),
        team_(team),
        activations_(model.config),
        transposed_(model.transposed.empty() ? model.packing.largest_transposed() : 0) {}

  // Makes space for parts of so many documents and positions, so that computing them need not; but for what attention works
  // with only where documents have at most `longest` positions. `adds_gradients`: there will be slots with something to add to.
  void reserve(std::size_t documents, std::size_t positions, std::size_t longest, bool adds_gradients);

  // The same for losses() of parts of so many positions, of documents that may be as long.
  void reserve_for_losses(std::size_t positions);

  // The part's share of the batch's loss, and its gradient. REQUIRES: DenormalsAsZero; reserve(), where there is to be added.
  double loss_and_gradient(const BatchSlice& part, const GradientSlot& slot);

  // -ln P(target) of each position of the part, end to end. REQUIRES: DenormalsAsZero.
  void losses(const BatchSlice& part, std::span<double> losses);

  // The same where `change` makes the logits into others, and what these expect, where that is wanted: as many of them.
  // REQUIRES: losses() of the same part came just before.
  void changed_losses(const BatchSlice& part, const LogitChange& change, std::span<double> losses,
                      std::span<ExpectedLoss> expected);

 private:
  std::size_t probabilities_of(std::size_t positions) const;
  void prepare(const BatchSlice& part, KeptLayers kept);

  void forward(const BatchSlice& part);
  void forward_layer(std::size_t index, Panels x_before, const BatchSlice& part);
  template <typename Product>
  void add_branch(Panels x_before, DropoutSite site, const BatchSlice& part, const Product& product);
  void drop(ConstPanels x, const float* init, Panels y, DropoutSite site, const BatchSlice& part);
  template <typename Compute>
  void for_attention(LayerActivations& layer, const Compute& compute);
  void norm(ConstPanels x, Panels y, float* scale);
  void softmax(const float* weight);
  void take_losses(const BatchSlice& part, std::span<double> losses) const;
  Panels change_logits(const LogitChange& change, std::size_t first);
  double softmax_and_loss(const BatchSlice& part);
  template <typename Term>
  double mean_over_positions(const BatchSlice& part, Term term) const;
  template <typename Take>
  void for_each_target(const Batch& batch, std::size_t position, std::size_t row, const Take& take) const;

  void backward(const BatchSlice& part, const GradientSlot& slot);
  void backward_layer(std::size_t index, const BatchSlice& part, const GradientSlot& slot);
  Panels branch_gradient(DropoutSite site, const BatchSlice& part);
  void backward_embeddings(const GradientSlot& slot);
  void product(ConstPanels a, std::size_t k, const PackedMatrix& weights, std::span<const float> buffer, Panels c,
               ProductCall call = {});
  void product_with_transposed(ConstPanels a, std::size_t k, const PackedMatrix& weights, const PackedMatrix& copy, Panels c,
                               ProductCall call = {});
  void weight_gradient(ConstPanels a, ConstPanels b, const PackedMatrix& weights, const GradientSlot& slot);
  void add_norm_backward(ConstPanels y, const float* scale, ConstPanels dy, bool add);

  FastModel model_;
  StageTeam team_;
  Activations activations_;
  Rows rows_;
  AttentionCuts attention_cuts_{};
  std::size_t attention_scratch_ = 0;  // floats of each thread
  ChangedRows changed_rows_;
  AlignedBuffer<float> changed_logits_;  // and their normalisers, of those rows
  AlignedBuffer<float> changed_normalisers_;
  AlignedBuffer<float> expected_means_;  // of -ln P, and its variances, of those rows
  AlignedBuffer<float> expected_variances_;
  std::vector<float> changed_numbers_;        // of one row, as they are changed
  AlignedBuffer<float> embeddings_gradient_;  // of one part, where it is to be added
  AlignedBuffer<float> transposed_;           // of the weights that are worked with, where the model has no copies
};

}  // namespace microgpt::fast
