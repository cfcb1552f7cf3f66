// SPDX-License-Identifier: MIT
#include "inference/classifier.h"

#include <fmt/format.h>

#include <cassert>
#include <cmath>

#include "io/damaged.h"
#include "io/json.h"
#include "scoring/unseen.h"

namespace microgpt {
namespace {

constexpr std::string_view kFormat = "microgpt threshold";
constexpr std::uint64_t kVersion = 1;
constexpr std::string_view kRate = "false_positive_rate";

double seen_nats(const LossOfModel& model) {
  return model.loss.nats - static_cast<double>(model.loss.unseen) * unseen_loss(model.vocab_size);
}

}  // namespace

double log_likelihood_ratio(const LossOfModel& positive, const LossOfModel& negative) {
  assert(positive.loss.positions == negative.loss.positions && positive.loss.unseen == negative.loss.unseen);
  return log_likelihood_ratio(seen_nats(positive), seen_nats(negative));
}

double log_likelihood_ratio(double positive_nats, double negative_nats) {
  if (std::isinf(positive_nats) && std::isinf(negative_nats)) return 0.0;
  return negative_nats - positive_nats;
}

std::string calibration_to_json(const Calibration& calibration) {
  const Json json = Json::object({{"format", kFormat},
                                  {"version", kVersion},
                                  {"threshold", calibration.threshold},
                                  {std::string(kRate), calibration.false_positive_rate},
                                  {"negatives", calibration.negatives},
                                  {"positive_sha256", calibration.positive_sha256},
                                  {"negative_sha256", calibration.negative_sha256},
                                  {"predictor", calibration.predictor}});
  return dump(json, 2) + "\n";
}

namespace {

Calibration read_calibration(const std::string& file, std::string_view text) {
  const Json json = parse_json(file, text);
  require_fields_among(
      file, json, {"format", "version", "threshold", kRate, "negatives", "positive_sha256", "negative_sha256", "predictor"});
  if (text_field(file, json, "format") != kFormat || integer_field(file, json, "version") != kVersion)
    throw damaged(fmt::format("{} is not a threshold of version {}", file, kVersion));
  Calibration calibration{number_field(file, json, "threshold"),     number_field(file, json, kRate),
                          integer_field(file, json, "negatives"),    text_field(file, json, "positive_sha256"),
                          text_field(file, json, "negative_sha256"), "gpt"};
  if (json.find("predictor") != nullptr) calibration.predictor = text_field(file, json, "predictor");
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
