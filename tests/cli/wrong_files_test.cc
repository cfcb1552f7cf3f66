// SPDX-License-Identifier: MIT
// Files of another kind than a command reads: each is named for what it is, with what to do.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "support/tiny_training.h"

namespace microgpt::testing::wrong_files_test {
namespace {

using namespace std::string_literals;

class WrongFiles : public ::testing::Test {
 protected:
  WrongFiles() {
    const ProcessResult trained =
        run_microgpt({"train", corpus_, "-o", model_, "--n-embd=8", "--n-head=2", "--num-steps=2", "--quiet"});
    EXPECT_EQ(trained.exit_code, 0) << trained.err;
  }

  // Every way to read the file, or the same bytes from standard input.
  std::vector<Words> readers_of(const std::string& path, bool is_file) const {
    std::vector<Words> calls{{"train", path},
                             {"train-pair", path, corpus_, "-o", folder_.path("new")},
                             {"train-pair", corpus_, path, "-o", folder_.path("new")},
                             {"sweep", "--n-embd=8,16", path, "-o", folder_.path("new")},
                             {"reference", "--corpus", path},
                             {"eval", model_, path},
                             {"score", model_, path},
                             {"classify", "--positive", model_, "--negative", model_, path},
                             {"classify", "--positive", model_, "--negative", model_, "--calibrate", path},
                             {"classify", "--positive", model_, "--negative", model_, "--evaluate", corpus_, path},
                             {"sample", model_, "--not-in", path}};
    if (!is_file) calls.push_back({"explain", model_, path});
    return calls;
  }

  void expect_refused(const std::string& bytes, const std::string& explanation) const {
    const std::string path = folder_.write("input", bytes);
    for (const Words& call : readers_of(path, true)) expect_complaint(run_microgpt(call), path + explanation, call[0]);
    for (const Words& call : readers_of("-", false))
      expect_complaint(run_microgpt(call, bytes), "standard input" + explanation, call[0]);
    const std::string grid = folder_.write("grid.json", bytes);
    expect_complaint(run_microgpt({"sweep", grid, corpus_, "-o", folder_.path("new")}), grid + explanation, "grid");
  }

  static void expect_complaint(const ProcessResult& result, const std::string& message, const std::string& command) {
    EXPECT_EQ(result.exit_code, 1) << command;
    EXPECT_TRUE(result.err.ends_with("microgpt: " + message + "\n")) << command << ": " << result.err;
  }

