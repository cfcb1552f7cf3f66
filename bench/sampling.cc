#include "bench/sampling.h"

#include <algorithm>
#include <memory>

#include "bench/segment.h"
#include "bench/workload.h"
#include "inference/sampler.h"
#include "microgpt/engine.h"
#include "training/trainer.h"

namespace microgpt::bench {
namespace {

constexpr std::size_t kTrainingSteps = 500;
constexpr std::size_t kDocuments = 500;
constexpr std::size_t kManyDocuments = 5000;

// A model that has learnt to end names.
std::unique_ptr<Engine> trained(Workload& workload) {
  auto engine = make_fast_engine(workload.config());
  engine->load(workload.parameters());
  const TrainingOptions options{.num_steps = kTrainingSteps, .learning_rate = workload.shape().learning_rate};
  Trainer trainer(
      *engine, [&](std::size_t step, Batch& batch) { workload.fill(step, batch); }, options);
  while (trainer.step() < trainer.num_steps()) trainer.train_step();
  return engine;
}

// How many tokens documents take, the one that ends them included where they do not fill the context.
std::size_t sample(Engine& engine, std::size_t count, std::size_t streams, FirstLayer first_layer) {
  const auto bos = static_cast<Token>(engine.config().vocab_size - 1);
  std::size_t tokens = 0;
  const SamplerOptions options{.temperature = 1.0, .streams = streams, .first_layer = first_layer};
  sample_documents(engine, bos, count, options, [&](std::span<const Token> document) {
    tokens += document.size() + (document.size() < engine.config().block_size ? 1 : 0);
  });
  return tokens;
}

// `untimed`: seconds that are not the tokens'.
void time_streams(Engine& engine, std::size_t count, std::size_t streams, FirstLayer first_layer, double untimed,
                  Series& series) {
  std::size_t tokens = 0;
  const double seconds = seconds_of([&] { tokens = sample(engine, count, streams, first_layer); });
  series.add((seconds - untimed) / static_cast<double>(tokens));
}

}  // namespace

SamplingTimes time_sampling(std::size_t rounds) {
  Workload workload(all_shapes().front());
  const std::unique_ptr<Engine> engine = trained(workload);
  SamplingTimes times;
  for (std::size_t round = 0; round < rounds; ++round) {
    warm_up([&] { sample(*engine, kDocuments, 1, FirstLayer::computed); });
    const double with_table = seconds_of([&] { engine->open_streams(1, FirstLayer::looked_up); });
    const double without = seconds_of([&] { engine->open_streams(1, FirstLayer::computed); });
    const double table = std::max(0.0, with_table - without);
    times.table.add(table);
    for (const FirstLayer first_layer : {FirstLayer::computed, FirstLayer::looked_up}) {
      SamplingSeries& series = first_layer == FirstLayer::computed ? times.computed : times.looked_up;
      const double untimed = first_layer == FirstLayer::computed ? 0.0 : table;
      time_streams(*engine, kDocuments, 1, first_layer, untimed, series.one_stream);
      time_streams(*engine, kManyDocuments, kSamplerStreams, first_layer, untimed, series.many_streams);
    }
  }
  return times;
}

}  // namespace microgpt::bench
