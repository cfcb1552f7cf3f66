// SPDX-License-Identifier: MIT
// The threshold of a pair: as it is given, found on known negatives, or stored by an earlier call.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/classifier_models.h"
#include "cli/line_command.h"

namespace microgpt {

struct ThresholdOptions {
  std::optional<double> given;
  std::optional<std::string> threshold_file;  // where one is stored; nothing: beside the positive model
  std::optional<std::string> calibrate;       // known negatives
  std::optional<double> false_positive_rate;
};

// In the order of the methods that the models have. Says on standard error where they come from, and stores what was found.
// `lines` says how the negatives are read. Throws as labelled_evidence(); Error: what is stored is damaged, or of other models
// or methods; what was found is infinite, or cannot be stored. REQUIRES: a pair.
std::vector<double> find_thresholds(const ClassifierModels& models, const ThresholdOptions& options, const LineOptions& lines);

}  // namespace microgpt
