// SPDX-License-Identifier: MIT
#include "export/hub_files.h"

#include <string>

#include "export/gpt_onnx.h"
#include "io/json.h"
#include "model/model_json.h"
#include "model/tokenizer_json.h"

namespace microgpt {
namespace {

// The file of the graph is named here, as transformers.js looks in a browser for one of 8 bits.
std::string gpt2_config(const SavedModel& model) {
  const Config& config = model.config;
  const Token bos = model.tokenizer.bos();
  return file_text(Json::object({{"model_type", "gpt2"},
                                 {"architectures", Json::array({"GPT2LMHeadModel"})},
                                 {"vocab_size", config.vocab_size},
                                 {"n_positions", config.block_size},
                                 {"n_embd", config.n_embd},
                                 {"n_layer", config.n_layer},
                                 {"n_head", config.n_head},
                                 {"bos_token_id", bos},
                                 {"eos_token_id", bos},
                                 {"tie_word_embeddings", false},
                                 {"use_cache", true},
                                 {"transformers.js_config", Json::object({{"dtype", "fp32"}})}}));
}

// The last token is not given to the graph again, so there may be one more than it has positions.
std::string generation_config(const SavedModel& model) {
  const Token bos = model.tokenizer.bos();
  return file_text(Json::object(
      {{"bos_token_id", bos}, {"eos_token_id", bos}, {"pad_token_id", bos}, {"max_length", model.config.block_size + 1}}));
}

// Texts of several lengths are filled up to one in front, with this token, which there is not: an error. With BOS, which would
// be taken where nothing is said, they would go on with other texts, as the graph has no mask for it.
std::string tokenizer_config(const SavedModel& model) {
  Json json = parse_json("tokenizer_config.json", tokenizer_config_to_json(model.tokenizer));
  json["pad_token"] = "<PAD>";
  return file_text(json);
}

}  // namespace

std::vector<FileBeside> hub_files(const SavedModel& model, const OnnxOptions& options) {
  return {{"onnx/model.onnx", gpt_to_onnx(model, options)},
          {"tokenizer.json", tokenizer_to_json(model.tokenizer)},
          {"tokenizer_config.json", tokenizer_config(model)},
          {"generation_config.json", generation_config(model)},
          {"config.json", options.with_cache ? gpt2_config(model) : config_to_json(model.config)}};
}

}  // namespace microgpt
