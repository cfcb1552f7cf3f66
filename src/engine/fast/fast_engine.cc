// SPDX-License-Identifier: MIT
#include "engine/fast/fast_engine.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <numeric>

#include "engine/fast/activations.h"
#include "engine/fast/fast_streams.h"
#include "engine/fast/packing.h"
#include "engine/fast/rank_sum.h"
#include "engine/fast/shards.h"
#include "parallel/slices.h"
#include "simd/denormals_as_zero.h"

namespace microgpt::fast {
namespace {

const Config& validated(const Config& config) {
  validate(config);
  return config;
}

// Floats of a gradient, and of parameters, that are worth a thread more.
constexpr std::size_t kMinSliceOfSum = 4096;
constexpr std::size_t kMinSliceOfCopies = 65536;

// Positions that a shard of any batch of so many documents can have.
std::size_t max_shard_positions(std::size_t documents, std::size_t block_size) {
  const std::size_t positions = documents * block_size;
  return std::min(positions, std::max(2 * kMinShardPositions, positions / kMaxShards) + block_size);
}

}  // namespace

FastEngine::FastEngine(const Config& config, const FastEngineOptions& options, Ranks* ranks)
    : FastEngine(config, kernels_for(options.target), options, ranks) {}

FastEngine::FastEngine(const Config& config, const Kernels& kernels, const FastEngineOptions& options, Ranks* ranks)
    : config_(validated(config)),
      kernels_(kernels),
      prefix_sharing_(options.prefix_sharing),
      team_(options.team == nullptr ? alone_ : *options.team),
      ranks_(ranks),
      packing_(config),
      parameters_(packing_.size()),
      transposed_(is_large() ? 0 : packing_.transposed_size()) {
  gradients_.emplace_back(packing_.size());
}

void FastEngine::load(std::span<const double> parameters) {
  packing_.pack(parameters, parameters_.span());
  parameters_changed();
}

void FastEngine::store(std::span<double> parameters) const { packing_.unpack(parameters_.span(), parameters); }

void FastEngine::store_gradient(std::span<double> gradient) const { packing_.unpack(gradients_.front().span(), gradient); }

void FastEngine::pack(std::size_t tensor, std::span<const double> numbers, AnyNumbers packed) const {
  packing_.pack(tensor, numbers, std::get<std::span<float>>(packed));
}

void FastEngine::unpack(AnyConstNumbers packed, std::size_t tensor, std::span<double> numbers) const {
  packing_.unpack(std::get<std::span<const float>>(packed), tensor, numbers);
}

void FastEngine::all_gather_gradient() { all_gather(*ranks_, gradients_.front().span()); }

AnyBuffers FastEngine::buffers() {
  return Buffers<float>{parameters_.span(), gradients_.front().span(), shares_steps_ ? &team_ : nullptr};
}

void FastEngine::parameters_changed() {
  if (is_large())
    transposed_ = AlignedBuffer<float>();  // only streams have copies
  else
    make_transposed();
}

void FastEngine::make_transposed() {
  const auto transpose = [&](std::size_t i, std::size_t) {
    packing_.transpose(i, kernels_, parameters_.span(), transposed_.span());
  };
  const std::size_t copies = packing_.transposed_copies();
  if (shares_steps_ && slice_count(packing_.size(), kMinSliceOfCopies, team_.size()) > 1)
    return team_.for_each(copies, transpose);
  for (std::size_t i = 0; i < copies; ++i) transpose(i, 0);
}

// How the shards of this rank are cut: into the subtrees that it has, and these into those of its threads.
struct FastEngine::Cut {
  RankSubtrees rank_subtrees;
  std::size_t subtrees_per_rank_subtree;  // subtrees of each of the rank's
  std::size_t shards_per_subtree;         // shards of each of these

  Cut(std::size_t shards, const Ranks* ranks, std::size_t threads)
      : rank_subtrees(shards, ranks),
        subtrees_per_rank_subtree(subtree_count(rank_subtrees.shards_per_subtree, threads)),
        shards_per_subtree(rank_subtrees.shards_per_subtree / subtrees_per_rank_subtree) {}

