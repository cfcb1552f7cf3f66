// SPDX-License-Identifier: MIT
#include "microgpt/model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "library/model_parts.h"
#include "microgpt/error.h"
#include "parallel/cores.h"
#include "parallel/thread_team.h"
#include "text/encoded_text.h"
#include "training/run_folder.h"

namespace microgpt {

std::shared_ptr<ModelParts> load_model_parts(const FileSet& files, Target target) {
  auto parts = std::make_shared<ModelParts>(ModelParts{load_model(files, HashParameters::yes)});
  parts->folder = files.folder();
  if (std::optional<NgramModel> ngram = load_baseline(files, parts->saved.config))
    parts->ngram = std::make_shared<const NgramModel>(std::move(*ngram));
  if (parts->ngram) parts->weights = load_mixture(files, parts->ngram->order());
  if (parts->weights) parts->mixture.emplace(*parts->ngram, *parts->weights, target);
  parts->held_out = load_held_out(files);
  parts->state = load_train_state(files);
  parts->warning = load_warning(files);
  return parts;
}

std::unique_ptr<Engine> engine_of(const ModelParts& parts, EngineKind kind, const FastEngineOptions& options) {
  std::unique_ptr<Engine> engine = make_engine(kind, parts.saved.config, options);
  engine->load(parts.saved.parameters);
  return engine;
}

PredictorKind chosen_predictor(const Model& model, std::optional<PredictorKind> asked_for) {
  const PredictorKind predictor = asked_for.value_or(model.predictor());
  if (!model.has(predictor))
    throw Error(fmt::format("the model has no {}: choose another predictor, or train the model again",
                            predictor == PredictorKind::ngram ? "n-gram" : "mixture of the GPT and an n-gram"));
  return predictor;
}

MixtureWeights ngram_only_weights(std::size_t order) {
  const std::vector<double> none(order - 1);
  return {{0.0, 0.0, none}, {1.0, 0.0, none}};
}

Baseline baseline_of(const ModelParts& parts) {
  return {parts.ngram ? &*parts.ngram : nullptr, parts.mixture ? &*parts.mixture : nullptr};
}

std::size_t chosen_threads(std::size_t threads) {
  if (threads > ThreadTeam::kMaxThreads)
    throw ConfigError("threads", fmt::format("{} is above {}, the most that there can be", threads, ThreadTeam::kMaxThreads));
  return threads == 0 ? default_threads() : threads;
}

std::vector<std::size_t> parts_of_documents(const Tokenizer& tokenizer, std::span<const std::string_view> documents,
                                            std::size_t threads) {
  constexpr std::size_t kBytes = 65536;
  std::size_t all = 0;
  for (std::size_t d = 0; d < documents.size(); ++d) {
    require_valid(tokenizer, fmt::format("document {}", d + 1), documents[d]);
    all += documents[d].size() + 1;
  }
  const std::size_t most = std::min(kBytes, all / threads + 1);
  std::vector<std::size_t> begins;
  std::size_t bytes = most;
  for (std::size_t d = 0; d < documents.size(); ++d) {
    if (bytes >= most) {
      begins.push_back(d);
      bytes = 0;
    }
    bytes += documents[d].size() + 1;
  }
  begins.push_back(documents.size());
  return begins;
}

std::string_view as_in_corpus(const Model& model, std::string_view document) {
  if (model.corpus_kind() == CorpusKind::text) return document;
  return strip(model.tokenizer().encoding(), document);
}

void require_path(const std::string& path) {
  if (path.empty()) throw Error("the name of the folder is empty: name one");
  if (path.find('\0') != std::string::npos) throw Error("the name of the folder has a zero byte: name another");
}

void require_number(double value) {
  if (std::isnan(value)) throw Error("the loss is not a number: the parameters of the model are too large");
}

void require_valid(const Tokenizer& tokenizer, const std::string& name, std::string_view text) {
  if (tokenizer.encoding() != Encoding::utf8) return;
  if (const auto at = find_invalid_utf8(text))
    throw Error(fmt::format("{}: byte {} begins no valid UTF-8; decode the text before, or train a model of bytes", name, *at));
}

Model Model::load(const std::string& folder) {
  require_path(folder);
  return Model(load_model_parts(folder));
}

void Model::save(const std::string& folder) const {
  require_path(folder);
  require_writable_folder(folder);
  FolderLock lock(folder);
  save_model_with_records(folder, parts_->saved, parts_->records());
}

const Config& Model::config() const { return parts_->saved.config; }
const Tokenizer& Model::tokenizer() const { return parts_->saved.tokenizer; }
const ParameterTable& Model::table() const { return parts_->table; }
std::span<const double> Model::parameters() const { return parts_->saved.parameters; }

std::span<const double> Model::parameters(std::string_view tensor) const {
  for (const Tensor& each : table().tensors())
    if (each.name == tensor) return parameters().subspan(each.offset, each.size());
  throw Error(fmt::format("the model has no tensor {}; its first one is {}", tensor, table().tensors().front().name));
}

CorpusKind Model::corpus_kind() const { return parts_->corpus_kind(); }

std::optional<std::size_t> Model::ngram_order() const {
  return parts_->ngram ? std::optional(parts_->ngram->order()) : std::nullopt;
}

PredictorKind Model::predictor() const { return parts_->mixture ? PredictorKind::mixture : PredictorKind::gpt; }

bool Model::has(PredictorKind predictor) const {
  return predictor == PredictorKind::gpt ||
         (predictor == PredictorKind::ngram ? parts_->ngram != nullptr : parts_->mixture.has_value());
}

const std::string& Model::warning() const { return parts_->warning; }

}  // namespace microgpt
