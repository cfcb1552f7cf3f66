// SPDX-License-Identifier: MIT
// The fast engine: float32, batched over the positions of documents of different lengths. See engine/engine.h.
//
// A batch is cut into shards (shards.h), a shard becomes rows (rows.h), and each stage of the model works on all rows of the
// shard before the next begins, through the kernels. Gradients are derived by hand, stage by stage in reverse (shard_pass.h).
// With a team of threads, each thread computes subtrees of the tree of shards; then all of them add up what these have come to.
// A batch of one shard is computed by one thread, the step of the optimizer and what follows from it too: the others would have
// to wake up for it and to fetch what that thread has. Of large models (shards.h) the threads compute each stage of a shard
// together. With ranks, each computes subtrees of the tree, too, and all of them call load(), loss_and_gradient() and losses()
// with the same arguments at the same time; of the gradient each then has its slice (slice_of()), until all call
// all_gather_gradient(); the loss and the losses are those of rank 0, and meaningless on the others.
//
// Numeric contract: the same bits with every target, compiler, number of threads and of ranks, the choice of prefix sharing's
// rule being the same; within 1e-5 of the graph engine, relative to each tensor's largest gradient.
// Memory: parameters, their transposed copies (of a large model the largest one, and all of them where streams are open), for
// each thread that gets a shard the activations of the largest one, and one gradient for each level of the tree of shards on
// one thread; on several threads one for each level of each of their subtrees, which is at most 16. Of a large model: the
// activations of one shard, and 1 gradient, of 4 shards 2. With ranks a slice of a gradient, one over their number, for each
// subtree of the others. After the first step of a batch size nothing is allocated unless documents get longer than any before.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "engine/engine.h"
#include "engine/fast/kernels/kernels.h"
#include "engine/fast/packing.h"
#include "engine/fast/rank_sum.h"
#include "engine/fast/shard_pass.h"
#include "engine/fast/shards.h"
#include "microgpt/config.h"
#include "parallel/thread_team.h"
#include "simd/aligned_buffer.h"

namespace microgpt::fast {

class FastEngine final : public Engine {
 public:
  // `ranks` are those that compute together, or null: this process alone. They must outlive the engine.
  FastEngine(const Config& config, const FastEngineOptions& options, Ranks* ranks = nullptr);

  // With kernels of any other origin, which the engine does not own: the benchmark's have a clock. They take the place of those
  // of options.target.
  FastEngine(const Config& config, const Kernels& kernels, const FastEngineOptions& options, Ranks* ranks = nullptr);

  FastEngine(const FastEngine&) = delete;
  FastEngine& operator=(const FastEngine&) = delete;

  const Config& config() const override { return config_; }
  void load(std::span<const double> parameters) override;
  void store(std::span<double> parameters) const override;
  void store_gradient(std::span<double> gradient) const override;
  void pack(std::size_t tensor, std::span<const double> numbers, AnyNumbers packed) const override;
  void unpack(AnyConstNumbers packed, std::size_t tensor, std::span<double> numbers) const override;
  double loss_and_gradient(const Batch& batch, const Dropout& dropout = {}, LossMean mean = LossMean::document) override;
  using Engine::losses;
  void losses(const Batch& batch, std::span<double> losses) override;
  void losses(const Batch& batch, const LogitChange& change, LossesOfBoth& losses) override;  // by this rank alone
  std::unique_ptr<Stream> open_stream() override;
  std::unique_ptr<Streams> open_streams(std::size_t count, FirstLayer first_layer) override;
  AnyBuffers buffers() override;
  void parameters_changed() override;

  // All ranks get the whole gradient of the last batch.
  void all_gather_gradient();

 private:
  FastModel model() const;
  FastModel model_of_streams();
  void make_transposed();

  struct Cut;
  void reserve(const Batch& batch, std::size_t shards, const Cut& cut);
  std::size_t usual_part_positions() const;
  void find_parts(const Batch& batch);
  template <typename Compute>
  void for_parts(const Batch& batch, std::span<const std::size_t> begins, const Compute& compute);
  void reserve_exactly(const Batch& batch, std::size_t shards, const Cut& cut);
  void require_gradients(const Cut& cut);
  void require_passes(std::size_t tasks);
  bool is_large() const;
  std::size_t shard_threads() const;
  void add_up(const Cut& cut, std::span<double> losses);
  template <typename BufferOf>
  void add_subtrees(std::size_t subtrees, const BufferOf& buffer_of);

  Config config_;
  const Kernels& kernels_;
  PrefixSharing prefix_sharing_;
  ThreadTeam alone_{1};  // where the options name no team
  ThreadTeam& team_;
  Ranks* ranks_;  // null where there is this process alone
  RankSum rank_sum_;
  Packing packing_;
  AlignedBuffer<float> parameters_;
  AlignedBuffer<float> transposed_;              // of a large model only while there are streams
  std::vector<AlignedBuffer<float>> gradients_;  // for each subtree a stack of partial sums; the first one is the gradient
  bool shares_steps_ = false;                    // whether the last gradient took more than this thread
  std::vector<std::size_t> parts_;  // of a batch whose losses are computed: the documents at which they begin, and the end
  std::vector<ShardPass> passes_;   // of each thread of the team, as far as they were needed
};

// What training with the fast engine takes: bytes of a model in training on one thread, or of a large one (shards.h) on any
// number. In single precision: for each parameter the parameter, its gradient, of four shards or more partial sums of
// gradients, Adam's two moments, and the best value so far on validation; the transposed copies of weights, of a large model
// the largest one; of each row of the batch's largest shard stored_floats(), and what is worked with. Attention of long
// documents takes some rows of a document for each thread more. REQUIRES: a valid configuration; documents of about the same
// length.
std::size_t fast_training_bytes(const Config& config, std::size_t positions);

// Bytes of one rank more that trains with others: of each parameter the parameter, its gradient and Adam's two moments.
std::size_t fast_rank_bytes(const Config& config);

// Floats that are stored of a row until its gradient is computed: in each layer its two norms, queries, keys, values, what
// attention made of them and the hidden values; besides the embeddings, the last layer's output and the logits. What is worked
// with is less than another layer. (Squared relu stores the hidden values twice.)
std::size_t stored_floats(const Config& config);

}  // namespace microgpt::fast