  std::size_t subtrees() const { return rank_subtrees.own.size() * subtrees_per_rank_subtree; }
  std::size_t first_shard(std::size_t subtree) const {
    return rank_subtrees.own.begin * rank_subtrees.shards_per_subtree + subtree * shards_per_subtree;
  }
};

double FastEngine::loss_and_gradient(const Batch& batch, const Dropout& dropout, LossMean mean) {
  assert(batch.documents() >= 1);
  const std::size_t shards = shard_count(batch.positions(), packing_.table().parameter_count());
  const Cut cut(shards, ranks_, shard_threads());
  reserve(batch, shards, cut);
  shares_steps_ = is_large() || cut.subtrees() > 1;
  const DropoutMask mask(dropout);
  const bool share = prefix_sharing_ == PrefixSharing::where_it_pays && !mask.drops();
  std::array<double, kMaxShards> losses;
  const auto compute = [&](std::size_t subtree, std::size_t thread) {
    const DenormalsAsZero scope;
    const std::size_t distance = tree_buffers(cut.shards_per_subtree);
    const auto stack = std::span(gradients_).subspan(subtree * distance, distance);
    for (std::size_t i = 0; i < cut.shards_per_subtree; ++i) {
      const std::size_t shard = cut.first_shard(subtree) + i;
      const BatchSlice part{batch, shard_begin(batch, shard, shards), shard_begin(batch, shard + 1, shards), share, mean, mask};
      losses[shard] = passes_[thread].loss_and_gradient(part, {stack, tree_slot(i).first, tree_slot(i).last});
    }
  };
  if (is_large())  // all threads compute each of them together
    for (std::size_t subtree = 0; subtree < cut.subtrees(); ++subtree) compute(subtree, 0);
  else
    team_.run(cut.subtrees(), compute);
  add_up(cut, std::span(losses).first(shards));
  return std::accumulate(losses.begin(), losses.begin() + static_cast<std::ptrdiff_t>(shards), 0.0);
}

// The sums of all subtrees become the gradient.
void FastEngine::add_up(const Cut& cut, std::span<double> losses) {
  const std::size_t distance = tree_buffers(cut.shards_per_subtree);
  const auto sum_of = [&](std::size_t subtree) { return gradients_[subtree * distance].span(); };
  if (cut.subtrees_per_rank_subtree > 1)
    for (std::size_t i = 0; i < cut.rank_subtrees.own.size(); ++i)
      add_subtrees(cut.subtrees_per_rank_subtree,
                   [&](std::size_t subtree) { return sum_of(i * cut.subtrees_per_rank_subtree + subtree); });
  if (ranks_ == nullptr) return;
  std::array<std::span<float>, kMaxShards> sums;
  for (std::size_t i = 0; i < cut.rank_subtrees.own.size(); ++i) sums[i] = sum_of(i * cut.subtrees_per_rank_subtree);
  rank_sum_.add_up(*ranks_, cut.rank_subtrees, std::span(sums).first(cut.rank_subtrees.own.size()), gradients_.front().span(),
                   losses, [this](std::span<const std::span<float>> slices) {
                     add_subtrees(slices.size(), [&](std::size_t subtree) { return slices[subtree]; });
                   });
}

// The sum of the subtree's buffers goes to that of the first.
template <typename BufferOf>
void FastEngine::add_subtrees(std::size_t subtrees, const BufferOf& buffer_of) {
  const std::size_t slices = slice_count(buffer_of(0).size(), kMinSliceOfSum, team_.size());
  team_.run(slices, [&](std::size_t slice, std::size_t) {
    const DenormalsAsZero scope;
    const auto in_slice = [&](std::size_t subtree) { return slice_of(buffer_of(subtree), slice, slices); };
    for_each_pair_of_subtrees(subtrees, [&](std::size_t a, std::size_t b) { kernels_.add(in_slice(a), in_slice(b)); });
  });
}

bool FastEngine::is_large() const { return fast::is_large(packing_.table().parameter_count()); }

// Threads that take a shard each.
std::size_t FastEngine::shard_threads() const { return is_large() ? 1 : team_.size(); }

// Buffers for this batch and, as documents are of different lengths, for others of as many documents; yet not for much more
// than four times of what this one takes.
void FastEngine::reserve(const Batch& batch, std::size_t shards, const Cut& cut) {
  if (is_large()) return reserve_exactly(batch, shards, cut);
  const std::size_t positions = std::min(max_shard_positions(batch.documents(), config_.block_size),
                                         4 * (batch.positions() / shards + config_.block_size));
  const std::size_t max_positions = std::min(batch.documents() * config_.block_size, 4 * batch.positions());
  const Cut most(shard_count(max_positions, packing_.table().parameter_count()), ranks_, shard_threads());
  require_gradients(most);
  require_passes(most.subtrees());
  for (std::size_t thread = 0; thread < std::min(most.subtrees(), team_.size()); ++thread)
    passes_[thread].reserve(batch.documents(), positions, config_.block_size, most.shards_per_subtree > 1);
}

// What this batch takes, and no more: of a large model that is most of the memory that there is.
void FastEngine::reserve_exactly(const Batch& batch, std::size_t shards, const Cut& cut) {
  require_gradients(cut);
  require_passes(cut.subtrees());
  std::size_t positions = 0;
  const std::size_t first = cut.first_shard(0);
  for (std::size_t shard = first; shard < first + cut.subtrees() * cut.shards_per_subtree; ++shard)
    positions = std::max(
        positions, batch.offsets[shard_begin(batch, shard + 1, shards)] - batch.offsets[shard_begin(batch, shard, shards)]);
  for (ShardPass& pass : passes_) pass.reserve(batch.documents(), positions, 0, cut.shards_per_subtree > 1);
}

void FastEngine::require_gradients(const Cut& cut) {
  while (gradients_.size() < cut.subtrees() * tree_buffers(cut.shards_per_subtree)) gradients_.emplace_back(packing_.size());
}

// One for each thread that so many tasks occupy.
void FastEngine::require_passes(std::size_t tasks) {
  while (passes_.size() < std::min(tasks, shard_threads()))
    passes_.emplace_back(model(), StageTeam(is_large() ? &team_ : nullptr));
}

// That a part has at most whose losses are computed, but where a document alone has more.
std::size_t FastEngine::usual_part_positions() const { return is_large() ? kMinLargeShardPositions : 2 * kMinShardPositions; }

// The documents at which the parts of a batch begin whose losses are computed one after the other, and the end of the last.
void FastEngine::find_parts(const Batch& batch) {
  const std::size_t most = usual_part_positions();
  parts_.assign(1, 0);
  for (std::size_t d = 1; d < batch.documents(); ++d)
    if (batch.offsets[d + 1] - batch.offsets[parts_.back()] > most) parts_.push_back(d);
  parts_.push_back(batch.documents());
}

template <typename Compute>
void FastEngine::for_parts(const Batch& batch, std::span<const std::size_t> begins, const Compute& compute) {
  const std::size_t parts = begins.size() - 1;
  require_passes(parts);
  std::size_t positions = std::min(batch.positions(), usual_part_positions());
  for (std::size_t i = 0; i < parts; ++i)
    positions = std::max(positions, batch.offsets[begins[i + 1]] - batch.offsets[begins[i]]);
  for (std::size_t pass = 0; pass < std::min(parts, passes_.size()); ++pass) passes_[pass].reserve_for_losses(positions);
  const auto compute_part = [&](std::size_t i, std::size_t thread) {
    const DenormalsAsZero scope;
    const bool shares_prefixes = prefix_sharing_ == PrefixSharing::where_it_pays;
    compute(passes_[thread], BatchSlice{batch, begins[i], begins[i + 1], shares_prefixes});
  };
  if (is_large())
    for (std::size_t i = 0; i < parts; ++i) compute_part(i, 0);
  else
    team_.for_each(parts, compute_part);
}

void FastEngine::losses(const Batch& batch, const LogitChange& change, LossesOfBoth& losses) {
  losses.plain.resize(batch.positions());
  losses.changed.resize(batch.positions());
  losses.expected.resize(change.with_expected ? batch.positions() : 0);
  find_parts(batch);
  for_parts(batch, parts_, [&](ShardPass& pass, const BatchSlice& part) {
    const std::size_t first = batch.offsets[part.begin];
    pass.losses(part, std::span(losses.plain).subspan(first));
    pass.changed_losses(part, change, std::span(losses.changed).subspan(first),
                        change.with_expected ? std::span(losses.expected).subspan(first) : std::span<ExpectedLoss>());
  });
}

void FastEngine::losses(const Batch& batch, std::span<double> losses) {
  find_parts(batch);
  const std::size_t parts = parts_.size() - 1;
  const RankShare own = ranks_ == nullptr ? RankShare{0, parts} : share_of(parts, ranks_->rank(), ranks_->size());
  for_parts(batch, std::span(parts_).subspan(own.begin, own.size() + 1),
            [&](ShardPass& pass, const BatchSlice& part) { pass.losses(part, losses.subspan(batch.offsets[part.begin])); });
  if (ranks_ != nullptr)
    gather(*ranks_, [&](std::size_t rank) {
      const RankShare share = share_of(parts, rank, ranks_->size());
      const std::size_t begin = batch.offsets[parts_[share.begin]];
      return std::as_writable_bytes(losses.subspan(begin, batch.offsets[parts_[share.end]] - begin));
    });
}

FastModel FastEngine::model() const {
  return {config_, kernels_, packing_, parameters_.span(), is_large() ? std::span<const float>() : transposed_.span()};
}

// Of a large model activations make way for what streams keep; who trains on gets them again.
FastModel FastEngine::model_of_streams() {
  if (is_large()) {
    passes_.clear();
    if (transposed_.size() == 0) {
      transposed_ = AlignedBuffer<float>(packing_.transposed_size());
      make_transposed();
    }
  }
  return {config_, kernels_, packing_, parameters_.span(), transposed_.span()};
}

std::unique_ptr<Stream> FastEngine::open_stream() { return std::make_unique<FastStream>(model_of_streams()); }

std::unique_ptr<Streams> FastEngine::open_streams(std::size_t count, FirstLayer first_layer) {
  return std::make_unique<FastStreams>(model_of_streams(), count, first_layer);
}

std::size_t fast_training_bytes(const Config& config, std::size_t positions) {
  const Packing packing(config);
  const std::size_t parameters = packing.table().parameter_count();
  const std::size_t shards = shard_count(positions, parameters);
  const std::size_t like_parameters = 1 + tree_buffers(shards) + 2 + 1;
  const std::size_t activations = Activations::floats(config, (positions + shards - 1) / shards);
  const std::size_t transposed = is_large(parameters) ? packing.largest_transposed() : packing.transposed_size();
  return sizeof(float) * (like_parameters * packing.size() + transposed + activations);
}

std::size_t fast_rank_bytes(const Config& config) { return 4 * sizeof(float) * Packing(config).size(); }

std::size_t stored_floats(const Config& config) {
  const std::size_t hidden = config.hidden_dim() * (config.activation == Activation::squared_relu ? 2 : 1);
  return config.n_layer * (6 * config.n_embd + hidden) + 2 * config.n_embd + config.vocab_size;
}

}  // namespace microgpt::fast

namespace microgpt {

std::unique_ptr<Engine> make_fast_engine(const Config& config, const FastEngineOptions& options) {
  return std::make_unique<fast::FastEngine>(config, options);
}

}  // namespace microgpt
