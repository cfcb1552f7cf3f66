// SPDX-License-Identifier: MIT
#include "model/model_json.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "microgpt/error.h"

namespace microgpt::model_json_test {
namespace {

constexpr const char* kRemedy = "; restore the file from a copy or save the model again";

constexpr const char* kConfig = R"({
  "model_type": "microgpt",
  "vocab_size": 27,
  "n_layer": 2,
  "n_embd": 12,
  "n_head": 3,
  "block_size": 5,
  "activation": "relu2",
  "bos_token_id": 26,
  "eos_token_id": 26,
  "tie_word_embeddings": false,
  "rms_norm_eps": 1e-05
}
)";

// As earlier versions wrote it.
constexpr const char* kWithoutFieldsForOthers = R"({
  "model_type": "microgpt",
  "vocab_size": 27,
  "n_layer": 2,
  "n_embd": 12,
  "n_head": 3,
  "block_size": 5,
  "activation": "relu2"
}
)";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

std::string error_of(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

std::string config_error(const std::string& from, const std::string& to) {
  return error_of([&] { config_from_json("c.json", replaced(kConfig, from, to)); });
}

TEST(ModelJson, AConfigurationIsWhatTheDocumentSays) {
  const auto [config, unknown_fields] = config_from_json("c.json", kConfig);
  EXPECT_TRUE(unknown_fields.empty());
  EXPECT_EQ(config.vocab_size, 27U);
  EXPECT_EQ(config.n_layer, 2U);
  EXPECT_EQ(config.n_embd, 12U);
  EXPECT_EQ(config.n_head, 3U);
  EXPECT_EQ(config.block_size, 5U);
  EXPECT_EQ(config.activation, Activation::squared_relu);
  EXPECT_EQ(config_to_json(config), kConfig);
  EXPECT_EQ(config_from_json("c.json", config_to_json({})).config.activation, Activation::relu);
}

TEST(ModelJson, SaysWhatIsWrongWithAConfiguration) {
  const auto message = [](const std::string& problem) { return "c.json" + problem + kRemedy; };
  EXPECT_EQ(config_error("{", "["), message(" is not valid JSON (line 2, byte 17)"));
  EXPECT_EQ(config_error("\"microgpt\"", "\"gpt2\""), message(": model_type is \"gpt2\", and not \"microgpt\""));
  EXPECT_EQ(config_error("  \"n_layer\": 2,\n", ""), message(" has no field \"n_layer\""));
  EXPECT_EQ(config_error("\"n_layer\"", "\"layers\""), message(" has no field \"n_layer\""));
  EXPECT_EQ(config_error("12", "-12"), message(": \"n_embd\" is not a whole number of 0 or more"));
  EXPECT_EQ(config_error("12", "13"), message(": n_embd 13 is not a multiple of n_head 3"));
  EXPECT_EQ(config_error("\"n_head\": 3", "\"n_head\": 0"), message(": n_head 0 is out of range: it must be from 1 to 16384"));
  EXPECT_EQ(config_error("12", "99999999999999999999"), message(": \"n_embd\" is not a whole number of 0 or more"));
  EXPECT_EQ(config_error("relu2", "gelu"), message(": there is no activation \"gelu\""));
}

TEST(ModelJson, FieldsOfOtherProgramsAreNamed) {
  const ConfigFile file = config_from_json("c.json", replaced(kConfig, "{", R"({"torch_dtype": "float32", "n_layers": 7,
      "architectures": ["GPT"], "transformers_version": "4.44.0", "nested": {"n_layer": 9},)"));
  EXPECT_EQ(file.unknown_fields,
            (std::vector<std::string>{"torch_dtype", "n_layers", "architectures", "transformers_version", "nested"}));
  EXPECT_EQ(config_to_json(file.config), kConfig);
  const auto message = [](const std::string& problem) { return "c.json" + problem + kRemedy; };
  EXPECT_EQ(config_error("{", "{\"a\": 1, \"a\": 2,"), message(" has \"a\" twice"));
  EXPECT_EQ(config_error("{", "{\"n_layer\": 1,"), message(" has \"n_layer\" twice"));
  EXPECT_EQ(config_error("{", "{\"a\": 1,,"), message(" is not valid JSON (line 1, byte 9)"));
  EXPECT_EQ(config_error("27", "\"27\""), message(": \"vocab_size\" is not a whole number of 0 or more"));
}

// Whoever has read a model before does not see them.
TEST(ModelJson, FieldsForOtherProgramsAreIgnoredIfTheySayWhatTheyMust) {
  EXPECT_TRUE(config_from_json("c.json", kWithoutFieldsForOthers).unknown_fields.empty());
  const auto unknown_with = [](const std::string& from, const std::string& to) {
    return config_from_json("c.json", replaced(kConfig, from, to)).unknown_fields;
  };
  EXPECT_EQ(unknown_with("\"bos_token_id\": 26", "\"bos_token_id\": 50256"), std::vector<std::string>{"bos_token_id"});
  EXPECT_EQ(unknown_with("\"eos_token_id\": 26", "\"eos_token_id\": null"), std::vector<std::string>{"eos_token_id"});
  EXPECT_EQ(unknown_with("false", "true"), std::vector<std::string>{"tie_word_embeddings"});
}

}  // namespace
}  // namespace microgpt::model_json_test
