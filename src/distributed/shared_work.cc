// SPDX-License-Identifier: MIT
#include "distributed/shared_work.h"

#include <numeric>
#include <span>
#include <variant>
#include <vector>

namespace microgpt {
namespace {

template <typename T>
std::span<std::byte> bytes_of_all(std::vector<T>& values) {
  return std::as_writable_bytes(std::span(values));
}

}  // namespace

void share_batch(Ranks& ranks, const BatchSizes& sizes, Batch& batch) {
  batch.offsets.resize(sizes.documents + 1);
  batch.inputs.resize(sizes.positions);
  batch.targets.resize(sizes.positions);
  batch.soft_targets.resize(sizes.soft_targets);
  batch.context.resize(sizes.context);
  broadcast(ranks, bytes_of_all(batch.offsets));
  broadcast(ranks, bytes_of_all(batch.inputs));
  broadcast(ranks, bytes_of_all(batch.targets));
  if (sizes.soft_targets > 0) broadcast(ranks, bytes_of_all(batch.soft_targets));
  if (sizes.context > 0) broadcast(ranks, bytes_of_all(batch.context));
}

void share_parameters(Ranks& ranks, Engine& engine) {
  std::visit([&ranks](auto buffers) { broadcast(ranks, std::as_writable_bytes(buffers.parameters)); }, engine.buffers());
}

void share_moments(Ranks& ranks, Optimizer& optimizer) {
  const auto share = [&ranks](auto numbers) { broadcast(ranks, std::as_writable_bytes(numbers)); };
  std::visit(share, optimizer.mean());
  std::visit(share, optimizer.square());
}

void step_together(Ranks& ranks, fast::FastEngine& engine, LocalOptimizer& optimizer, const TakeStep& step) {
  const auto buffers = std::get<Buffers<float>>(engine.buffers());
  if (!optimizer.works_on_slices()) return optimizer.step(buffers, step.learning_rate, step.gradient_factor);
  optimizer.step_slice(buffers, ranks.rank(), ranks.size(), step.learning_rate, step.gradient_factor);
  all_gather(ranks, buffers.parameters);
}

void gather_slices(Ranks& ranks, LocalOptimizer& optimizer) {
  for (const AnyNumbers numbers : {optimizer.mean(), optimizer.square()})
    gather(ranks, [&](std::size_t rank) {
      return std::as_writable_bytes(slice_of(std::get<std::span<float>>(numbers), rank, ranks.size()));
    });
}

std::size_t count_threads(Ranks& ranks, const FastEngineOptions& options) {
  std::vector<std::size_t> threads(ranks.size());
  threads[ranks.rank()] = options.team == nullptr ? 1 : options.team->size();
  gather(ranks, [&](std::size_t rank) { return bytes_of(threads[rank]); });
  return std::accumulate(threads.begin(), threads.end(), std::size_t{0});
}

}  // namespace microgpt
