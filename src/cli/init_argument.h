// SPDX-License-Identifier: MIT
// The saved model that a run begins with: train --init.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "cli/command_line.h"
#include "cli/corpus_argument.h"
#include "training/train_state.h"

namespace microgpt {

// Loads the model of `folder`, and sets the encoding and the shape of the run to the model's. `flags` are those of the run.
// Throws UsageError where one of them was given and says otherwise. Else as load_model_and_inform().
ModelSource take_initial_model(const std::string& folder, const std::vector<const Flag*>& flags, CorpusFormat& format,
                               TrainSettings& run, RunInputs& inputs, bool quiet);

// How many of the documents that a run holds out a saved model was trained on.
struct DocumentsOfInit {
  std::size_t known_in_validation;
  std::size_t validation;  // there are
  std::size_t known_in_test;
  std::size_t test;
};

// Of the model in `folder`; nothing where the corpus that it was trained on is not found, or one of both is a running text.
// Throws Error: the folder's train_state.json is damaged.
std::optional<DocumentsOfInit> count_documents_of_init(const std::string& folder, const LoadedCorpus& corpus,
                                                       const TrainSettings& run);

// Whether documents that the run holds out may be among those that the model was trained on, as far as its folder tells: it is
// the same corpus, split otherwise. Throws Error: the folder's train_state.json is damaged.
bool may_know_held_out(const std::string& folder, const CorpusSource& corpus, const TrainSettings& run);

}  // namespace microgpt
