// SPDX-License-Identifier: MIT
// The model card: README.md in the folder of a model, in the style of Hugging Face. What the model is and of what, how well it
// predicts, how it was trained and how it is used.
//
// No clock and no speed stands in it: a run that was killed and went on ends with the same bytes as one that was not. Nor does
// a folder: of paths the card has the last part, as it is there to be published.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "microgpt/config.h"
#include "report/evaluation_table.h"
#include "training/checkpoint.h"
#include "training/train_state.h"

namespace microgpt {

// How well the model of a run predicts the parts of its corpus, beside the baseline.
struct RunLosses {
  std::size_t ngram_order;         // 0: there is no baseline
  std::size_t training_documents;  // of a running text, windows; "training" among the parts may be a sample of them
  std::size_t training_positions;
  std::vector<PartComparison> parts;  // "training", and where something is held out "validation" and "test"
  CorpusKind kind = CorpusKind::lines;

  // What parts are counted in, "documents" or of a running text "characters", and how many of these a part has: "9 of 90" where
  // it is a sample.
  std::string_view unit() const { return kind == CorpusKind::text ? "characters" : "documents"; }
  std::string count(const PartComparison& part) const;
};

struct ModelCard {
  std::string corpus;  // its name
  TrainState state;    // with the numbers of steps that the run itself fixed
  Config config;
  std::size_t parameter_count;
  Precision precision;
  Progress progress;
  RunLosses losses;
};

// Begins with kModelCardBeginning of training/run_folder.h. Names and paths may be any bytes. REQUIRES: a part.
std::string model_card(const ModelCard& card);

}  // namespace microgpt
