// SPDX-License-Identifier: MIT
#include "distributed/data_parallel.h"

#include <memory>
#include <numeric>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "distributed/messages.h"
#include "engine/fast/fast_engine.h"
#include "engine/fast/rank_sum.h"
#include "microgpt/parameters.h"

namespace microgpt {
namespace {

// What all ranks do alike after a message: rank 0 and the workers call the same functions.

template <typename T>
std::span<std::byte> bytes_of_all(std::vector<T>& values) {
  return std::as_writable_bytes(std::span(values));
}

void resize(Batch& batch, const BatchSizes& sizes) {
  batch.offsets.resize(sizes.documents + 1);
  batch.inputs.resize(sizes.positions);
  batch.targets.resize(sizes.positions);
  batch.soft_targets.resize(sizes.soft_targets);
  batch.context.resize(sizes.context);
}

// All ranks get where the documents of rank 0's batch begin, and each those of which it is to compute the gradient. The others
// stay what they are: all of them for each rank would take rank 0 longer, where ranks are many, than the gradients take.
void share_documents(Ranks& ranks, const BatchSizes& sizes, const Config& config, Batch& batch) {
  resize(batch, sizes);
  broadcast(ranks, bytes_of_all(batch.offsets));
  if (sizes.context > 0) broadcast(ranks, bytes_of_all(batch.context));
  const std::size_t parameters = ParameterTable(config).parameter_count();
  const auto scatter_numbers = [&](auto& numbers, std::size_t numbers_per_position) {
    scatter(ranks, [&](std::size_t rank) {
      const RankShare own = fast::positions_of_rank(batch, parameters, rank, ranks.size());
      const auto all = std::span(numbers);
      return std::as_writable_bytes(all.subspan(own.begin * numbers_per_position, own.size() * numbers_per_position));
    });
  };
  scatter_numbers(batch.inputs, 1);
  scatter_numbers(batch.targets, 1);
  if (sizes.soft_targets > 0) scatter_numbers(batch.soft_targets, config.vocab_size);
}

// All ranks get the batch of rank 0.
void share_batch(Ranks& ranks, const BatchSizes& sizes, Batch& batch) {
  resize(batch, sizes);
  broadcast(ranks, bytes_of_all(batch.offsets));
  broadcast(ranks, bytes_of_all(batch.inputs));
  broadcast(ranks, bytes_of_all(batch.targets));
  if (sizes.soft_targets > 0) broadcast(ranks, bytes_of_all(batch.soft_targets));
  if (sizes.context > 0) broadcast(ranks, bytes_of_all(batch.context));
}

// All ranks get the parameters of rank 0, or the moments.
void share_parameters(Ranks& ranks, Engine& engine) {
  std::visit([&ranks](auto buffers) { broadcast(ranks, std::as_writable_bytes(buffers.parameters)); }, engine.buffers());
}

void share_moments(Ranks& ranks, Optimizer& optimizer) {
  const auto share = [&ranks](auto numbers) { broadcast(ranks, std::as_writable_bytes(numbers)); };
  std::visit(share, optimizer.mean());
  std::visit(share, optimizer.square());
}

// Each rank takes the step for its slice of the parameters and hands it to the others. An optimizer that does not work on
// slices takes the whole step on each. REQUIRES: parameters_changed() of the engine follows.
void step_together(Ranks& ranks, fast::FastEngine& engine, LocalOptimizer& optimizer, const TakeStep& step) {
  const auto buffers = std::get<Buffers<float>>(engine.buffers());
  if (!optimizer.works_on_slices()) return optimizer.step(buffers, step.learning_rate, step.gradient_factor);
  optimizer.step_slice(buffers, ranks.rank(), ranks.size(), step.learning_rate, step.gradient_factor);
  all_gather(ranks, buffers.parameters);
}

// Rank 0 gets the moments of all slices. REQUIRES: the optimizer works on slices.
void gather_slices(Ranks& ranks, LocalOptimizer& optimizer) {
  for (const AnyNumbers numbers : {optimizer.mean(), optimizer.square()})
    gather(ranks, [&](std::size_t rank) {
      return std::as_writable_bytes(slice_of(std::get<std::span<float>>(numbers), rank, ranks.size()));
    });
}

// The threads of all ranks; rank 0 alone gets to know.
std::size_t count_threads(Ranks& ranks, const FastEngineOptions& options) {
  std::vector<std::size_t> threads(ranks.size());
  threads[ranks.rank()] = options.team == nullptr ? 1 : options.team->size();
  gather(ranks, [&](std::size_t rank) { return bytes_of(threads[rank]); });
  return std::accumulate(threads.begin(), threads.end(), std::size_t{0});
}

// What the messages of rank 0 make a worker do.
class Worker {
 public:
  Worker(Ranks& ranks, const std::function<FastEngineOptions()>& options) : ranks_(ranks), options_(options) {}

