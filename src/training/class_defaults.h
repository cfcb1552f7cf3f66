// SPDX-License-Identifier: MIT
// Runs of training whose models are to tell classes of documents apart: what they have in common.
//
// All have the vocabulary of all corpora, so that a character that only one class has is evidence and not a surprise. What is
// held out is held out by content (text/split.h): a document of several corpora is in the same part of each.
#pragma once

#include "training/training_run.h"

namespace microgpt {

// The settings of each where none are given.
TrainingRunOptions class_defaults();

}  // namespace microgpt
