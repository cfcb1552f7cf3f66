// SPDX-License-Identifier: MIT
#include "distributed/worker.h"

#include <memory>
#include <optional>
#include <variant>

#include "distributed/messages.h"
#include "distributed/shared_work.h"
#include "engine/fast/fast_engine.h"

namespace microgpt {
namespace {

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
    share_batch(ranks_, message.batch, batch_);
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

void run_worker(Ranks& ranks, const std::function<FastEngineOptions()>& options) {
  Worker worker(ranks, options);
  Message message;
  do {
    message = receive(ranks);
    std::visit(worker, message);
  } while (!std::holds_alternative<ShutDown>(message));
}

}  // namespace microgpt
