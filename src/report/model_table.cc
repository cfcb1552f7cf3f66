// SPDX-License-Identifier: MIT
#include "report/model_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "microgpt/parameters.h"
#include "model/activation_names.h"
#include "model/model_json.h"
#include "report/numbers.h"
#include "report/text_table.h"
#include "scoring/token_scorer.h"
#include "text/encoded_text.h"

namespace microgpt {
namespace {

using enum TextTable::Align;

constexpr std::size_t kCharacterColumns = 66;

std::string_view name_of(Precision precision) { return precision == Precision::float32 ? "float32" : "float64"; }

std::string_view name_of(Activation activation) {
  return std::find_if(kActivationNames.begin(), kActivationNames.end(),
                      [&](const Named<Activation>& entry) { return entry.value == activation; })
      ->name;
}

// As many as fit into a line.
std::string list_characters(const Tokenizer& tokenizer) {
  std::string list;
  for (Token token = 0; token < tokenizer.bos(); ++token) {
    const std::string symbol = tokenizer.symbol(token) + " ";
    if (display_width(list + symbol) > kCharacterColumns) return list + "...";
    list += symbol;
  }
  list.pop_back();
  return list;
}

std::string facts(const SavedModel& model, std::size_t parameters, const LongDocuments& long_documents) {
  const Config& config = model.config;
  std::string text;
  const auto add = [&](std::string_view name, const auto& fact) { text += fmt::format("{:<12}{}\n", name, fact); };
  add("parameters", fmt::format("{}, {}", parameters, name_of(model.precision)));
  add("vocab_size",
      fmt::format("{}: {} characters, and BOS, token {}", config.vocab_size, config.vocab_size - 1, model.tokenizer.bos()));
  add("characters", list_characters(model.tokenizer));
  add("n_layer", config.n_layer);
  add("n_embd", config.n_embd);
  add("n_head", config.n_head);
  add("block_size", config.block_size);
  add("activation", name_of(config.activation));
  if (long_documents.longer > 0) add("documents", describe(long_documents));
  return text;
}

std::string encode_characters(const Tokenizer& tokenizer) {
  std::string text;
  for (const char32_t c : tokenizer.characters()) append_utf8(text, c);
  return text;
}

}  // namespace

std::string model_table(const SavedModel& model, const LongDocuments& long_documents) {
  const ParameterTable parameters(model.config);
  TextTable table({{"tensor", left}, {"shape", right}, {"offset", right}, {"count", right}});
  for (const Tensor& tensor : parameters.tensors())
    table.add_row({tensor.name, fmt::format("[{}, {}]", tensor.rows, tensor.columns), fmt::format("{}", tensor.offset),
                   fmt::format("{}", tensor.size())});
  return facts(model, parameters.parameter_count(), long_documents) + "\n" + table.str("");
}

std::string model_json(const SavedModel& model, const LongDocuments& long_documents) {
  const ParameterTable parameters(model.config);
  Json tensors = Json::array();
  for (const Tensor& tensor : parameters.tensors())
    tensors.push_back(Json::object({{"name", tensor.name},
                                    {"shape", Json::array({tensor.rows, tensor.columns})},
                                    {"offset", tensor.offset},
                                    {"count", tensor.size()}}));
  Json json = config_fields(model.config);
  json["precision"] = name_of(model.precision);
  json["parameters"] = parameters.parameter_count();
  json["characters"] = encode_characters(model.tokenizer);
  json["bos"] = model.tokenizer.bos();
  if (long_documents.longer > 0)
    json["long_documents"] = Json::object(
        {{"longer", long_documents.longer}, {"documents", long_documents.documents}, {"longest", long_documents.longest}});
  json["tensors"] = std::move(tensors);
  return json_text(json);
}

std::string tokens_table(const Tokenizer& tokenizer, std::string_view text) {
  const std::vector<Token> tokens = tokenizer.encode_marking_unseen(text);
  const std::vector<std::string> symbols = symbols_of(tokenizer, text);
  TextTable table({{"pos", right}, {"character", left}, {"token", right}});
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const bool is_unseen = tokens[i] == kUnseen;
    table.add_row({fmt::format("{}", i), is_unseen ? symbols[i] + " ?" : symbols[i],
                   fmt::format("{}", is_unseen ? tokenizer.bos() : tokens[i])});
  }
  const bool has_unseen = std::find(tokens.begin(), tokens.end(), kUnseen) != tokens.end();
  return table.str() + (has_unseen ? "  ? is a character that the model has never seen; it reads BOS instead.\n" : "");
}

}  // namespace microgpt
