// SPDX-License-Identifier: MIT
// What a classifier makes of lines whose kind is known: on what a threshold is found, and figures are made.
#pragma once

#include <string>
#include <vector>

#include "cli/classifier_models.h"
#include "cli/line_command.h"
#include "report/classification_report.h"
#include "report/roc_svg.h"

namespace microgpt {

// The ratios of the lines that are not blank.
struct LabelledRatios {
  std::vector<double> of_models;
  std::vector<double> of_ngrams;  // empty where the models have none
};

// Of the lines of the file `path`; `options` says how they are read. Says on standard error how many of them the models were
// trained on, as far as that can be told. Throws as score_lines(), and Error: no line that is not blank.
LabelledRatios labelled_ratios(const ClassifierModels& models, LineOptions options, const std::string& path);

// Of the models, and of their n-grams where these are loaded.
std::vector<ClassifierResult> classifier_results(const ClassifierModels& models, LabelledRatios positives,
                                                 LabelledRatios negatives, double threshold);

std::vector<RocCurve> curves_of(const std::vector<ClassifierResult>& results);

}  // namespace microgpt
