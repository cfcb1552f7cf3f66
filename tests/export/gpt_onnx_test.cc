// SPDX-License-Identifier: MIT
// What is in the file, read by the numbers of onnx.proto. What the graph computes is tested by tests/export/onnx_test.py.
#include "export/gpt_onnx.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "export/hub_files.h"
#include "io/json.h"
#include "microgpt/error.h"
#include "support/models.h"
#include "text/little_endian.h"

namespace microgpt::gpt_onnx_test {
namespace {

// A message of protocol buffers: the fields by their numbers; those of integers in decimal.
using Message = std::multimap<std::uint64_t, std::string>;

std::uint64_t take_varint(std::string_view& bytes) {
  std::uint64_t value = 0;
  for (unsigned shift = 0;; shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    value |= std::uint64_t{byte & 0x7FU} << shift;
    if (byte < 0x80) return value;
  }
}

Message message_in(std::string_view bytes) {
  Message message;
  while (!bytes.empty()) {
    const std::uint64_t tag = take_varint(bytes);
    const std::uint64_t number = take_varint(bytes);
    if (tag % 8 == 0) {
      message.emplace(tag / 8, std::to_string(number));
      continue;
    }
    EXPECT_EQ(tag % 8, 2U);
    message.emplace(tag / 8, bytes.substr(0, number));
    bytes.remove_prefix(number);
  }
  return message;
}

std::vector<std::string> all_of_field(const Message& message, std::uint64_t field) {
  std::vector<std::string> values;
  for (auto [at, end] = message.equal_range(field); at != end; ++at) values.push_back(at->second);
  return values;
}

std::string one(const Message& message, std::uint64_t field) {
  const std::vector<std::string> values = all_of_field(message, field);
  EXPECT_EQ(values.size(), 1U) << field;
  return values.empty() ? "" : values.front();
}

struct Graph {
  Message model;
  Message graph;
  std::map<std::string, Message> constants;
  std::vector<std::string> inputs, outputs;
};

Graph read(const std::string& bytes) {
  Graph result{message_in(bytes), {}, {}, {}, {}};
  result.graph = message_in(one(result.model, 7));
  for (const std::string& each : all_of_field(result.graph, 5)) {
    const Message tensor = message_in(each);
    EXPECT_TRUE(result.constants.emplace(one(tensor, 8), tensor).second) << one(tensor, 8) << " is there twice";
  }
  for (const std::string& each : all_of_field(result.graph, 11)) result.inputs.push_back(one(message_in(each), 1));
  for (const std::string& each : all_of_field(result.graph, 12)) result.outputs.push_back(one(message_in(each), 1));
  return result;
}

SavedModel model_of(const Config& config) {
  std::u32string characters;
  while (characters.size() + 1 < config.vocab_size) characters.push_back(U'a' + static_cast<char32_t>(characters.size()));
  return {config, Tokenizer::from_characters(std::move(characters)), testing::random_parameters(config, 1), Precision::float64};
}

std::vector<double> numbers_of(const Message& tensor) {
  const std::string data = one(tensor, 9);
  std::vector<double> numbers;
  if (one(tensor, 2) == "11")
    for (std::size_t at = 0; at < data.size(); at += 8)
      numbers.push_back(std::bit_cast<double>(load_little_endian<std::uint64_t>(data, at)));
  else
    for (std::size_t at = 0; at < data.size(); at += 4)
      numbers.push_back(static_cast<double>(std::bit_cast<float>(load_little_endian<std::uint32_t>(data, at))));
  return numbers;
}

const Config kConfig{.vocab_size = 5, .n_layer = 2, .n_embd = 6, .n_head = 3, .block_size = 4};

TEST(GptOnnx, IsOfTheVersionsThatReadersHave) {
  const Graph graph = read(gpt_to_onnx(model_of(kConfig), {}));
  EXPECT_EQ(one(graph.model, 1), "8");
  EXPECT_EQ(one(graph.model, 2), "microgpt");
  EXPECT_EQ(one(message_in(one(graph.model, 8)), 2), "17");
}

TEST(GptOnnx, NamesItsInputsAndOutputs) {
  using Names = std::vector<std::string>;
  const Graph plain = read(gpt_to_onnx(model_of(kConfig), {}));
  EXPECT_EQ(plain.inputs, Names{"input_ids"});
  EXPECT_EQ(plain.outputs, Names{"logits"});
  const Graph cached = read(gpt_to_onnx(model_of(kConfig), {.with_cache = true}));
  EXPECT_EQ(cached.inputs, (Names{"input_ids", "past_key_values.0.key", "past_key_values.0.value", "past_key_values.1.key",
                                  "past_key_values.1.value"}));
  EXPECT_EQ(cached.outputs, (Names{"logits", "present.0.key", "present.0.value", "present.1.key", "present.1.value"}));
}

// Each value is made once, before it is used, and used: or it is an output.
TEST(GptOnnx, HasItsOperationsInOrder) {
  for (const bool with_cache : {false, true})
    for (const Config& config : testing::small_shapes()) {
      const Graph graph = read(gpt_to_onnx(model_of(config), {.with_cache = with_cache}));
      std::set<std::string> made(graph.inputs.begin(), graph.inputs.end()), used(graph.outputs.begin(), graph.outputs.end());
      for (const auto& [name, tensor] : graph.constants) made.insert(name);
      for (const std::string& each : all_of_field(graph.graph, 1)) {
        const Message node = message_in(each);
        for (const std::string& input : all_of_field(node, 1)) {
          EXPECT_TRUE(made.contains(input)) << one(node, 3) << " uses " << input;
          used.insert(input);
        }
        EXPECT_TRUE(made.insert(one(node, 2)).second) << one(node, 2) << " is made twice";
      }
      EXPECT_EQ(made, used);
    }
}

TEST(GptOnnx, HasTheParametersTransposedAndTheFactorOfAttentionInTheQueries) {
  const SavedModel model = model_of(kConfig);
  const ParameterTable table(kConfig);
  const Graph graph = read(gpt_to_onnx(model, {.doubles = true}));
  for (const Tensor& tensor : table.tensors()) {
    ASSERT_TRUE(graph.constants.contains(tensor.name)) << tensor.name;
    const Message& constant = graph.constants.at(tensor.name);
    const bool is_embedding = tensor.name == "wte" || tensor.name == "wpe";
    const std::vector<std::string> shape{std::to_string(tensor.rows), std::to_string(tensor.columns)};
    EXPECT_EQ(all_of_field(constant, 1), is_embedding ? shape : std::vector<std::string>(shape.rbegin(), shape.rend()));
    const std::vector<double> numbers = numbers_of(constant);
    ASSERT_EQ(numbers.size(), tensor.size());
    const double factor = tensor.name.ends_with("attn_wq") ? 1.0 / std::sqrt(2.0) : 1.0;
    for (std::size_t i = 0; i < tensor.rows; ++i)
      for (std::size_t j = 0; j < tensor.columns; ++j)
        EXPECT_EQ(numbers[is_embedding ? i * tensor.columns + j : j * tensor.rows + i],
                  factor * model.parameters[tensor.offset + i * tensor.columns + j]);
  }
}

TEST(GptOnnx, IsOfSinglePrecisionUnlessDoubleIsAskedFor) {
  SavedModel model = model_of(kConfig);
  const std::vector<double> narrow = numbers_of(read(gpt_to_onnx(model, {})).constants.at("wte"));
  EXPECT_EQ(narrow.front(), static_cast<double>(static_cast<float>(model.parameters.front())));
  EXPECT_NE(narrow.front(), model.parameters.front());
  model.parameters.front() = 1e39;
  try {
    gpt_to_onnx(model, {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "wte has 1e+39, which single precision cannot hold: export in double precision");
  }
  EXPECT_EQ(numbers_of(read(gpt_to_onnx(model, {.doubles = true})).constants.at("wte")).front(), 1e39);
}

TEST(GptOnnx, IsTheSameBytesAgain) {
  EXPECT_EQ(gpt_to_onnx(model_of(kConfig), {.with_cache = true}), gpt_to_onnx(model_of(kConfig), {.with_cache = true}));
}

// A type that transformers.js knows is only for what it can generate with.
TEST(HubFiles, CallAModelWithACacheAGpt2) {
  const auto config_of = [](const OnnxOptions& options) {
    const FileBeside file = hub_files(model_of(kConfig), options).back();
    EXPECT_EQ(file.name, "config.json");
    return parse_json("c", file.bytes);
  };
  const Json cached = config_of({.with_cache = true});
  EXPECT_EQ(*cached.find("model_type"), Json("gpt2"));
  EXPECT_EQ(*cached.find("n_positions"), Json(4));
  EXPECT_EQ(*cached.find("eos_token_id"), Json(4));
  EXPECT_EQ(*config_of({}).find("model_type"), Json("microgpt"));
}

}  // namespace
}  // namespace microgpt::gpt_onnx_test
