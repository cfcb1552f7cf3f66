// SPDX-License-Identifier: MIT
#include "training/train_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "io/file.h"
#include "io/json.h"
#include "text/names.h"
#include "training/setting_values.h"

namespace microgpt {
namespace {

bool is_sha256(const std::string& text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

std::string sha256_field(const std::string& file, const Json& value) {
  std::string hash = text_field(file, value, "sha256");
  if (!is_sha256(hash)) throw damaged(fmt::format("{}: {} is no SHA-256", file, quote(hash)));
  return hash;
}

std::optional<FileSource> file_from_json(const std::string& file, const Json& corpus, std::string_view key) {
  const Json* const value = corpus.find(key);
  if (value == nullptr) return std::nullopt;
  require_fields_among(file, *value, {"path", "sha256"});
  return FileSource{text_field(file, *value, "path"), sha256_field(file, *value)};
}

Json file_to_json(const FileSource& source) { return Json::object({{"path", source.path}, {"sha256", source.sha256}}); }

constexpr std::array<Named<DocumentLayout::Kind>, 4> kLayoutNames{{{DocumentLayout::Kind::lines, "lines"},
                                                                   {DocumentLayout::Kind::columns, "columns"},
                                                                   {DocumentLayout::Kind::separated, "separated"},
                                                                   {DocumentLayout::Kind::fasta, "fasta"}}};

Json layout_to_json(const DocumentLayout& layout) {
  return Json::object({{"kind", name_in(kLayoutNames, layout.kind)},
                       {"column", layout.column},
                       {"delimiter", std::string(1, layout.delimiter)},
                       {"header", Json(layout.header)},
                       {"separator", layout.separator}});
}

DocumentLayout layout_from_json(const std::string& file, const Json& value) {
  require_fields_among(file, value, {"kind", "column", "delimiter", "header", "separator"});
  DocumentLayout layout;
  const std::string kind = text_field(file, value, "kind");
  const auto found =
      std::find_if(kLayoutNames.begin(), kLayoutNames.end(), [&](const auto& each) { return each.name == kind; });
  const std::string delimiter = text_field(file, value, "delimiter");
  const Json& header = json_field(file, value, "header");
  if (found == kLayoutNames.end() || delimiter.size() != 1 || !header.is_boolean())
    throw damaged(fmt::format("{}: the layout of the corpus is none", file));
  layout = {found->value, text_field(file, value, "column"), delimiter.front(), header.boolean(),
            text_field(file, value, "separator")};
  return layout;
}

// What is not there is left out.
Json corpus_to_json(const CorpusSource& corpus) {
  Json value = Json::object({{"path", corpus.path}, {"sha256", corpus.sha256}});
  if (!corpus.label.empty()) value["label"] = corpus.label;
  if (!corpus.division.group.empty()) value["group"] = corpus.division.group;
  if (corpus.format.fold_case) value["fold_case"] = Json(true);
  if (corpus.format.layout.kind != DocumentLayout::Kind::lines) value["layout"] = layout_to_json(corpus.format.layout);
  if (corpus.division.validation) value["validation"] = file_to_json(*corpus.division.validation);
  if (corpus.division.test) value["test"] = file_to_json(*corpus.division.test);
  return value;
}

CorpusSource corpus_from_json(const std::string& file, const Json& value) {
  require_fields_among(file, value, {"path", "sha256", "label", "group", "fold_case", "layout", "validation", "test"});
  CorpusSource corpus;
  if (value.find("label") != nullptr) corpus.label = text_field(file, value, "label");
  if (value.find("group") != nullptr) corpus.division.group = text_field(file, value, "group");
  if (const Json* const folds = value.find("fold_case")) {
    if (!folds->is_boolean()) throw damaged(fmt::format("{}: fold_case is neither true nor false", file));
    corpus.format.fold_case = folds->boolean();
  }
  if (const Json* const layout = value.find("layout")) corpus.format.layout = layout_from_json(file, *layout);
  corpus.division.validation = file_from_json(file, value, "validation");
  corpus.division.test = file_from_json(file, value, "test");
  if (!json_field(file, value, "path").is_null()) corpus.path = text_field(file, value, "path");
  corpus.sha256 = sha256_field(file, value);
  return corpus;
}

// Where there are none, nothing stands there.
std::optional<Json> long_documents_to_json(const LongDocuments& documents) {
  if (documents.longer == 0) return std::nullopt;
  return Json::object({{"longer", documents.longer}, {"documents", documents.documents}, {"longest", documents.longest}});
}

LongDocuments long_documents_from_json(const std::string& file, const Json& value, std::size_t block_size) {
  require_fields_among(file, value, {"longer", "documents", "longest"});
  return {integer_field(file, value, "longer"), integer_field(file, value, "documents"), integer_field(file, value, "longest"),
          block_size};
}

Json init_to_json(const std::optional<ModelSource>& init) {
  if (!init) return {};
  Json value = Json::object({{"path", init->path}, {"sha256", init->sha256}});
  if (init->known_in_test > 0) value["known_of_test"] = init->known_in_test;
  return value;
}

std::optional<ModelSource> init_from_json(const std::string& file, const Json& value) {
  if (value.is_null()) return std::nullopt;
  require_fields_among(file, value, {"path", "sha256", "known_of_test"});
  ModelSource init{text_field(file, value, "path"), sha256_field(file, value)};
  if (value.find("known_of_test") != nullptr) init.known_in_test = integer_field(file, value, "known_of_test");
  return init;
}

}  // namespace

bool CorpusSource::is_same(const CorpusSource& other) const {
  const auto hash = [](const std::optional<FileSource>& file) { return file ? file->sha256 : std::string(); };
  return sha256 == other.sha256 && format.layout == other.format.layout && format.fold_case == other.format.fold_case &&
         label == other.label && hash(division.validation) == hash(other.division.validation) &&
         hash(division.test) == hash(other.division.test);
}

std::string train_state_to_json(const TrainState& state) {
  const Json corpus = corpus_to_json(state.corpus);
  const Json init = init_to_json(state.init);
  const Json settings = settings_to_json({state.corpus.format, state.options});
  Json value = Json::object({{"command_line", state.command_line}, {"corpus", corpus}, {"init", init}, {"settings", settings}});
  if (auto long_documents = long_documents_to_json(state.long_documents)) value["long_documents"] = std::move(*long_documents);
  return dump(value, 2) + "\n";  // a path need not be UTF-8; what is not becomes U+FFFD
}

TrainState train_state_from_json(const std::string& file, std::string_view text) {
  const Json value = parse_json(file, text);
  require_fields_among(file, value, {"command_line", "corpus", "init", "settings", "long_documents"});
  TrainState state;
  state.corpus = corpus_from_json(file, json_field(file, value, "corpus"));
  state.command_line = text_field(file, value, "command_line");
  state.init = init_from_json(file, json_field(file, value, "init"));
  const RunSettings settings = settings_from_json(file, json_field(file, value, "settings"));
  const CorpusFormat as_stored = std::exchange(state.corpus.format, settings.format);
  state.corpus.format.layout = as_stored.layout;
  state.corpus.format.fold_case = as_stored.fold_case;
  state.options = settings.options;
  if (const Json* const documents = value.find("long_documents"))
    state.long_documents = long_documents_from_json(file, *documents, state.options.block_size);
  state.long_documents.is_fixed = state.init.has_value();
  return state;
}

}  // namespace microgpt
