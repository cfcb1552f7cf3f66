// SPDX-License-Identifier: MIT
// What a classifier makes of lines whose class is known: on what a threshold is found, and figures are made.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/classifier_models.h"
#include "cli/line_command.h"
#include "inference/class_weights.h"

namespace microgpt {

// Of the lines of files that are not blank, and are of one class each: [files][lines]. `options` says how they are read. Says
// on standard error how many of them the models were trained on, as far as that can be told. Throws as score_lines(), and
// Error: a file has no line that is not blank.
EvidenceByClass labelled_evidence(const ClassifierModels& models, const LineOptions& options,
                                  const std::vector<std::string>& files);

// The same of a file whose lines begin with their class: [classes][lines], where a class may have none. Throws as labels_of();
// Error: a class is none of the models'.
EvidenceByClass labelled_evidence(const ClassifierModels& models, const LineOptions& options, const std::string& file);

// The threshold of a pair: as it is given, found on known negatives, or stored by an earlier call.
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