  TemporaryFolder folder_;
  std::string corpus_ = folder_.write("corpus", tiny_corpus());
  std::string model_ = folder_.path("model");
};

TEST_F(WrongFiles, WhatIsCompressedIsNamed) {
  expect_refused("\x1F\x8B\x08\0\0\0\0\0\0\x03KJ4\xE2\x02\0"s,
                 " is compressed by gzip, and no text; gunzip -c FILE unpacks it");
  expect_refused("PK\x03\x04\x0A\0\0\0\0\0abc"s, " is a zip archive, and no text; unzip -p FILE unpacks it");
  expect_refused("\x28\xB5\x2F\xFD\x04\x58\x19\0\0ab1"s, " is compressed by zstd, and no text; zstd -dc FILE unpacks it");
  expect_refused(
      "\xFD"
      "7zXZ\0\0\x04"s,
      " is compressed by xz, and no text; xz -dc FILE unpacks it");
  expect_refused("BZh91AY&SY\x01\x02"s, " is compressed by bzip2, and no text; bzip2 -dc FILE unpacks it");
}

TEST_F(WrongFiles, OtherEncodingsAreNamed) {
  const auto remedy = [](const std::string& name, const std::string& from) {
    return " is " + name + ", and not UTF-8; iconv -f " + from + " -t UTF-8 FILE converts it";
  };
  expect_refused(
      "\xFF\xFE"
      "a\0b\0\n\0"s,
      remedy("UTF-16", "UTF-16"));
  expect_refused("\xFE\xFF\0a\0b\0\n"s, remedy("UTF-16", "UTF-16"));
  expect_refused("a\0n\0n\0a\0\n\0"s, remedy("UTF-16", "UTF-16LE"));
  expect_refused("\0a\0n\0n\0a\0\n"s, remedy("UTF-16", "UTF-16BE"));
  expect_refused("\xFF\xFE\0\0a\0\0\0\n\0\0\0"s, remedy("UTF-32", "UTF-32"));
  expect_refused("\0\0\xFE\xFF\0\0\0a\0\0\0\n"s, remedy("UTF-32", "UTF-32"));
}

// Of bytes any are right.
TEST_F(WrongFiles, AModelOfBytesReadsThemAll) {
  const std::string bytes =
                        "\x1F\x8B\x08\0\n\xFF\xFE"
                        "a\0\nPK\x03\x04\n"s,
                    path = folder_.write("bytes", bytes);
  const std::string model = folder_.path("of bytes");
  const ProcessResult trained = run_microgpt(
      {"train", path, "--encoding", "bytes", "--held-out=0", "-o", model, "--n-embd=8", "--num-steps=2", "--quiet"});
  EXPECT_EQ(trained.exit_code, 0) << trained.err;
  for (const Words& call : {Words{"score", model, path}, {"eval", model, path}, {"sample", model, "--not-in", path}})
    EXPECT_EQ(run_microgpt(call).exit_code, 0) << call[0];
}

// Whoever asks for it gets the lines, whatever they begin with.
TEST_F(WrongFiles, WhatIsReplacedIsNotNamed) {
  for (const char* invalid : {"replace", "skip"})
    EXPECT_EQ(run_microgpt({"score", model_, "--invalid", invalid},
                           "\xFF\xFE"
                           "ab1\n")
                  .exit_code,
              0);
}

constexpr const char* kPointer =
    "version https://git-lfs.github.com/spec/v1\n"
    "oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n";
constexpr const char* kFetch = " is a git-lfs pointer, and not the file itself; git lfs pull fetches that";

TEST_F(WrongFiles, WhatGitHasNotFetchedIsNamed) {
  expect_refused(kPointer, kFetch);
  for (const char* name : {"model.safetensors", "tokenizer.json", "config.json"}) {
    const std::string file = model_ + "/" + name, before = read_text(file);
    std::ofstream(file) << kPointer;
    for (const Words& call : {Words{"sample", model_},
                              {"info", model_},
                              {"score", model_},
                              {"explain", model_, "ab"},
                              {"train", corpus_, "--init", model_}})
      expect_complaint(run_microgpt(call), file + kFetch, call[0]);
    std::ofstream(file) << before;
  }
  for (const char* name : {"train_state.json", "checkpoint.safetensors"}) {
    const std::string file = model_ + "/" + name, before = read_text(file);
    std::ofstream(file) << kPointer;
    expect_complaint(run_microgpt({"train", "--resume", model_}), file + kFetch, name);
    std::ofstream(file) << before;
  }
  std::ofstream(model_ + "/ngram.bin") << kPointer;
  expect_complaint(run_microgpt({"eval", model_, corpus_}), model_ + "/ngram.bin" + kFetch, "eval");
}

TEST_F(WrongFiles, AFileOfAModelIsNamedForItsFolder) {
  const std::string remedy = " is a file, where a folder is expected; name the one that it is in: ";
  for (const char* name : {"config.json", "model.safetensors", "README.md"}) {
    const std::string file = model_ + "/" + name;
    for (const Words& call : {Words{"sample", file},
                              {"eval", file, corpus_},
                              {"score", file},
                              {"info", file},
                              {"tokens", file, "ab"},
                              {"explain", file, "ab"},
                              {"classify", "--positive", file, "--negative", model_},
                              {"classify", "--positive", model_, "--negative", file},
                              {"train", corpus_, "--init", file},
                              {"train", "--resume", file}})
      expect_complaint(run_microgpt(call), file + remedy + model_, call[0]);
  }
  const std::string sweep = folder_.path("sweep");
  ASSERT_EQ(run_microgpt({"sweep", corpus_, "-o", sweep, "--n-embd=8", "--num-steps=2"}).exit_code, 0);
  expect_complaint(run_microgpt({"sweep", "--resume", sweep + "/sweep.json"}), sweep + "/sweep.json" + remedy + sweep, "sweep");
}

// As other tools write them into config.json.
TEST_F(WrongFiles, FieldsOfOtherToolsAreIgnoredWithAWord) {
  const std::string config = model_ + "/config.json", before = read_text(config);
  const auto with = [&](const std::string& fields) { std::ofstream(config) << "{" + fields + "," + before.substr(1); };
  const Words sample{"sample", model_};
  const std::string samples = run_microgpt(sample).out;
  with(R"("architectures": ["GPT2LMHeadModel"], "torch_dtype": "float32", "transformers_version": "4.44.0")");
  for (const Words& call : {sample,
                            {"info", model_},
                            {"tokens", model_, "ab"},
                            {"eval", model_, corpus_},
                            {"score", model_},
                            {"train", corpus_, "--init", model_, "--num-steps=1"}}) {
    const ProcessResult result = run_microgpt(call);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_TRUE(contains(result.err, "microgpt: " + config + ": fields of other programs are ignored: \"architectures\", " +
                                         "\"torch_dtype\", \"transformers_version\"\n"))
        << call[0] << result.err;
  }
  EXPECT_EQ(run_microgpt(sample).out, samples);
  EXPECT_EQ(run_microgpt({"train", corpus_, "--init", model_, "--num-steps=1", "--quiet"}).err, "");
  EXPECT_EQ(run_microgpt({"train", "--resume", model_}).exit_code, 0);
  std::string many = R"("z\n\u001b": 1)";
  for (int i = 0; i < 20; ++i) many += ",\"a" + std::to_string(i) + "\": 1";
  with(many);
  EXPECT_EQ(lines_with(run_microgpt(sample).err, "fields of other programs"), 1U);
  EXPECT_TRUE(contains(run_microgpt(sample).err, " and 13 more\n"));

  // What has a meaning here is not ignored.
  for (const char* fields : {R"("n_layer": 1)", R"("a": 1, "a": 2)"}) {
    with(fields);
    EXPECT_TRUE(contains(run_microgpt(sample).err, " twice; ")) << fields;
  }
  std::ofstream(config) << before.substr(0, before.find("\"n_head\"")) + "\"n_head\": \"2\", " +
                               before.substr(before.find("\"block_size\""));
  EXPECT_TRUE(contains(run_microgpt(sample).err, "\"n_head\" is not a whole number"));
}

}  // namespace
}  // namespace microgpt::testing::wrong_files_test
