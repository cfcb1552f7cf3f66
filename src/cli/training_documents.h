// SPDX-License-Identifier: MIT
// Which documents a saved model was trained on, so that figures of them are not taken for figures of new ones.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>

#include "microgpt/corpus.h"
#include "training/train_state.h"

namespace microgpt {

// Of a corpus of lines: all but those that its split held out. Memory: the corpus, and some 50 bytes a document.
class TrainingDocuments {
 public:
  // `corpus` is that of the run. REQUIRES: it is of lines.
  TrainingDocuments(Corpus corpus, const TrainState& run);
  TrainingDocuments(const TrainingDocuments&) = delete;
  TrainingDocuments& operator=(const TrainingDocuments&) = delete;

  // In whichever case, if the run folds it. REQUIRES: then it is valid UTF-8.
  bool contain(std::string_view document) const;

 private:
  const Corpus corpus_;
  std::unordered_set<std::string_view> documents_;
};

// Of the model in `folder`, where its corpus is found unchanged: where it was read, or in `file`. Null where it is not, and of
// a running text.
std::unique_ptr<const TrainingDocuments> find_training_documents(const std::string& folder,
                                                                 const std::optional<std::string>& file);

}  // namespace microgpt
