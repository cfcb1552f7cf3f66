// SPDX-License-Identifier: MIT
// What `sweep` says of what it trains, as text.
#pragma once

#include <string>
#include <vector>

#include "cli/corpus_argument.h"
#include "training/setting_values.h"

namespace microgpt {

// What is trained on, and how many configurations; which settings vary, a line each; and those that are other than usual in
// all.
std::string describe_sweep(const Corpus& corpus, const std::vector<RunSettings>& configurations);

// The call of `train` that makes this model.
std::string train_call(const LoadedCorpus& corpus, const RunSettings& settings);

}  // namespace microgpt
