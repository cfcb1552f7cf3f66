// SPDX-License-Identifier: MIT
// What export writes where, what it says, and what it does not replace.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "support/tiny_training.h"

namespace microgpt::testing::export_test {
namespace {

class Export : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(train_tiny({"-o", model_, "--quiet"}).exit_code, 0); }

  ProcessResult exported(const Words& flags) const {
    Words call{"export", model_};
    call.insert(call.end(), flags.begin(), flags.end());
    return run_microgpt(call);
  }

  void expect_complaint(const Words& flags, int exit_code, const std::string& message) const {
    const ProcessResult result = exported(flags);
    EXPECT_EQ(result.exit_code, exit_code);
    EXPECT_EQ(result.err, "microgpt: " + message + "\n");
    EXPECT_EQ(result.out, "");
  }

  std::set<std::string> files_below(const std::string& folder) const {
    std::set<std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
      if (entry.is_regular_file()) files.insert(std::filesystem::relative(entry.path(), folder).string());
    return files;
  }

  TemporaryFolder folder_;
  std::string model_ = folder_.path("model");
  std::string out_ = folder_.path("out");
};

TEST_F(Export, WritesAFolder) {
  const ProcessResult result = exported({"--onnx", out_, "--with-cache"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.out, "");
  EXPECT_EQ(result.err,
            "microgpt: " + out_ + " is the GPT alone, as with --predictor gpt, and not its mixture with the n-gram\n");
  EXPECT_EQ(files_below(out_), (std::set<std::string>{"config.json", "generation_config.json", "onnx/model.onnx",
                                                      "tokenizer.json", "tokenizer_config.json"}));
  EXPECT_EQ(read_text(out_ + "/tokenizer.json"), read_text(model_ + "/tokenizer.json"));
  EXPECT_TRUE(contains(read_text(out_ + "/tokenizer_config.json"), "\"pad_token\": \"<PAD>\"")) << "which is no token";
}

TEST_F(Export, SaysWhatAGraphWithoutACacheIsFor) {
  EXPECT_TRUE(contains(exported({"--onnx", out_}).err, out_ + " is for scoring: --with-cache makes a graph that other programs "
                                                              "generate with\n"));
}

TEST_F(Export, WritesAFile) {
  EXPECT_EQ(exported({"--onnx", out_ + ".onnx"}).exit_code, 0);
  EXPECT_TRUE(std::filesystem::is_regular_file(out_ + ".onnx"));
  ASSERT_EQ(exported({"--onnx", out_}).exit_code, 0);
  EXPECT_EQ(read_text(out_ + ".onnx"), read_text(out_ + "/onnx/model.onnx"));
  EXPECT_EQ(exported({"--onnx", out_ + "2.onnx", "--double"}).exit_code, 0);
  EXPECT_GT(read_text(out_ + "2.onnx").size(), read_text(out_ + ".onnx").size());
}

TEST_F(Export, WritesTheNgram) {
  ASSERT_EQ(exported({"--arpa", out_}).err, "");
  const std::string text = read_text(out_);
  EXPECT_TRUE(text.starts_with("\\data\\\nngram 1=15\n")) << text.substr(0, 100);
  const ProcessResult printed = exported({"--arpa", "-"});
  EXPECT_EQ(printed.out, text);
  EXPECT_EQ(printed.err, "");
  std::filesystem::remove(model_ + "/ngram.bin");
  std::filesystem::remove(out_);
  expect_complaint({"--arpa", out_}, 1, model_ + " has no n-gram: leave --arpa out, or train the model again");
  expect_complaint({"--arpa", out_, "--onnx", out_ + "2"}, 1,
                   model_ + " has no n-gram: leave --arpa out, or train the model again");
  EXPECT_FALSE(std::filesystem::exists(out_) || std::filesystem::exists(out_ + "2")) << "all or none";
}

TEST_F(Export, ReplacesNothingUnlessAsked) {
  const auto is_there = [](const std::string& path) {
    return path + " is there already: replace it with --overwrite, or choose another name";
  };
  std::filesystem::create_directory(out_);
  for (const char* name : {"/config.json", "/tokenizer.json", "/graph.onnx", "/model.arpa"}) {
    const std::string path = out_ + name;
    std::ofstream(path) << "mine";
    const bool is_of_folder = path.ends_with(".json");
    const Words flags{path.ends_with(".arpa") ? "--arpa" : "--onnx", is_of_folder ? out_ : path};
    expect_complaint(flags, 1, is_there(path));
    EXPECT_EQ(files_below(out_), std::set<std::string>{name + 1});
    EXPECT_EQ(read_text(path), "mine");
    EXPECT_EQ(exported({flags[0], flags[1], "--overwrite"}).exit_code, 0);
    EXPECT_NE(read_text(path), "mine");
    std::filesystem::remove_all(out_);
    std::filesystem::create_directory(out_);
  }
}

// Its own files would be lost.
TEST_F(Export, KeepsOutOfFoldersOfModels) {
  const std::string message = model_ + " holds a saved model, which would be lost: name another folder";
  expect_complaint({"--onnx", model_}, 1, message);
  expect_complaint({"--onnx", model_, "--overwrite"}, 1, message);
  expect_complaint({"--onnx", model_ + "/README.md", "--overwrite"}, 1,
                   model_ + "/README.md is a file, where a folder is expected; name the one that it is in: " + model_);
}

TEST_F(Export, SaysWhichFlagsGoTogether) {
  expect_complaint({}, 2, "export: say what to write: --onnx OUT, the GPT, or --arpa FILE, the n-gram");
  expect_complaint({"--arpa", out_, "--with-cache"}, 2, "--with-cache goes with --onnx");
  expect_complaint({"--arpa", out_, "--double"}, 2, "--double goes with --onnx");
  expect_complaint({"--arpa", out_, "--onnx", out_}, 2, "--arpa " + out_ + ": --onnx goes there; name another file");
  expect_complaint({"--onnx", ""}, 2, "export: the name of the output is empty; name one");
  EXPECT_EQ(exported({"--onnx", folder_.path("none/x.onnx")}).exit_code, 1);
}

}  // namespace
}  // namespace microgpt::testing::export_test
