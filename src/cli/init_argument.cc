// SPDX-License-Identifier: MIT
#include "cli/init_argument.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "cli/arguments.h"
#include "cli/model_arguments.h"
#include "cli/training_documents.h"
#include "model/activation_names.h"
#include "model/saved_model.h"
#include "text/format_names.h"
#include "text/hashes.h"
#include "text/split.h"
#include "training/run_folder.h"

namespace microgpt {
namespace {

// Sets settings to what the model has, unless a flag was given that says otherwise.
class SettingsOfModel {
 public:
  SettingsOfModel(const std::string& folder, const std::vector<const Flag*>& flags) : folder_(folder), flags_(flags) {}

  void take(const char* flag, std::size_t& setting, std::size_t model_value) const {
    if (is_given(flag) && setting != model_value) refuse(flag, fmt::format("{}", setting), fmt::format("{}", model_value));
    setting = model_value;
  }

  template <typename Entries, typename Value>
  void take(const char* flag, const Entries& entries, Value& setting, Value model_value) const {
    if (is_given(flag) && setting != model_value) refuse(flag, name_in(entries, setting), name_in(entries, model_value));
    setting = model_value;
  }

 private:
  bool is_given(const char* flag) const {
    return std::any_of(flags_.begin(), flags_.end(),
                       [&](const Flag* option) { return option->name() == flag && option->is_given; });
  }

  [[noreturn]] void refuse(const char* flag, std::string_view given, std::string_view model_value) const {
    throw UsageError(fmt::format("{} {}: the model of --init {} has {}, and training does not change it; leave {} out", flag,
                                 given, folder_, model_value, flag));
  }

  const std::string& folder_;
  const std::vector<const Flag*>& flags_;
};

constexpr std::array<Named<bool>, 2> kFoldingNames{{{true, "true"}, {false, "false"}}};

}  // namespace

ModelSource take_initial_model(const std::string& folder, const std::vector<const Flag*>& flags, CorpusFormat& format,
                               TrainSettings& run, RunInputs& inputs, bool quiet) {
  SavedModel model = load_model_and_inform(folder, quiet, HashParameters::yes);
  const SettingsOfModel settings(folder, flags);
  settings.take("--encoding", kEncodingNames, format.encoding, model.tokenizer.encoding());
  settings.take("--fold-case", kFoldingNames, format.fold_case, model.tokenizer.folds_case());
  settings.take("--n-layer", run.n_layer, model.config.n_layer);
  settings.take("--n-embd", run.n_embd, model.config.n_embd);
  settings.take("--n-head", run.n_head, model.config.n_head);
  settings.take("--block-size", run.block_size, model.config.block_size);
  settings.take("--activation", kActivationNames, run.activation, model.config.activation);
  inputs.init = std::make_shared<const InitialModel>(InitialModel{std::move(model.tokenizer), std::move(model.parameters)});
  return {folder, std::move(model.parameters_sha256)};
}

std::optional<DocumentsOfInit> count_documents_of_init(const std::string& folder, const LoadedCorpus& corpus,
                                                       const TrainSettings& run) {
  if (corpus.corpus.kind() == CorpusKind::text || run.held_out == 0.0) return std::nullopt;
  const auto known = find_training_documents(folder, corpus.source.path);
  if (!known) return std::nullopt;
  try {
    const Split split = split_corpus(corpus.corpus, run.seed, run.held_out);
    const auto count = [&](const std::vector<std::size_t>& part) {
      return static_cast<std::size_t>(
          std::count_if(part.begin(), part.end(), [&](std::size_t d) { return known->contain(corpus.corpus[d]); }));
    };
    return DocumentsOfInit{count(split.validation), split.validation.size(), count(split.test), split.test.size()};
  } catch (const EmptyPart&) {
    return std::nullopt;  // which is said later, with the remedy
  }
}

bool may_know_held_out(const std::string& folder, const CorpusSource& corpus, const TrainSettings& run) {
  const std::optional<TrainState> state = load_train_state(folder);
  if (!state || state->corpus.sha256 != corpus.sha256 || run.held_out == 0.0) return false;
  const bool same_split =
      state->corpus.division.group == corpus.division.group && state->corpus.is_same(corpus) &&
      state->corpus.format.kind == corpus.format.kind && state->corpus.format.invalid == corpus.format.invalid &&
      state->corpus.format.layout == corpus.format.layout && state->corpus.format.fold_case == corpus.format.fold_case &&
      state->options.held_out == run.held_out && (state->options.seed == run.seed || corpus.format.kind != CorpusKind::lines);
  return !same_split;
}

}  // namespace microgpt
