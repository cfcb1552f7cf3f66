// SPDX-License-Identifier: MIT
#include "training/crew.h"

#include <fmt/format.h>

#include <numeric>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "engine/fast/fast_engine.h"

namespace microgpt {
namespace {

enum class Task {
  make_engine,
  take_parameters,
  compute_gradient,
  compute_losses,
  begin_optimizer,
  resume_optimizer,
  take_step,
  gather_moments,
  hand_gradient_round,
  go_home
};

// What rank 0 says before each task: which it is, and what is needed for it. The same size for all tasks, so that the others
// know what to receive.
struct Order {
  Task task = Task::go_home;
  Config config;
  PrefixSharing prefix_sharing = PrefixSharing::where_it_pays;
  OptimizerOptions optimizer;
  std::size_t documents = 0;  // of the batch that follows
  std::size_t positions = 0;
  std::size_t soft_targets = 0;  // numbers of them
  std::size_t context = 0;       // documents that have a number of it
  Dropout dropout;
  LossMean mean = LossMean::document;
  std::size_t steps = 0;
  double learning_rate = 0.0;
  double gradient_factor = 1.0;
};

void give(Ranks& ranks, Order order) { broadcast(ranks, bytes_of(order)); }

template <typename T>
std::span<std::byte> bytes_of_all(std::vector<T>& values) {
  return std::as_writable_bytes(std::span(values));
}

// The batch of an order, which all have afterwards.
void share_batch(Ranks& ranks, const Order& order, Batch& batch) {
  batch.offsets.resize(order.documents + 1);
  batch.inputs.resize(order.positions);
  batch.targets.resize(order.positions);
  batch.soft_targets.resize(order.soft_targets);
  batch.context.resize(order.context);
  broadcast(ranks, bytes_of_all(batch.offsets));
  broadcast(ranks, bytes_of_all(batch.inputs));
  broadcast(ranks, bytes_of_all(batch.targets));
  if (order.soft_targets > 0) broadcast(ranks, bytes_of_all(batch.soft_targets));
  if (order.context > 0) broadcast(ranks, bytes_of_all(batch.context));
}

void share_moments(Ranks& ranks, Optimizer& optimizer) {
  const auto share = [&ranks](auto numbers) { broadcast(ranks, std::as_writable_bytes(numbers)); };
  std::visit(share, optimizer.mean());
  std::visit(share, optimizer.square());
}

void step_together(Ranks& ranks, FastEngine& engine, Optimizer& optimizer, double learning_rate, double gradient_factor) {
  const auto buffers = std::get<Buffers<float>>(engine.buffers());
  if (!optimizer.works_on_slices()) return optimizer.step(buffers, learning_rate, gradient_factor);
  optimizer.step_slice(buffers, ranks.rank(), ranks.size(), learning_rate, gradient_factor);
  hand_round(ranks, buffers.parameters);
}

void gather_slices(Ranks& ranks, Optimizer& optimizer) {
  for (const AnyNumbers numbers : {optimizer.mean(), optimizer.square()})
    gather(ranks, [&](std::size_t rank) {
      return std::as_writable_bytes(slice_of(std::get<std::span<float>>(numbers), rank, ranks.size()));
    });
}

void share_parameters(Ranks& ranks, Engine& engine) {
  std::visit([&ranks](auto buffers) { broadcast(ranks, std::as_writable_bytes(buffers.parameters)); }, engine.buffers());
}

// On rank 0 those of all.
std::size_t count_threads(Ranks& ranks, const FastEngineOptions& options) {
  std::vector<std::size_t> threads(ranks.size());
  threads[ranks.rank()] = options.team == nullptr ? 1 : options.team->size();
  gather(ranks, [&](std::size_t rank) { return bytes_of(threads[rank]); });
  return std::accumulate(threads.begin(), threads.end(), std::size_t{0});
}

// The engine of rank 0, which says what it is about to do.
class LeadingEngine final : public Engine {
 public:
  // `all_took_step` says that the others will change their parameters as rank 0 does.
  LeadingEngine(Ranks& ranks, std::unique_ptr<FastEngine> own, bool& all_took_step)
      : ranks_(ranks), own_(std::move(own)), all_took_step_(all_took_step) {}

  void load(std::span<const double> parameters) override {
    own_->load(parameters);
    hand_on_parameters();
  }

  void parameters_changed() override {
    own_->parameters_changed();
    if (!std::exchange(all_took_step_, false)) hand_on_parameters();
  }

  double loss_and_gradient(const Batch& batch, const Dropout& dropout, LossMean mean) override {
    Order order;
    order.task = Task::compute_gradient;
    order.dropout = dropout;
    order.mean = mean;
    give_with_batch(order, batch);
    has_slice_ = true;
    return with_others([&] { return own_->loss_and_gradient(batch, dropout, mean); });
  }

  std::vector<double> losses(const Batch& batch) override {
    Order order;
    order.task = Task::compute_losses;
    give_with_batch(order, batch);
    return with_others([&] { return own_->losses(batch); });
  }

