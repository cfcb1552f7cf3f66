#include "engine/fast/fast_engine.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <numeric>

#include "engine/fast/denormals_as_zero.h"
#include "engine/fast/fast_stream.h"
#include "parallel/slices.h"

namespace microgpt {
namespace {

const Config& validated(const Config& config) {
  validate(config);
  return config;
}

// Floats of a gradient, and of parameters, that are worth a thread more.
constexpr std::size_t kLeastSliceOfSum = 4096;
constexpr std::size_t kLeastSliceOfCopies = 65536;

// Positions that a shard of any batch of so many documents can have.
std::size_t most_shard_positions(std::size_t documents, std::size_t block_size) {
  const std::size_t positions = documents * block_size;
  return std::min(positions, std::max(2 * kLeastShardPositions, positions / kMaxShards) + block_size);
}

}  // namespace

FastEngine::FastEngine(const Config& config, const FastEngineOptions& options)
    : FastEngine(config, kernels_for(options.target), options) {}

FastEngine::FastEngine(const Config& config, const Kernels& kernels, const FastEngineOptions& options)
    : config_(validated(config)),
      kernels_(kernels),
      prefix_sharing_(options.prefix_sharing),
      team_(options.team == nullptr ? alone_ : *options.team),
      packing_(config),
      parameters_(packing_.size()),
      transposed_(packing_.transposed_size()) {
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

AnyBuffers FastEngine::buffers() { return Buffers<float>{parameters_.span(), gradients_.front().span()}; }

void FastEngine::parameters_changed() {
  const auto transpose = [&](std::size_t i, std::size_t) {
    packing_.transpose(i, kernels_, parameters_.span(), transposed_.span());
  };
  const std::size_t copies = packing_.transposed_copies();
  if (slice_count(packing_.size(), kLeastSliceOfCopies, team_.size()) > 1) return team_.for_each(copies, transpose);
  for (std::size_t i = 0; i < copies; ++i) transpose(i, 0);
}

double FastEngine::loss_and_gradient(const Batch& batch, const Dropout& dropout, LossMean mean) {
  assert(batch.documents() >= 1);
  const std::size_t shards = shard_count(batch.positions(), packing_.table().parameter_count());
  const std::size_t subtrees = subtree_count(shards, shard_threads());
  const std::size_t of_subtree = shards / subtrees;
  reserve(batch, shards);
  const DropoutMask mask(dropout);
  const bool share = prefix_sharing_ == PrefixSharing::where_it_pays && !mask.drops();
  std::array<double, kMaxShards> losses;
  team_.run(subtrees, [&](std::size_t subtree, std::size_t member) {
    const DenormalsAsZero scope;
    const auto stack = std::span(gradients_).subspan(subtree * tree_buffers(of_subtree), tree_buffers(of_subtree));
    for (std::size_t i = 0; i < of_subtree; ++i) {
      const std::size_t shard = subtree * of_subtree + i;
      const Part part{batch, shard_begin(batch, shard, shards), shard_begin(batch, shard + 1, shards), share, mean, mask};
      losses[shard] = passes_[member].loss_and_gradient(part, {stack, tree_place(i).first, tree_place(i).last});
    }
  });
  add_subtrees(subtrees, tree_buffers(of_subtree));
  return std::accumulate(losses.begin(), losses.begin() + static_cast<std::ptrdiff_t>(shards), 0.0);
}

// The sums of subtrees, whose buffers are so far apart, become the gradient.
void FastEngine::add_subtrees(std::size_t subtrees, std::size_t distance) {
  if (subtrees == 1) return;
  const std::size_t slices = slice_count(packing_.size(), kLeastSliceOfSum, team_.size());
  team_.run(slices, [&](std::size_t slice, std::size_t) {
    const DenormalsAsZero scope;
    const auto in_slice = [&](std::size_t subtree) { return slice_of(gradients_[subtree * distance].span(), slice, slices); };
    for_each_pair_of_subtrees(subtrees, [&](std::size_t a, std::size_t b) { kernels_.add(in_slice(a), in_slice(b)); });
  });
}

bool FastEngine::is_large() const { return microgpt::is_large(packing_.table().parameter_count()); }

// Threads that take a shard each.
std::size_t FastEngine::shard_threads() const { return is_large() ? 1 : team_.size(); }

// Buffers for this batch and, as documents are of different lengths, for others of as many documents; yet not for much more
// than four times of what this one takes.
void FastEngine::reserve(const Batch& batch, std::size_t shards) {
  if (is_large()) return reserve_exactly(batch, shards);
  const std::size_t positions = std::min(most_shard_positions(batch.documents(), config_.block_size),
                                         4 * (batch.positions() / shards + config_.block_size));
  const std::size_t most_positions = std::min(batch.documents() * config_.block_size, 4 * batch.positions());
  const std::size_t most_shards = shard_count(most_positions, packing_.table().parameter_count());
  const std::size_t subtrees = subtree_count(most_shards, shard_threads());
  const std::size_t buffers = subtrees * tree_buffers(most_shards / subtrees);
  while (gradients_.size() < buffers) gradients_.emplace_back(packing_.size());
  require_passes(subtrees);
  for (std::size_t member = 0; member < std::min(subtrees, team_.size()); ++member)
    passes_[member].reserve(batch.documents(), positions, most_shards > subtrees);
}

// What this batch takes, and no more: of a large model that is most of the memory that there is.
void FastEngine::reserve_exactly(const Batch& batch, std::size_t shards) {
  while (gradients_.size() < tree_buffers(shards)) gradients_.emplace_back(packing_.size());
  require_passes(1);
  std::size_t most = 0;
  for (std::size_t shard = 0; shard < shards; ++shard)
    most =
        std::max(most, batch.offsets[shard_begin(batch, shard + 1, shards)] - batch.offsets[shard_begin(batch, shard, shards)]);
  passes_.front().reserve(batch.documents(), most, shards > 1);
}

// One for each member that so many tasks occupy.
void FastEngine::require_passes(std::size_t tasks) {
  while (passes_.size() < std::min(tasks, shard_threads()))
    passes_.emplace_back(model(), StageTeam(is_large() ? &team_ : nullptr));
}

std::vector<double> FastEngine::losses(const Batch& batch) {
  const std::size_t most = is_large() ? kLeastLargeShardPositions : 2 * kLeastShardPositions;
  // Where parts begin, and the end of the last.
  std::vector<std::size_t> begins{0};
  for (std::size_t d = 1; d < batch.documents(); ++d)
    if (batch.offsets[d + 1] - batch.offsets[begins.back()] > most) begins.push_back(d);
  begins.push_back(batch.documents());
  const std::size_t parts = begins.size() - 1;
  require_passes(parts);
  std::vector<double> losses(batch.positions());
  const auto compute = [&](std::size_t i, std::size_t member) {
    const DenormalsAsZero scope;
    const Part part{batch, begins[i], begins[i + 1], prefix_sharing_ == PrefixSharing::where_it_pays};
    passes_[member].losses(part, std::span(losses).subspan(batch.offsets[part.begin]));
  };
  if (!is_large())
    team_.for_each(parts, compute);
  else
    for (std::size_t i = 0; i < parts; ++i) compute(i, 0);
  return losses;
}

FastModel FastEngine::model() const { return {config_, kernels_, packing_, parameters_.span(), transposed_.span()}; }

std::unique_ptr<Stream> FastEngine::open_stream() { return std::make_unique<FastStream>(model()); }

std::unique_ptr<Streams> FastEngine::open_streams(std::size_t count, FirstLayer first_layer) {
  return std::make_unique<FastStreams>(model(), count, first_layer);
}

std::unique_ptr<Engine> make_fast_engine(const Config& config, const FastEngineOptions& options) {
  return std::make_unique<FastEngine>(config, options);
}

}  // namespace microgpt
