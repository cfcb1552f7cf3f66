// SPDX-License-Identifier: MIT
#include "bench/contestant.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "bench/segment.h"

namespace microgpt::bench {
namespace {

// So many steps that the learning rate does not fall.
TrainingOptions endless(const Workload& workload) {
  return {.num_steps = std::size_t{1} << 62, .learning_rate = workload.shape().learning_rate};
}

std::unique_ptr<Engine> loaded(std::unique_ptr<Engine> engine, const Workload& workload) {
  engine->load(workload.parameters());
  return engine;
}

// Document `d` of the batch, alone.
void fill_with_document(const Batch& all, std::size_t d, Batch& batch) {
  const auto inputs = all.document_inputs(d);
  const auto targets = all.document_targets(d);
  batch.inputs.assign(inputs.begin(), inputs.end());
  batch.targets.assign(targets.begin(), targets.end());
  batch.offsets = {0, inputs.size()};
}

}  // namespace

FastContestant::FastContestant(Workload& workload, const FastEngineOptions& options)
    : engine_(loaded(make_fast_engine(workload.config(), options), workload)),
      trainer_(
          *engine_, [&workload](std::size_t step, Batch& batch) { workload.fill(step, batch); }, endless(workload),
          options.target),
      steps_(workload.cycle()) {
  warm_up([this] { trainer_.train_step(); });
  steps_ = steps_of_segment(workload.cycle(), measure_seconds_per_step());
}

double FastContestant::measure_seconds_per_step() {
  warm_up([this] { trainer_.train_step(); });
  const double seconds = seconds_of([this] {
    for (std::size_t i = 0; i < steps_; ++i) trainer_.train_step();
  });
  return seconds / static_cast<double>(steps_);
}

GraphContestant::GraphContestant(const Workload& workload)
    : documents_(std::min(kDocuments, workload.batches().front().documents())),
      engine_(loaded(make_graph_engine(workload.config()), workload)),
      trainer_(
          *engine_,
          [&batch = workload.batches().front(), count = documents_](std::size_t step, Batch& document) {
            fill_with_document(batch, step % count, document);
          },
          endless(workload)) {
  positions_ = workload.batches().front().offsets[documents_];
}

double GraphContestant::seconds() {
  return seconds_of([this] {
    for (std::size_t i = 0; i < documents_; ++i) trainer_.train_step();
  });
}

}  // namespace microgpt::bench