  LossesOfBoth losses(const Batch& batch, const LogitChange& change) override { return own_->losses(batch, change); }

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
    Order order;
    order.task = Task::hand_gradient_round;
    give(ranks_, order);
    own_->hand_gradient_round();
  }

  void hand_on_parameters() {
    Order order;
    order.task = Task::take_parameters;
    give(ranks_, order);
    share_parameters(ranks_, *own_);
  }

  void give_with_batch(Order& order, const Batch& batch) {
    order.documents = batch.documents();
    order.positions = batch.positions();
    order.soft_targets = batch.soft_targets.size();
    order.context = batch.context.size();
    give(ranks_, order);
    sent_ = batch;
    share_batch(ranks_, order, sent_);
  }

  Ranks& ranks_;
  std::unique_ptr<FastEngine> own_;
  bool& all_took_step_;
  mutable bool has_slice_ = false;  // of the gradient alone
  Batch sent_;
};

// The engine and the optimizer of another rank.
class CrewMember {
 public:
  CrewMember(Ranks& ranks, const std::function<FastEngineOptions()>& options) : ranks_(ranks), options_(options) {}

  void carry_out(const Order& order) {
    switch (order.task) {
      case Task::make_engine:
        return make_engine(order);
      case Task::take_parameters:
        share_parameters(ranks_, *engine_);
        return engine_->parameters_changed();
      case Task::compute_gradient:
        share_batch(ranks_, order, batch_);
        engine_->loss_and_gradient(batch_, order.dropout, order.mean);
        return;
      case Task::compute_losses:
        share_batch(ranks_, order, batch_);
        engine_->losses(batch_);
        return;
      case Task::begin_optimizer:
        optimizer_.emplace(order.optimizer, engine_->config(), engine_->buffers(), own_options_.target);
        return;
      case Task::resume_optimizer:
        share_moments(ranks_, *optimizer_);
        return optimizer_->resume(order.steps);
      case Task::take_step:
        step_together(ranks_, *engine_, *optimizer_, order.learning_rate, order.gradient_factor);
        return engine_->parameters_changed();
      case Task::gather_moments:
        return gather_slices(ranks_, *optimizer_);
      case Task::hand_gradient_round:
        return engine_->hand_gradient_round();
      case Task::go_home:
        return;
    }
  }

 private:
  void make_engine(const Order& order) {
    optimizer_.reset();
    own_options_ = options_();
    own_options_.prefix_sharing = order.prefix_sharing;
    own_options_.ranks = &ranks_;
    count_threads(ranks_, own_options_);
    engine_ = std::make_unique<FastEngine>(order.config, own_options_);
  }

  Ranks& ranks_;
  const std::function<FastEngineOptions()>& options_;
  FastEngineOptions own_options_;
  std::unique_ptr<FastEngine> engine_;
  std::optional<Optimizer> optimizer_;
  Batch batch_;
};

}  // namespace

Crew::~Crew() {
  try {
    give(ranks_, Order{});
  } catch (const RankLost&) {
    return;  // which was said before, or does not matter any more
  }
}

std::unique_ptr<Engine> Crew::make_engine(const Config& config, FastEngineOptions options) {
  Order order;
  order.task = Task::make_engine;
  order.config = config;
  order.prefix_sharing = options.prefix_sharing;
  give(ranks_, order);
  options.ranks = &ranks_;
  threads_ = count_threads(ranks_, options);
  auto own = std::make_unique<FastEngine>(config, options);
  engine_ = own.get();
  auto all = std::make_unique<LeadingEngine>(ranks_, std::move(own), all_took_step_);
  all_ = all.get();
  return all;
}

void Crew::begin_optimizer(const OptimizerOptions& options) {
  Order order;
  order.task = Task::begin_optimizer;
  order.optimizer = options;
  give(ranks_, order);
}

void Crew::resume_optimizer(std::size_t steps, Optimizer& optimizer) {
  Order order;
  order.task = Task::resume_optimizer;
  order.steps = steps;
  give(ranks_, order);
  share_moments(ranks_, optimizer);
}

void Crew::take_step(Optimizer& optimizer, double learning_rate, double gradient_factor) {
  if (!optimizer.works_on_slices()) all_->buffers();  // completes the gradient
  Order order;
  order.task = Task::take_step;
  order.learning_rate = learning_rate;
  order.gradient_factor = gradient_factor;
  give(ranks_, order);
  step_together(ranks_, *engine_, optimizer, learning_rate, gradient_factor);
  all_took_step_ = true;
}

void Crew::gather_moments(Optimizer& optimizer) {
  Order order;
  order.task = Task::gather_moments;
  give(ranks_, order);
  gather_slices(ranks_, optimizer);
}

void serve_crew(Ranks& ranks, const std::function<FastEngineOptions()>& options) {
  CrewMember member(ranks, options);
  Order order;
  do {
    broadcast(ranks, bytes_of(order));
    member.carry_out(order);
  } while (order.task != Task::go_home);
}

}  // namespace microgpt
