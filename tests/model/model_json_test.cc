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
  "activation": "relu2"
}
)";

constexpr const char* kTokenizer = R"({
  "type": "characters",
  "characters": "\u0000\"a\u00e9\ud83d\ude00",
  "bos": 5
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

std::string tokenizer_error(const std::string& from, const std::string& to) {
  return error_of([&] { tokenizer_from_json("t.json", replaced(kTokenizer, from, to)); });
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

TEST(ModelJson, ATokenizerIsWhatTheDocumentSays) {
  const Tokenizer tokenizer = tokenizer_from_json("t.json", kTokenizer);
  EXPECT_EQ(tokenizer.characters(), std::u32string(U"\0\"a\u00e9\U0001F600", 5));
  EXPECT_EQ(tokenizer.bos(), 5);
  EXPECT_EQ(tokenizer_to_json(tokenizer), kTokenizer);
}

TEST(ModelJson, ATokenizerOfBytesIsWhatTheDocumentSays) {
  const std::string text = R"({
  "type": "bytes",
  "bytes": "\u0000\"a\u007f\u00c3\u00ff",
  "bos": 6
}
)";
  const Tokenizer tokenizer = tokenizer_from_json("t.json", text);
  EXPECT_EQ(tokenizer.encoding(), Encoding::bytes);
  EXPECT_EQ(tokenizer.encode("\xFF\xC3"), (std::vector<Token>{6, 5, 4, 6}));
  EXPECT_EQ(tokenizer_to_json(tokenizer), text);
  const auto error_with = [&](const std::string& from, const std::string& to) {
    return error_of([&] { tokenizer_from_json("t.json", replaced(text, from, to)); });
  };
  EXPECT_EQ(error_with("\\u00ff", "\\u0100"),
            std::string("t.json: U+0100 is no byte; a vocabulary of bytes has numbers from 0 to 255") + kRemedy);
  EXPECT_EQ(error_with("\"bytes\": \"", "\"characters\": \""),
            std::string("t.json has the unknown field \"characters\"") + kRemedy);
  EXPECT_EQ(error_with("\"bytes\",", "\"characters\","), std::string("t.json has the unknown field \"bytes\"") + kRemedy);
}

TEST(ModelJson, SaysWhatIsWrongWithATokenizer) {
  const auto message = [](const std::string& problem) { return "t.json" + problem + kRemedy; };
  EXPECT_EQ(tokenizer_error("characters", "words"), message(": type is \"words\", and not \"characters\" or \"bytes\""));
  EXPECT_EQ(tokenizer_error("characters", "bytes"), message(" has the unknown field \"characters\""));
  EXPECT_EQ(tokenizer_error("5", "4"), message(": BOS is the token 4, and not 5, the last"));
  EXPECT_EQ(tokenizer_error("\"bos\": 5", "\"eos\": 5"), message(" has the unknown field \"eos\""));
  EXPECT_EQ(tokenizer_error(",\n  \"bos\": 5", ""), message(" has no field \"bos\""));
  EXPECT_EQ(tokenizer_error("\\\"a", "a\\\""),
            message(": U+0022 comes after U+0061 in the vocabulary; its characters must ascend, each once"));
  EXPECT_EQ(tokenizer_error("\\ude00", ""), message(" is not valid JSON (line 3, byte 65)")) << "half a character";
}

}  // namespace
}  // namespace microgpt::model_json_test
