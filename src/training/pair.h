// SPDX-License-Identifier: MIT
// Two runs of training whose models are to tell two kinds of documents apart: what they have in common, and how well they do.
//
// Both have the vocabulary of both corpora, so that a character that only one kind has is evidence and not a surprise. What is
// held out is held out by content (text/split.h): a document of both corpora is in the same part of both.
#pragma once

#include <cstddef>
#include <vector>

#include "microgpt/corpus.h"
#include "microgpt/tokenizer.h"
#include "training/training_run.h"

namespace microgpt {

// The settings of both where none are given.
TrainingRunOptions pair_defaults();

}  // namespace microgpt
