// SPDX-License-Identifier: MIT
#include "cli/training_documents.h"

#include <filesystem>
#include <optional>
#include <utility>

#include "cli/corpus_argument.h"
#include "microgpt/error.h"
#include "text/fold_case.h"
#include "text/split.h"
#include "training/run_folder.h"

namespace microgpt {
namespace {

// What is no file is not read: it may be somebody else's input.
std::optional<Corpus> load_if_same(const std::optional<std::string>& path, const CorpusSource& source) {
  const auto is_file = [](const std::string& candidate) {
    std::error_code ignored;
    return std::filesystem::is_regular_file(candidate, ignored);
  };
  if (path && !is_file(*path)) return std::nullopt;
  for (const auto& held_out : {source.division.validation, source.division.test})
    if (held_out && !is_file(held_out->path)) return std::nullopt;
  try {
    LoadedCorpus loaded = divided(load_corpus(path, source.format, source.label), source.division);
    if (loaded.source.is_same(source)) return std::move(loaded.corpus);
  } catch (const Error&) {
    return std::nullopt;  // as another file, or none, is there now
  }
  return std::nullopt;
}

}  // namespace

TrainingDocuments::TrainingDocuments(Corpus corpus, const TrainState& run) : corpus_(std::move(corpus)) {
  for (const std::size_t d : split_corpus(corpus_, run.options.seed, run.options.held_out).training)
    documents_.insert(corpus_[d]);
}

bool TrainingDocuments::contain(std::string_view document) const {
  if (corpus_.format().fold_case) return documents_.contains(fold_case(document));
  return documents_.contains(document);
}

std::unique_ptr<const TrainingDocuments> find_training_documents(const std::string& folder,
                                                                 const std::optional<std::string>& file) {
  const std::optional<TrainState> run = load_train_state(folder);
  if (!run || run->corpus.format.kind == CorpusKind::text) return nullptr;
  std::optional<Corpus> corpus = load_if_same(run->corpus.path, run->corpus);
  if (!corpus && file) corpus = load_if_same(file, run->corpus);
  if (!corpus) return nullptr;
  return std::make_unique<const TrainingDocuments>(std::move(*corpus), *run);
}

}  // namespace microgpt
