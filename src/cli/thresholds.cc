// SPDX-License-Identifier: MIT
#include "cli/thresholds.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <filesystem>

#include "cli/labelled_lines.h"
#include "cli/terminal.h"
#include "inference/calibration.h"
#include "inference/classifier_results.h"
#include "inference/roc.h"
#include "io/atomic_file.h"
#include "io/file.h"
#include "microgpt/error.h"
#include "model/saved_model.h"
#include "report/numbers.h"
#include "text/hashes.h"

namespace microgpt {
namespace {

constexpr std::size_t kMaxCalibrationSize = std::size_t{1} << 16;  // bytes, more than any such file has

class Thresholds {
 public:
  Thresholds(const ClassifierModels& models, const ThresholdOptions& options, const LineOptions& lines)
      : models_(models), options_(options), lines_(lines) {}

  std::vector<double> find() const {
    std::vector<double> thresholds;
    for (const ComparedMethod& each : models_.methods()) thresholds.push_back(models_.classifier().even_threshold(each.method));
    const bool is_stored = options_.threshold_file || std::filesystem::exists(path());
    if (options_.given)
      thresholds.front() = *options_.given;
    else if (options_.calibrate)
      take(calibrate(), thresholds);
    else if (is_stored)
      take(stored(), thresholds);
    return thresholds;
  }

 private:
  const std::vector<std::string>& folders() const { return models_.source().folders; }

  std::string path() const { return options_.threshold_file.value_or(path_in(folders()[0], "threshold.json")); }

  static std::string sha256_of_model(const std::string& folder) { return sha256(read_file(parameters_path(folder))); }

  void take(const Calibration& calibration, std::vector<double>& thresholds) const {
    for (std::size_t i = 0; i < thresholds.size(); ++i)
      if (const auto threshold = calibration.threshold_of(models_.methods()[i].method)) thresholds[i] = *threshold;
  }

  Calibration calibrate() const {
    const double rate = options_.false_positive_rate.value_or(kDefaultFalsePositiveRate);
    const std::vector<Evidence> documents = labelled_evidence(models_, lines_, std::vector{*options_.calibrate})[0];
    Calibration calibration{{}, rate, documents.size(), sha256_of_model(folders()[0]), sha256_of_model(folders()[1])};
    for (const ComparedMethod& each : models_.methods())
      calibration.thresholds.push_back(
          {each.method, threshold_on(ratios_of(models_.classifier(), each.method, documents), each.method, rate)});
    if (!std::isfinite(calibration.thresholds.front().value))
      throw Error(fmt::format("{}: the threshold is infinite; the models hold these documents to be impossible",
                              name_of_input(*options_.calibrate)));
    std::erase_if(calibration.thresholds, [](const Calibration::Threshold& each) { return !std::isfinite(each.value); });
    AtomicFile file(path());
    file.write(calibration_to_json(calibration));
    file.commit();
    say_what_was_found(calibration, ratios_of(models_.classifier(), models_.method(), documents));
    return calibration;
  }

  // Of documents that were held out when the classifier was fitted, the lowest ratios of positive ones are known.
  double threshold_on(const std::vector<double>& negatives, ClassMethod method, double rate) const {
    const double threshold = threshold_for(negatives, rate);
    if (method != ClassMethod::all) return threshold;
    return raised_into_gap(threshold, negatives, models_.source().file->classes[0].lowest);
  }

  void say_what_was_found(const Calibration& calibration, const std::vector<double>& negatives) const {
    const double threshold = calibration.thresholds.front().value, rate = calibration.false_positive_rate;
    const auto above = [&](double bound) {
      return std::count_if(negatives.begin(), negatives.end(), [&](double r) { return r > bound; });
    };
    inform(fmt::format("threshold {}: at most {:g}% of {} are above it; stored in {}", threshold, 100.0 * rate,
                       plural(negatives.size(), "negative"), path()));
    if (rate > 0.0 && !can_resolve(rate, negatives.size()))
      inform(fmt::format(
          "{}: {} cannot tell a rate of {:g}, which takes {:g} of them at least: none of these is above the threshold, "
          "and of others more may be",
          name_of_input(*options_.calibrate), plural(negatives.size(), "negative"), rate, std::ceil(1.0 / rate)));
    const double even = models_.classifier().even_threshold(models_.method());
    if (threshold < even && above(even) < above(threshold))
      inform(
          fmt::format("a threshold of {:g}, where both kinds are equally likely, has {} of them above it", even, above(even)));
  }

  Calibration stored() const {
    Calibration calibration = calibration_from_json(path(), read_file(path(), kMaxCalibrationSize));
    if (calibration.positive_sha256 != sha256_of_model(folders()[0]) ||
        calibration.negative_sha256 != sha256_of_model(folders()[1]))
      throw Error(
          fmt::format("{} was found for other models than {} and {}; calibrate again with --calibrate, or give --threshold",
                      path(), folders()[0], folders()[1]));
    const std::optional<double> threshold = calibration.threshold_of(models_.method());
    if (!threshold)
      throw Error(
          fmt::format("{} was found with --predictor {}, and here it is {}; calibrate again with --calibrate, or give "
                      "--threshold",
                      path(), name_of(calibration.thresholds.front().method), name_of(models_.method())));
    inform(fmt::format("threshold {} ({}: at most {:g}% of {} negatives are above it)", *threshold, path(),
                       100.0 * calibration.false_positive_rate, calibration.negatives));
    return calibration;
  }

  const ClassifierModels& models_;
  const ThresholdOptions& options_;
  const LineOptions& lines_;
};

}  // namespace

std::vector<double> find_thresholds(const ClassifierModels& models, const ThresholdOptions& options, const LineOptions& lines) {
  return Thresholds(models, options, lines).find();
}

}  // namespace microgpt