  void operator()(const ShutDown&) {}

  void operator()(const MakeEngine& message) {
    optimizer_.reset();
    own_options_ = options_();
    own_options_.prefix_sharing = message.prefix_sharing;
    count_threads(ranks_, own_options_);
    engine_ = std::make_unique<fast::FastEngine>(message.config, own_options_, &ranks_);
  }

  void operator()(const TakeParameters&) {
    share_parameters(ranks_, *engine_);
    engine_->parameters_changed();
  }

  void operator()(const ComputeGradient& message) {
    share_documents(ranks_, message.batch, engine_->config(), batch_);
    engine_->loss_and_gradient(batch_, message.dropout, message.mean);
  }

  void operator()(const ComputeLosses& message) {
    share_batch(ranks_, message.batch, batch_);
    engine_->losses(batch_);
  }

  void operator()(const AllGatherGradient&) { engine_->all_gather_gradient(); }

  void operator()(const MakeOptimizer& message) {
    optimizer_.emplace(message.options, engine_->config(), engine_->buffers(), own_options_.target);
  }

  void operator()(const RestartOptimizer&) { optimizer_->begin_anew(); }

  void operator()(const ResumeOptimizer& message) {
    share_moments(ranks_, *optimizer_);
    optimizer_->resume(message.steps);
  }

  void operator()(const TakeStep& message) {
    step_together(ranks_, *engine_, *optimizer_, message);
    engine_->parameters_changed();
  }

  void operator()(const GatherMoments&) { gather_slices(ranks_, *optimizer_); }

 private:
  Ranks& ranks_;
  const std::function<FastEngineOptions()>& options_;
  FastEngineOptions own_options_;
  std::unique_ptr<fast::FastEngine> engine_;
  std::optional<LocalOptimizer> optimizer_;
  Batch batch_;
};

}  // namespace

// The engine of rank 0, which says what it is about to do.
class DataParallelEngine final : public Engine {
 public:
  DataParallelEngine(Ranks& ranks, std::unique_ptr<fast::FastEngine> own) : ranks_(ranks), own_(std::move(own)) {}

  fast::FastEngine& own() { return *own_; }

  // The workers will change their parameters as rank 0 does.
  void all_take_step() { all_take_step_ = true; }

  void load(std::span<const double> parameters) override {
    own_->load(parameters);
    hand_on_parameters();
  }

  void parameters_changed() override {
    own_->parameters_changed();
    if (!std::exchange(all_take_step_, false)) hand_on_parameters();
  }

  double loss_and_gradient(const Batch& batch, const Dropout& dropout, LossMean mean) override {
    const ComputeGradient message{sizes_of(batch), dropout, mean};
    send(ranks_, message);
    sent_ = batch;
    share_documents(ranks_, message.batch, config(), sent_);
    has_slice_ = true;
    return with_others([&] { return own_->loss_and_gradient(batch, dropout, mean); });
  }

  using Engine::losses;
  void losses(const Batch& batch, std::span<double> losses) override {
    const ComputeLosses message{sizes_of(batch)};
    send(ranks_, message);
    sent_ = batch;
    share_batch(ranks_, message.batch, sent_);
    with_others([&] { own_->losses(batch, losses); });
  }

  void losses(const Batch& batch, const LogitChange& change, LossesOfBoth& losses) override {
    own_->losses(batch, change, losses);
  }

  const Config& config() const override { return own_->config(); }
  void store(std::span<double> parameters) const override { own_->store(parameters); }
  void store_gradient(std::span<double> gradient) const override {
    complete_gradient();
    own_->store_gradient(gradient);
  }
  void pack(std::size_t tensor, std::span<const double> numbers, AnyNumbers packed) const override {
    own_->pack(tensor, numbers, packed);
  }
  void unpack(AnyConstNumbers packed, std::size_t tensor, std::span<double> numbers) const override {
    own_->unpack(packed, tensor, numbers);
  }
  std::unique_ptr<Stream> open_stream() override { return own_->open_stream(); }
  std::unique_ptr<Streams> open_streams(std::size_t count, FirstLayer first_layer) override {
    return own_->open_streams(count, first_layer);
  }
  AnyBuffers buffers() override {
    complete_gradient();
    return own_->buffers();
  }
  AnyNumbers parameters() override { return own_->parameters(); }

