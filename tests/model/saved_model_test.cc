// SPDX-License-Identifier: MIT
#include "model/saved_model.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <set>

#include "microgpt/error.h"
#include "support/models.h"
#include "support/process.h"

namespace microgpt::saved_model_test {
namespace {

using testing::read_text;
using testing::TemporaryFolder;

constexpr const char* kRemedy = "; restore the file from a copy or save the model again";

Tokenizer tokenizer_for(const Config& config) {
  std::u32string characters;
  while (characters.size() + 1 < config.vocab_size) characters.push_back(U'a' + static_cast<char32_t>(characters.size()));
  return Tokenizer::from_characters(std::move(characters));
}

SavedModel model_of(const Config& config, Precision precision, std::uint64_t seed = 1) {
  std::vector<double> parameters = testing::random_parameters(config, seed);
  if (precision == Precision::float32)
    for (double& parameter : parameters) parameter = static_cast<double>(static_cast<float>(parameter));
  return {config, tokenizer_for(config), std::move(parameters), precision};
}

std::set<std::string> files_in(const std::string& folder) {
  std::set<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) files.insert(entry.path().filename().string());
  return files;
}

void write_text(const std::string& path, const std::string& text) {
  std::FILE* file = std::fopen(path.c_str(), "wb");
  std::fwrite(text.data(), 1, text.size(), file);
  std::fclose(file);
}

std::string error_of_loading(const std::string& folder) {
  try {
    load_model(folder);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

const Config kConfig{.vocab_size = 5, .n_embd = 4, .n_head = 2, .block_size = 4};

// A saved model in which one file was changed.
class Damaged {
 public:
  Damaged() : path_(folder_.path("model")) { save_model(path_, model_of(kConfig, Precision::float32)); }

  std::string file(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

  std::string error_after_replacing(const std::string& name, const std::string& from, const std::string& to) const {
    std::string text = read_text(file(name));
    const std::size_t at = text.find(from);
    if (at == std::string::npos) return "nothing to replace";
    write_text(file(name), text.replace(at, from.size(), to));
    return error_of_loading(path_);
  }

 private:
  TemporaryFolder folder_;
  std::string path_;
};

TEST(SavedModel, ComesBackBitByBit) {
  for (const Config& config : testing::small_shapes())
    for (const Precision precision : {Precision::float32, Precision::float64}) {
      const TemporaryFolder folder;
      const SavedModel saved = model_of(config, precision);
      save_model(folder.path("a/b"), saved);
      const SavedModel loaded = load_model(folder.path("a/b"));
      EXPECT_EQ(loaded.parameters, saved.parameters);
      EXPECT_EQ(loaded.precision, precision);
      EXPECT_EQ(loaded.tokenizer.characters(), saved.tokenizer.characters());
      EXPECT_EQ(loaded.config.vocab_size, config.vocab_size);
      EXPECT_EQ(loaded.config.n_layer, config.n_layer);
      EXPECT_EQ(loaded.config.n_embd, config.n_embd);
      EXPECT_EQ(loaded.config.n_head, config.n_head);
      EXPECT_EQ(loaded.config.block_size, config.block_size);
      EXPECT_EQ(loaded.config.activation, config.activation);
    }
}

TEST(SavedModel, IsFoundWhereItIs) {
  const TemporaryFolder folder;
  EXPECT_FALSE(holds_model(folder.path("none")));
  save_model(folder.path("model"), model_of(kConfig, Precision::float32));
  EXPECT_TRUE(holds_model(folder.path("model")));
}

TEST(SavedModel, AFolderIsTriedWithoutLeavingAnythingInIt) {
  const TemporaryFolder folder;
  require_writable_folder(folder.path("a/b"));
  EXPECT_TRUE(files_in(folder.path("a/b")).empty());
  save_model(folder.path("a/b"), model_of(kConfig, Precision::float32));
  require_writable_folder(folder.path("a/b"));
  EXPECT_EQ(files_in(folder.path("a/b")).size(), 4U);
  EXPECT_THROW(require_writable_folder(folder.write("file", "")), Error);
  EXPECT_THROW(require_writable_folder("/proc/none"), Error);
}

TEST(SavedModel, IsFourFiles) {
  const TemporaryFolder folder;
  save_model(folder.path("m"), model_of(kConfig, Precision::float32));
  EXPECT_EQ(files_in(folder.path("m")),
            (std::set<std::string>{"config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"}));
  const std::string bytes = read_text(folder.path("m/model.safetensors"));
  EXPECT_NE(bytes.find(R"("__metadata__":{"format":"pt"})"), std::string::npos);
  EXPECT_NE(bytes.find(R"("layer0.mlp_fc1":{"dtype":"F32","shape":[16,4])"), std::string::npos);
}

TEST(SavedModel, ReplacesAnotherAsAWhole) {
  const TemporaryFolder folder;
  save_model(folder.path("m"), model_of(kConfig, Precision::float64, 1));
  const SavedModel second = model_of({.vocab_size = 7, .n_embd = 2, .n_head = 1, .block_size = 3}, Precision::float32, 2);
  save_model(folder.path("m"), second);
  EXPECT_EQ(load_model(folder.path("m")).parameters, second.parameters);
  EXPECT_EQ(files_in(folder.path("m")).size(), 4U);
}

TEST(SavedModel, WhatCannotBeSavedLeavesTheModelThatWasThere) {
  const TemporaryFolder folder;
  const SavedModel first = model_of(kConfig, Precision::float64, 1);
  save_model(folder.path("m"), first);

  SavedModel not_finite = model_of(kConfig, Precision::float64, 2);
  not_finite.parameters.back() = std::numeric_limits<double>::infinity();
  EXPECT_THROW(save_model(folder.path("m"), not_finite), Error);
  EXPECT_EQ(load_model(folder.path("m")).parameters, first.parameters);

  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit full_disk{1000, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &full_disk);
  EXPECT_THROW(save_model(folder.path("m"), model_of(kConfig, Precision::float64, 2)), Error);
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(load_model(folder.path("m")).parameters, first.parameters);
  EXPECT_EQ(files_in(folder.path("m")).size(), 4U);
}

// What a kill leaves behind at the worst moment.
TEST(SavedModel, AFolderWithoutItsLastFileIsNoModel) {
  const Damaged model;
  std::filesystem::remove(model.file("config.json"));
  EXPECT_EQ(error_of_loading(model.path()),
            model.path() +
                " is no complete model: it has no config.json, which is written last; name another "
                "folder, or train the model again");
  EXPECT_EQ(error_of_loading(model.path() + "/none"), "cannot read " + model.path() + "/none: No such file or directory");
}

TEST(SavedModel, NamesTheFileThatIsMissing) {
  for (const char* name : {"tokenizer.json", "model.safetensors"}) {
    const Damaged model;
    std::filesystem::remove(model.file(name));
    EXPECT_EQ(error_of_loading(model.path()), "cannot read " + model.file(name) + ": No such file or directory");
  }
}

TEST(SavedModel, FilesMustGoTogether) {
  {
    const Damaged model;
    EXPECT_EQ(model.error_after_replacing("config.json", "\"vocab_size\": 5", "\"vocab_size\": 6"),
              model.file("tokenizer.json") + " has 5 tokens with BOS, and the vocab_size of " + model.file("config.json") +
                  " is 6" + kRemedy);
  }
  {
    const Damaged model;
    EXPECT_EQ(model.error_after_replacing("config.json", "\"block_size\": 4", "\"block_size\": 5"),
              model.file("model.safetensors") + ": the tensor wpe has the shape [4, 4], and the configuration makes it [5, 4]" +
                  kRemedy);
  }
  {
    const Damaged model;
    EXPECT_EQ(model.error_after_replacing("config.json", "\"n_layer\": 1", "\"n_layer\": 2"),
              model.file("model.safetensors") + ": the tensor layer1.attn_wq is missing" + kRemedy);
  }
}

TEST(SavedModel, TensorsThatDoNotBelong) {
  {
    const Damaged model;
    EXPECT_EQ(model.error_after_replacing("model.safetensors", "\"layer0.attn_wq\"", "\"layer0.attn_wx\""),
              model.file("model.safetensors") + ": the tensor layer0.attn_wq is missing" + kRemedy);
  }
  {
    const Damaged model;
    save_model(model.path(),
               model_of({.vocab_size = 5, .n_layer = 2, .n_embd = 4, .n_head = 2, .block_size = 4}, Precision::float32));
    EXPECT_EQ(model.error_after_replacing("config.json", "\"n_layer\": 2", "\"n_layer\": 1"),
              model.file("model.safetensors") + ": no model of this configuration has a tensor \"layer1.attn_wk\"" + kRemedy);
  }
}

TEST(SavedModel, FilesAreNoLongerThanTheyCanBe) {
  const Damaged model;
  std::filesystem::resize_file(model.file("model.safetensors"), std::uintmax_t{1} << 24);
  EXPECT_TRUE(error_of_loading(model.path()).ends_with("bytes, the most that are expected there"));
}

TEST(SavedModel, TakesNoMemoryForWhatAConfigurationOnlyClaims) {
  const Damaged model;
  EXPECT_EQ(
      model.error_after_replacing("config.json", "\"n_layer\": 1,\n  \"n_embd\": 4", "\"n_layer\": 10,\n  \"n_embd\": 4096"),
      model.file("model.safetensors") + ": the tensor wte has the shape [5, 4], and the configuration makes it [5, 4096]" +
          kRemedy);
}

TEST(SavedModel, TruncationsOfEachFileAreErrors) {
  const Damaged model;
  for (const char* name : {"model.safetensors", "tokenizer.json", "config.json"}) {
    const std::string bytes = read_text(model.file(name));
    // A final newline is not missed.
    const std::size_t needed = bytes.back() == '\n' ? bytes.size() - 1 : bytes.size();
    for (std::size_t size = 0; size < needed; size += 7) {
      write_text(model.file(name), bytes.substr(0, size));
      const std::string error = error_of_loading(model.path());
      ASSERT_NE(error.find(model.file(name)), std::string::npos) << size << ": " << error;
    }
    write_text(model.file(name), bytes);
  }
  EXPECT_EQ(error_of_loading(model.path()), "no error");
}

// The parameters of a file as the table of kConfig sees them.
std::string error_of_parameters(std::vector<TensorToWrite> tensors) {
  std::string bytes;
  write_safetensors("m", tensors, {}, [&](std::string_view piece) { bytes += piece; });
  try {
    parameters_of(Safetensors::parse("m", bytes), ParameterTable(kConfig));
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

std::vector<TensorToWrite> tensors_of(const std::vector<double>& parameters) {
  std::vector<TensorToWrite> tensors;
  const ParameterTable table(kConfig);
  for (const Tensor& tensor : table.tensors())
    tensors.push_back({tensor.name, tensor.rows, tensor.columns, Precision::float64,
                       std::span(parameters).subspan(tensor.offset, tensor.size())});
  return tensors;
}

TEST(SavedModel, ParametersAreThoseOfTheTable) {
  const std::vector<double> parameters = testing::random_parameters(kConfig, 1);
  EXPECT_EQ(error_of_parameters(tensors_of(parameters)), "no error");

  auto reversed = tensors_of(parameters);
  std::reverse(reversed.begin(), reversed.end());
  EXPECT_EQ(error_of_parameters(reversed), "no error") << "the names count, not the order in the file";

  auto transposed = tensors_of(parameters);
  std::swap(transposed[0].rows, transposed[0].columns);
  EXPECT_EQ(error_of_parameters(transposed),
            "m: the tensor wte has the shape [4, 5], and the configuration makes it [5, 4]" + std::string(kRemedy));

  auto one_more = tensors_of(parameters);
  one_more.push_back({"layer1.attn_wq", 1, 1, Precision::float64, std::span(parameters).first(1)});
  EXPECT_EQ(error_of_parameters(one_more),
            "m: no model of this configuration has a tensor \"layer1.attn_wq\"" + std::string(kRemedy));

  auto one_less = tensors_of(parameters);
  one_less.pop_back();
  EXPECT_EQ(error_of_parameters(one_less), "m: the tensor layer0.mlp_fc2 is missing" + std::string(kRemedy));

  auto mixed = tensors_of(parameters);
  mixed[0].precision = Precision::float32;
  EXPECT_NE(error_of_parameters(mixed).find("is not of the same type as"), std::string::npos);

  EXPECT_NE(error_of_parameters({}).find("the tensor wte is missing"), std::string::npos);
}

TEST(SavedModel, NotANumberIsNamed) {
  const Damaged model;
  std::string bytes = read_text(model.file("model.safetensors"));
  bytes.replace(bytes.size() - 4, 4, "\xff\xff\xff\x7f");
  write_text(model.file("model.safetensors"), bytes);
  EXPECT_EQ(error_of_loading(model.path()), model.file("model.safetensors") + ": \"layer0.mlp_fc2\"[3][15] is nan" + kRemedy);
}

}  // namespace
}  // namespace microgpt::saved_model_test
