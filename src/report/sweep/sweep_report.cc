// SPDX-License-Identifier: MIT
#include "report/sweep/sweep_report.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string_view>
#include <utility>

#include "sweep/sweep_grid.h"

namespace microgpt {
namespace {

// Whether the baseline depends on the setting.
bool is_of_the_split(std::string_view name, CorpusKind kind) {
  return name == "held_out" || (name == kSeedSetting && kind == CorpusKind::lines);
}

bool comes_before(const SweepRow& a, const SweepRow& b) {
  if (a.result.losses.has_value() != b.result.losses.has_value()) return a.result.losses.has_value();
  if (!a.result.losses) return a.number < b.number;
  const double loss_a = a.result.losses->validation.token_mean;
  const double loss_b = b.result.losses->validation.token_mean;
  return loss_a != loss_b ? loss_a < loss_b : a.number < b.number;
}

std::vector<std::string> values_of(const RunSettings& settings, const std::vector<std::string>& names) {
  std::vector<std::string> values;
  for (const std::string& name : names) values.push_back(setting_text(settings, name));
  return values;
}

// One for each split, in the order of the configurations.
std::vector<SweepBaseline> baselines_of(const std::vector<std::string>& varying, std::vector<SweepRow> rows, CorpusKind kind) {
  std::sort(rows.begin(), rows.end(), [](const SweepRow& a, const SweepRow& b) { return a.number < b.number; });
  std::vector<SweepBaseline> baselines;
  for (SweepRow& row : rows) {
    for (std::size_t i = 0; i < varying.size(); ++i)
      if (!is_of_the_split(varying[i], kind)) row.values[i].clear();
    const auto is_same = [&](const SweepBaseline& other) { return other.values == row.values; };
    if (std::none_of(baselines.begin(), baselines.end(), is_same)) baselines.push_back({row.values, row.result.baseline});
  }
  return baselines;
}

std::vector<std::string> without_seed(const SweepReport& report, const SweepRow& row) {
  std::vector<std::string> values;
  for (std::size_t i = 0; i < report.varying.size(); ++i)
    if (report.varying[i] != kSeedSetting) values.push_back(row.values[i]);
  return values;
}

SeedMean mean_of(std::vector<std::string> values, const std::vector<const SweepResult*>& results) {
  SeedMean mean;
  mean.values = std::move(values);
  mean.seeds = results.size();
  double squares = 0.0;
  for (const SweepResult* result : results) {
    mean.ngram_order = result->baseline.order;
    mean.ngram_validation += result->baseline.losses.validation.token_mean / static_cast<double>(mean.seeds);
    mean.ngram_test += result->baseline.losses.test.token_mean / static_cast<double>(mean.seeds);
    if (!result->losses) continue;
    ++mean.runs;
    const auto runs = static_cast<double>(mean.runs);
    const double difference = result->losses->validation.token_mean - mean.validation;
    mean.validation += difference / runs;
    squares += difference * (result->losses->validation.token_mean - mean.validation);
    mean.test += (result->losses->test.token_mean - mean.test) / runs;
  }
  if (mean.runs > 1) mean.deviation = std::sqrt(squares / static_cast<double>(mean.runs - 1));
  return mean;
}

}  // namespace

SweepReport make_sweep_report(const std::vector<RunSettings>& configurations, const std::vector<NumberedResult>& results) {
  SweepReport report{varying_settings(configurations), {}, {}};
  for (const NumberedResult& result : results)
    report.rows.push_back(
        {result.configuration + 1, values_of(configurations[result.configuration], report.varying), result.result});
  std::sort(report.rows.begin(), report.rows.end(), comes_before);
  report.baselines = baselines_of(report.varying, report.rows, configurations.front().format.kind);
  return report;
}

std::vector<SeedMean> seed_means(const SweepReport& report) {
  if (std::find(report.varying.begin(), report.varying.end(), kSeedSetting) == report.varying.end()) return {};
  std::vector<std::pair<std::vector<std::string>, std::vector<const SweepResult*>>> groups;
  for (const SweepRow& row : report.rows) {
    std::vector<std::string> values = without_seed(report, row);
    auto group = std::find_if(groups.begin(), groups.end(), [&](const auto& other) { return other.first == values; });
    if (group == groups.end()) group = groups.emplace(groups.end(), std::move(values), std::vector<const SweepResult*>{});
    group->second.push_back(&row.result);
  }
  std::vector<SeedMean> means;
  for (auto& [values, results] : groups) means.push_back(mean_of(std::move(values), results));
  std::stable_sort(means.begin(), means.end(), [](const SeedMean& a, const SeedMean& b) {
    const bool a_is_whole = a.runs == a.seeds, b_is_whole = b.runs == b.seeds;
    return a_is_whole != b_is_whole ? a_is_whole : a.validation < b.validation;
  });
  return means;
}

const SweepRow* chosen_row(const SweepReport& report) {
  const std::vector<SeedMean> means = seed_means(report);
  for (const SweepRow& row : report.rows)
    if (row.result.losses && (means.empty() || without_seed(report, row) == means.front().values)) return &row;
  return nullptr;
}

std::vector<std::size_t> pareto_front(std::span<const Point> points) {
  std::vector<std::size_t> order(points.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return points[a].x != points[b].x ? points[a].x < points[b].x : points[a].y < points[b].y;
  });
  std::vector<std::size_t> front;
  for (const std::size_t i : order) {
    const Point* last = front.empty() ? nullptr : &points[front.back()];
    if (last == nullptr || points[i].y < last->y || (points[i].x == last->x && points[i].y == last->y)) front.push_back(i);
  }
  return front;
}

}  // namespace microgpt
