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

// Draws the next token of a document; small, so that the stream is what is timed.
class Chooser {
 public:
  // Of the tokens that are not far less likely than the best one, any.
  Token choose(std::span<const double> logits) {
    static constexpr double kNear = 2.0;
    const double best = *std::max_element(logits.begin(), logits.end());
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    std::size_t token = (state_ >> 33) % logits.size();
    while (logits[token] < best - kNear) token = token + 1 == logits.size() ? 0 : token + 1;
    return static_cast<Token>(token);
  }

 private:
  std::uint64_t state_ = 42;
};

// How many tokens documents take that are made one after another.
std::size_t make_documents(Engine& engine, Chooser& chooser) {
  const auto bos = static_cast<Token>(engine.config().vocab_size - 1);
  std::size_t tokens = 0;
  for (std::size_t d = 0; d < kDocuments; ++d) {
    const std::unique_ptr<Stream> stream = engine.open_stream();
    Token token = bos;
    for (std::size_t t = 0; t < engine.config().block_size; ++t) {
      token = chooser.choose(stream->feed(token));
      ++tokens;
      if (token == bos) break;
    }
  }
  return tokens;
}

// The same for the sampler, which makes many at a time.
std::size_t sample_many(Engine& engine) {
  const auto bos = static_cast<Token>(engine.config().vocab_size - 1);
  std::size_t tokens = 0;
  sample_documents(engine, bos, kManyDocuments, {.temperature = 1.0},
                   [&](std::span<const Token> document) { tokens += document.size() + 1; });
  return tokens;
}

}  // namespace

std::optional<SamplingTimes> time_sampling(std::size_t rounds) {
  Workload workload(all_shapes().front());
  const std::unique_ptr<Engine> engine = trained(workload);
  if (engine->open_stream() == nullptr) return std::nullopt;
  SamplingTimes times;
  Chooser chooser;
  for (std::size_t round = 0; round < rounds; ++round) {
    warm_up([&] { make_documents(*engine, chooser); });
    std::size_t tokens = 0;
    const double seconds = seconds_of([&] { tokens = make_documents(*engine, chooser); });
    times.single_stream.add(seconds / static_cast<double>(tokens));
    const double seconds_of_many = seconds_of([&] { tokens = sample_many(*engine); });
    times.many_streams.add(seconds_of_many / static_cast<double>(tokens));
  }
  return times;
}

}  // namespace microgpt::bench
