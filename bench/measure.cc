// SPDX-License-Identifier: MIT
#include "bench/measure.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "bench/check.h"
#include "bench/contestant.h"

namespace microgpt::bench {
namespace {

constexpr std::size_t kSegmentsOfRound = 3;           // of the fast engine, whose segments are short
constexpr double kLargeStep = 1e10;                   // operations of one that is a long segment by itself
constexpr std::size_t kRoundsOfLargeSteps = 4;        // each of one segment
constexpr std::size_t kGraphRounds = 3;               // it is slow and has been seen to be steady
constexpr std::size_t kMaxGraphParameters = 300'000;  // beyond that it takes seconds a document

std::vector<PrefixSharing> sharings_of(const Shape& shape) {
  if (shape.documents == Documents::windows) return {PrefixSharing::never};  // random ones share nothing
  return {PrefixSharing::never, PrefixSharing::where_it_pays};
}

bool is_large(const WorkloadResult& of) { return of.operations > kLargeStep; }

// Everything that takes its turn, and where its times go.
class Field {
 public:
  Field(Workload& workload, const MeasureOptions& options, WorkloadResult& result, FmaPeak& peak)
      : result_(result), peak_(peak), team_(std::min(usable_cores(), ThreadTeam::kMaxThreads)) {
    for (const Target target : available_targets()) {
      if (target == Target::scalar) continue;
      for (const PrefixSharing sharing : sharings_of(workload.shape())) add_fast(workload, target, sharing);
    }
    if (result.fast.empty()) add_fast(workload, Target::scalar, PrefixSharing::never);
    if (team_.size() > 1) add_team(workload);
    if (ParameterTable(workload.config()).parameter_count() <= kMaxGraphParameters) {
      graph_ = std::make_unique<GraphContestant>(workload);
      result.graph = GraphResult{graph_->documents(), graph_->positions(), {}};
    }
    if (!options.torch_python.empty())
      for (const std::string_view form : kTorchForms) add_torch(workload, options.torch_python, form);
  }

  void run_round(std::size_t round) {
    const std::size_t segments = is_large(result_) ? 1 : kSegmentsOfRound;
    for (std::size_t segment = 0; segment < segments; ++segment) {
      run_fast();
      run_torch();
    }
    if (graph_ && round < kGraphRounds) result_.graph->seconds.add(graph_->seconds());
  }

 private:
  void run_fast() {
    double unshared = 0.0;
    for (std::size_t i = 0; i < fast_.size(); ++i) {
      FastResult& result = result_.fast[i];
      const double peak_before = peak_.measure(result.target);
      const double seconds = fast_[i]->measure_seconds_per_step();
      const double peak = 1e9 * (peak_before + peak_.measure(result.target)) / 2.0;
      result.step.add(seconds);
      if (result.prefix_sharing == PrefixSharing::never) {
        unshared = seconds;
        if (peak > 0.0) result.share.add(result_.operations / seconds / peak / static_cast<double>(result.threads));
      } else {
        result.sharing_gains.add(unshared / seconds);
      }
    }
    for (std::size_t i = 0; i < split_.size(); ++i) {
      split_[i]->measure();
      result_.split[i].times = split_[i]->best();
    }
  }

  // Beside each segment one of the fast engine's with as many threads: the fastest instruction set, without sharing.
  void run_torch() {
    std::size_t i = 0;
    for (const auto& peer : torch_)
      for (const std::size_t threads : threads_of(*peer)) {
        TorchResult& result = result_.torch[i++];
        const double ours = (threads == 1 ? fast_.front() : fast_.back())->measure_seconds_per_step();
        const double seconds = peer->measure_seconds_per_step(threads);
        result.step.add(seconds);
        result.ratio.add(seconds / ours);
      }
  }

  void add_fast(Workload& workload, Target target, PrefixSharing sharing) {
    fast_.push_back(std::make_unique<FastContestant>(workload, FastEngineOptions{target, sharing}));
    result_.fast.push_back({target, sharing, 1, {}, {}, {}});
    split_.push_back(std::make_unique<StageContestant>(workload, target, sharing));
    result_.split.push_back({target, sharing, {}});
  }

  // All threads, of the fastest instruction set, without sharing.
  void add_team(Workload& workload) {
    const Target target = result_.fast.front().target;
    fast_.push_back(std::make_unique<FastContestant>(workload, FastEngineOptions{target, PrefixSharing::never, &team_}));
    result_.fast.push_back({target, PrefixSharing::never, team_.size(), {}, {}, {}});
  }

  void add_torch(Workload& workload, const std::string& python, std::string_view form) {
    torch_.push_back(std::make_unique<TorchPeer>(python, workload, form));
    TorchPeer& peer = *torch_.back();
    peer.check(workload);
    result_.torch_facts = peer.facts();
    for (const std::size_t threads : threads_of(peer)) result_.torch.push_back({peer.form(), threads, {}, {}});
  }

  static std::vector<std::size_t> threads_of(const TorchPeer& peer) {
    if (peer.facts().threads == 1) return {1};
    return {1, peer.facts().threads};
  }

  WorkloadResult& result_;
  FmaPeak& peak_;
  ThreadTeam team_;
  std::vector<std::unique_ptr<FastContestant>> fast_;
  std::vector<std::unique_ptr<StageContestant>> split_;
  std::unique_ptr<GraphContestant> graph_;
  std::vector<std::unique_ptr<TorchPeer>> torch_;
};

}  // namespace

WorkloadResult measure(const Shape& shape, const MeasureOptions& options, FmaPeak& peak) {
  Workload workload(shape);
  check(workload);
  WorkloadResult result{.shape = shape,
                        .positions = workload.positions(),
                        .operations = workload.operations(),
                        .product_operations = workload.product_operations(),
                        .fast = {},
                        .split = {},
                        .graph = {},
                        .torch = {},
                        .torch_facts = {}};
  Field field(workload, options, result, peak);
  const std::size_t rounds = is_large(result) ? std::min(options.rounds, kRoundsOfLargeSteps) : options.rounds;
  for (std::size_t round = 0; round < rounds; ++round) field.run_round(round);
  return result;
}

}  // namespace microgpt::bench
