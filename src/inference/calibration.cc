// SPDX-License-Identifier: MIT
#include "inference/calibration.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdint>
#include <numeric>

#include "io/file.h"
#include "io/json.h"

namespace microgpt {
namespace {

constexpr std::string_view kThresholdFormat = "microgpt threshold";
constexpr std::uint64_t kThresholdVersion = 2;
constexpr std::string_view kRate = "false_positive_rate";
constexpr double kRateRounding = 1e-9;  // 0.01 of 100 is 1, though 0.01 is no binary fraction

std::optional<ClassMethod> method_of(std::string_view name) {
  for (const Named<ClassMethod>& each : kClassMethodNames)
    if (each.name == name) return each.value;
  return std::nullopt;
}

}  // namespace

double log_likelihood_ratio(double positive_nats, double negative_nats) {
  if (std::isinf(positive_nats) && std::isinf(negative_nats)) return 0.0;
  return negative_nats - positive_nats;
}

bool can_resolve(double rate, std::size_t negatives) { return rate * static_cast<double>(negatives) >= 1.0 - kRateRounding; }

double raised_into_gap(double threshold, std::span<const double> negatives, std::span<const double> positives) {
  assert(!negatives.empty());
  const auto next = std::upper_bound(positives.begin(), positives.end(), threshold);
  if (next == positives.end()) return threshold;
  double highest = threshold;
  for (const double negative : negatives)
    if (negative < *next) highest = std::max(highest, negative);
  const double middle = std::midpoint(highest, *next);
  return std::isfinite(middle) && middle > threshold && middle < *next ? middle : threshold;
}

std::optional<double> Calibration::threshold_of(ClassMethod method) const {
  for (const Threshold& each : thresholds)
    if (each.method == method) return each.value;
  return std::nullopt;
}

std::string calibration_to_json(const Calibration& calibration) {
  Json thresholds = Json::object();
  for (const Calibration::Threshold& each : calibration.thresholds) thresholds[name_of(each.method)] = each.value;
  const Json json = Json::object({{"format", kThresholdFormat},
                                  {"version", kThresholdVersion},
                                  {"threshold", calibration.thresholds.front().value},
                                  {std::string(kRate), calibration.false_positive_rate},
                                  {"negatives", calibration.negatives},
                                  {"positive_sha256", calibration.positive_sha256},
                                  {"negative_sha256", calibration.negative_sha256},
                                  {"predictor", name_of(calibration.thresholds.front().method)},
                                  {"thresholds", thresholds}});
  return dump(json, 2) + "\n";
}

namespace {

Calibration::Threshold threshold_in(const std::string& file, const std::string& name, const Json& value) {
  const std::optional<ClassMethod> method = method_of(name);
  if (!method || !value.is_number()) throw damaged(fmt::format("{}: {} is no threshold", file, quote(name)));
  return {*method, value.number()};
}

// Of before version 0.3 it has no predictor, and is of the GPTs; of version 1 it has one threshold.
std::vector<Calibration::Threshold> thresholds_in(const std::string& file, const Json& json) {
  const std::string predictor = json.find("predictor") == nullptr ? "gpt" : text_field(file, json, "predictor");
  std::vector<Calibration::Threshold> thresholds{threshold_in(file, predictor, json_field(file, json, "threshold"))};
  const Json* const others = json.find("thresholds");
  if (others == nullptr) return thresholds;
  if (!others->is_object()) throw damaged(fmt::format("{}: thresholds is no object", file));
  for (const Json::Field& field : others->fields())
    if (field.name != predictor) thresholds.push_back(threshold_in(file, field.name, field.value));
  return thresholds;
}

Calibration read_calibration(const std::string& file, std::string_view text) {
  const Json json = parse_json(file, text);
  require_fields_among(
      file, json,
      {"format", "version", "threshold", kRate, "negatives", "positive_sha256", "negative_sha256", "predictor", "thresholds"});
  const std::uint64_t version = integer_field(file, json, "version");
  if (text_field(file, json, "format") != kThresholdFormat || version < 1 || version > kThresholdVersion)
    throw damaged(fmt::format("{} is not a threshold of version 1 or {}", file, kThresholdVersion));
  Calibration calibration{thresholds_in(file, json), number_field(file, json, kRate), integer_field(file, json, "negatives"),
                          text_field(file, json, "positive_sha256"), text_field(file, json, "negative_sha256")};
  if (!(calibration.false_positive_rate >= 0.0 && calibration.false_positive_rate < 1.0))
    throw damaged(fmt::format("{}: {} {} is not from 0 to below 1", file, kRate, calibration.false_positive_rate));
  return calibration;
}

}  // namespace

Calibration calibration_from_json(const std::string& file, std::string_view text) {
  try {
    return read_calibration(file, text);
  } catch (const Damaged& error) {
    throw Error(error.problem() + "; calibrate again with --calibrate");
  }
}

}  // namespace microgpt
