// SPDX-License-Identifier: MIT
// Runs of training whose models are to tell classes of documents apart: what they have in common.
//
// All have the vocabulary of all corpora, so that a character that only one class has is evidence and not a surprise. What is
// held out is held out by content (text/split.h): a document of several corpora is in the same part of each, unless one is so
// small that its bounds move.
#pragma once

#include <vector>

#include "training/default_settings.h"
#include "training/training_run.h"

namespace microgpt {

// The settings of each where none are given.
TrainSettings class_defaults();

// The settings of each class that fit its documents where they are not given, and `run` elsewhere. All have the shape that fits
// the largest class. The n-gram does not teach: the less alike GPT and n-gram are, the more both know together. Many documents
// are trained on for longer than a model alone would be, as whoever has a classifier calls it often (docs/classifier.md).
// REQUIRES: a class.
std::vector<TrainSettings> settings_of_classes(std::vector<TrainingSize> sizes, const IsGiven& is_given,
                                               const TrainSettings& run);

}  // namespace microgpt
