// SPDX-License-Identifier: MIT
#include "training/training_memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "engine/fast/fast_engine.h"
#include "io/resource_limits.h"
#include "microgpt/error.h"
#include "microgpt/parameters.h"
#include "optimizer/muon.h"
#include "text/encoded_text.h"
#include "text/split.h"
#include "training/training_run.h"

namespace microgpt {
namespace {

// What a process and those beside it take, and what there is.
struct Demand {
  double bytes;
  double memory;

  bool is_too_much() const { return !(bytes <= memory); }
  std::string describe() const {
    return fmt::format("takes at least {}, and there are {}", describe_memory(bytes), describe_memory(memory));
  }
};

// Of the process alone where that is too much already.
Demand demand_of(double own, double others) {
  const Demand process_demand{own, static_cast<double>(usable_memory())};
  return process_demand.is_too_much() ? process_demand : Demand{own + others, static_cast<double>(machine_memory())};
}

// What Muon works with.
double muon_bytes(const Config& config, const TrainSettings& options, TeamSizes team) {
  if (options.training.optimizer != OptimizerKind::muon) return 0.0;
  return static_cast<double>(Muon::workspace_bytes(config)) * static_cast<double>(team.threads);
}

double bytes_of_others(const Config& config, const TrainSettings& options, TeamSizes team) {
  if (team.ranks == 1) return 0.0;
  return static_cast<double>(team.ranks - 1) *
         (static_cast<double>(fast::fast_rank_bytes(config)) + muon_bytes(config, options, team));
}

std::string among(std::size_t ranks) { return ranks == 1 ? "" : fmt::format(" on {} ranks of this machine", ranks); }

void require_memory_for_parameters(const Config& config, const Demand& demand, std::size_t ranks) {
  if (!demand.is_too_much()) return;
  throw ConfigError("n_embd",
                    fmt::format("{} with n_layer {}: training {} parameters{} {}; choose smaller sizes", config.n_embd,
                                config.n_layer, ParameterTable(config).parameter_count(), among(ranks), demand.describe()));
}

}  // namespace

double training_bytes(const Config& config, EngineKind engine, std::size_t positions) {
  if (engine == EngineKind::graph) return 0.0;
  if (engine == EngineKind::fast) return static_cast<double>(fast::fast_training_bytes(config, positions));
  return 5.0 * sizeof(double) * static_cast<double>(ParameterTable(config).parameter_count());
}

double training_bytes(const Config& config, const TrainSettings& options, CorpusKind kind, TeamSizes team) {
  double bytes = training_bytes(config, options.engine, min_positions(options, kind)) + muon_bytes(config, options, team);
  const std::size_t bytes_per_number = options.engine == EngineKind::fast ? sizeof(float) : sizeof(double);
  if (options.training.average > 0.0 && options.engine != EngineKind::graph)
    bytes += static_cast<double>(bytes_per_number * ParameterTable(config).parameter_count());
  return bytes;
}

void require_training_memory(const Config& config, EngineKind engine, std::size_t positions) {
  require_memory_for_parameters(config, demand_of(training_bytes(config, engine, positions), 0.0), 1);
}

void require_training_memory(const Config& config, const TrainSettings& options, CorpusKind kind, TeamSizes team) {
  const Demand demand = demand_of(training_bytes(config, options, kind, team), bytes_of_others(config, options, team));
  require_memory_for_parameters(config, demand, team.ranks);
}

SoftTargetMemory take_teacher_memory(const Config& config, const TrainSettings& options, const char* setting,
                                     const TrainingWindows& windows, TeamSizes team) {
  const double soft_targets = SoftTargets::bytes(config, windows);
  const double own = training_bytes(config, options, CorpusKind::lines, team) + soft_targets;
  if (const Demand demand = demand_of(own, bytes_of_others(config, options, team)); demand.is_too_much())
    throw ConfigError(setting, fmt::format("above 0: training with what a teacher predicts for {} documents{} {}; set it to "
                                           "0, or give fewer documents",
                                           windows.documents().size(), among(team.ranks), demand.describe()));
  const std::size_t numbers = windows.counted_positions() * config.vocab_size;
  const std::size_t window_numbers = windows.fed_positions() * config.vocab_size / windows.size();
  const std::size_t batch_numbers = 2 * options.batch_size * window_numbers;  // as a vector grows to the double
  const std::size_t besides = sizeof(float) * (batch_numbers + ParameterTable(config).parameter_count()) +
                              static_cast<std::size_t>(SoftTargets::bytes(config, windows.size(), 0));
  return {numbers, besides};
}

double RunMemory::bytes(const TrainSettings& options) {
  const Config config = config_of(options, corpus_.kind(), vocab_size_, {.resources = {.threads = threads_}});
  const double bytes = training_bytes(config, options, corpus_.kind(), {.threads = threads_});
  if (options.training.teacher_steps() == 0 && !options.has_ngram_teacher()) return bytes;
  const Windows& windows = windows_of(options);
  const double with_written = 1.0 + options.ngram_documents;  // which are about as long
  const auto count = static_cast<std::size_t>(with_written * static_cast<double>(windows.count));
  const auto positions = static_cast<std::size_t>(with_written * static_cast<double>(windows.positions));
  return bytes + SoftTargets::bytes(config, count, positions);
}

const RunMemory::Windows& RunMemory::windows_of(const TrainSettings& options) {
  const auto [found, is_new] = known_.try_emplace({options.seed, options.held_out, options.block_size});
  if (!is_new) return found->second;
  for (const std::size_t d : split_corpus(corpus_, options.seed, options.held_out).training) {
    const std::size_t positions = count_characters(corpus_.encoding(), corpus_[d]) + 1;
    found->second.count += count_windows(positions, options.block_size);
    found->second.positions += positions;
  }
  return found->second;
}

void require_memory_together(const std::string& what, std::span<const double> bytes, std::size_t processes,
                             const std::string& remedy) {
  const double own = std::accumulate(bytes.begin(), bytes.end(), 0.0);
  const Demand demand = demand_of(own, own * static_cast<double>(processes - 1));
  if (demand.is_too_much()) throw Error(fmt::format("training {}{} {}; {}", what, among(processes), demand.describe(), remedy));
}

std::size_t count_that_fit(std::span<const double> descending, std::size_t processes) {
  double own = 0.0;
  const auto is_too_much = [&](double bytes) {
    own += bytes;
    return demand_of(own, own * static_cast<double>(processes - 1)).is_too_much();
  };
  return static_cast<std::size_t>(std::find_if(descending.begin(), descending.end(), is_too_much) - descending.begin());
}

}  // namespace microgpt