 private:
  // The others do the same, and wait for this rank's part: what goes wrong here, as memory may be short, leaves them waiting.
  template <typename Work>
  std::invoke_result_t<Work> with_others(const Work& work) {
    try {
      return work();
    } catch (...) {
      ranks_.abandon();
      throw;
    }
  }

  // What wants the gradient on rank 0 gets all of it; a step does not.
  void complete_gradient() const {
    if (!std::exchange(has_slice_, false)) return;
    send(ranks_, AllGatherGradient{});
    own_->all_gather_gradient();
  }

  void hand_on_parameters() {
    send(ranks_, TakeParameters{});
    share_parameters(ranks_, *own_);
  }

  static BatchSizes sizes_of(const Batch& batch) {
    return {batch.documents(), batch.positions(), batch.soft_targets.size(), batch.context.size()};
  }

  Ranks& ranks_;
  std::unique_ptr<fast::FastEngine> own_;
  bool all_take_step_ = false;
  mutable bool has_slice_ = false;  // of the gradient alone
  Batch sent_;
};

namespace {

// The optimizer of rank 0, which says what it is about to do.
class DataParallelOptimizer final : public Optimizer {
 public:
  DataParallelOptimizer(Ranks& ranks, DataParallelEngine& engine, const OptimizerOptions& options, Target target)
      : ranks_(ranks), engine_(engine), own_(options, engine.config(), engine.own().buffers(), target) {
    send(ranks_, MakeOptimizer{options});
  }

  void begin_anew() override {
    own_.begin_anew();
    moments_are_elsewhere_ = false;
    send(ranks_, RestartOptimizer{});
  }

  void step(Engine&, double learning_rate, double gradient_factor) override {
    if (!own_.works_on_slices()) engine_.buffers();  // completes the gradient
    const TakeStep step{learning_rate, gradient_factor};
    send(ranks_, step);
    step_together(ranks_, engine_.own(), own_, step);
    engine_.all_take_step();
    moments_are_elsewhere_ = own_.works_on_slices();
  }

  AnyNumbers mean() override { return with_all_moments().mean(); }
  AnyNumbers square() override { return with_all_moments().square(); }

  void resume(std::size_t steps) override {
    own_.resume(steps);
    send(ranks_, ResumeOptimizer{steps});
    share_moments(ranks_, own_);
    moments_are_elsewhere_ = false;
  }

 private:
  LocalOptimizer& with_all_moments() {
    if (!std::exchange(moments_are_elsewhere_, false)) return own_;
    send(ranks_, GatherMoments{});
    gather_slices(ranks_, own_);
    return own_;
  }

  Ranks& ranks_;
  DataParallelEngine& engine_;
  LocalOptimizer own_;
  bool moments_are_elsewhere_ = false;  // of slices, as of the last step
};

}  // namespace

DataParallel::~DataParallel() {
  try {
    send(ranks_, ShutDown{});
  } catch (const RankLost&) {
    return;  // which was said before, or does not matter any more
  }
}

std::unique_ptr<Engine> DataParallel::make_engine(const Config& config, const FastEngineOptions& options) {
  send(ranks_, MakeEngine{config, options.prefix_sharing});
  threads_ = count_threads(ranks_, options);
  auto engine = std::make_unique<DataParallelEngine>(ranks_, std::make_unique<fast::FastEngine>(config, options, &ranks_));
  engine_ = engine.get();
  return engine;
}

std::unique_ptr<Optimizer> DataParallel::make_optimizer(const OptimizerOptions& options, Target target) {
  return std::make_unique<DataParallelOptimizer>(ranks_, *engine_, options, target);
}

void run_worker(Ranks& ranks, const std::function<FastEngineOptions()>& options) {
  Worker worker(ranks, options);
  Message message;
  do {
    message = receive(ranks);
    std::visit(worker, message);
  } while (!std::holds_alternative<ShutDown>(message));
}

}  // namespace microgpt
