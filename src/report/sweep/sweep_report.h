// SPDX-License-Identifier: MIT
// A sweep for its readers: its configurations in the order in which validation puts them, and the n-gram beside them.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "report/plots/line_plot.h"
#include "sweep/sweep_result.h"
#include "training/setting_values.h"

namespace microgpt {

inline constexpr std::string_view kSeedSetting = "seed";

struct SweepRow {
  std::size_t number;               // of the configuration, from 1
  std::vector<std::string> values;  // of the settings that vary
  SweepResult result;
};

struct SweepBaseline {
  std::vector<std::string> values;  // as above, and empty where a setting makes no difference to it
  BaselineLosses baseline;
};

// What runs have in common that differ in their seed alone: means over those that went well.
struct SeedMean {
  std::vector<std::string> values;  // of the settings that vary, but for the seed
  std::size_t runs = 0;             // that went well
  std::size_t seeds = 0;            // of all
  double validation = 0.0;          // nats, token mean
  double deviation = 0.0;           // of single runs on validation, with n - 1 under the sum
  double test = 0.0;
  double ngram_validation = 0.0;
  double ngram_test = 0.0;
  std::size_t ngram_order = 0;
};

struct SweepReport {
  std::vector<std::string> varying;      // names of settings
  std::vector<SweepRow> rows;            // by their loss on validation, token mean; last those whose training went wrong
  std::vector<SweepBaseline> baselines;  // one for each split
};

SweepReport make_sweep_report(const std::vector<RunSettings>& configurations, const std::vector<NumberedResult>& results);

// By their mean on validation; last those of which a run went wrong. Empty where all have one seed.
std::vector<SeedMean> seed_means(const SweepReport& report);

// The row that validation chooses: the first one, or with several seeds the first of those with the lowest mean. Null where all
// trainings went wrong.
const SweepRow* chosen_row(const SweepReport& report);

// The points that are best for what they cost: indices of those that no other one beats: none is as low in both x and y and
// lower in one. By ascending x; of points that are equal, all.
std::vector<std::size_t> pareto_front(std::span<const Point> points);

}  // namespace microgpt
