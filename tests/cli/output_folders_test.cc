// SPDX-License-Identifier: MIT
// What a command that fails leaves of its folder, and that files of others in it are not replaced without a word.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "support/tiny_training.h"

namespace microgpt::testing::output_folders_test {
namespace {

using Files = std::map<std::string, std::string>;  // what is in each file below a folder, and "/" of a folder

Files files_below(const std::string& folder) {
  Files files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    const std::string path = entry.path().string();
    files[path.substr(folder.size())] = entry.is_directory() ? "/" : read_text(path);
  }
  return files;
}

class OutputFolders : public ::testing::Test {
 protected:
  // Calls with which each command fails before its first step, or trains for a moment.
  std::vector<Words> failing() const {
    const std::string none = folder_.path("none"), few = folder_.write("few", "anna\nbob\n"),
                      blank = folder_.write("blank", "\n");
    std::vector<Words> calls;
    for (const std::string& corpus : {none, few, blank, folder_.path("")}) {
      calls.push_back({"train", corpus});
      calls.push_back({"train-pair", corpus_, corpus});
      calls.push_back({"train-pair", corpus, corpus_});
      calls.push_back({"sweep", corpus, "--n-embd", "8,16"});
    }
    for (const Words& flags : {Words{"--n-embd", "17"}, {"--patience", "2", "--teacher-part", "0.5"}}) {
      calls.push_back({"train", corpus_});
      calls.push_back({"train-pair", corpus_, corpus_});
      calls.push_back({"sweep", corpus_});
      for (std::size_t i = calls.size() - 3; i < calls.size(); ++i) calls[i].insert(calls[i].end(), flags.begin(), flags.end());
    }
    calls.push_back({"train", corpus_, "--init", none});
    return calls;
  }

  std::vector<Words> working() const {
    return {{"train", corpus_, "--n-embd=8", "--num-steps=2", "--quiet"},
            {"train-pair", corpus_, corpus_, "--n-embd=8", "--num-steps=2", "--quiet"},
            {"sweep", corpus_, "--n-embd=8", "--num-steps=2", "--quiet"}};
  }

  static ProcessResult into(Words call, const std::string& folder, const Words& more = {}) {
    call.insert(call.end(), {"-o", folder});
    call.insert(call.end(), more.begin(), more.end());
    return run_microgpt(call);
  }

  TemporaryFolder folder_;
  std::string corpus_ = folder_.write("corpus", tiny_corpus());
};

TEST_F(OutputFolders, ACommandThatFailsLeavesNone) {
  for (const Words& call : failing())
    for (const char* name : {"new", "new/in/new", "new/"}) {
      const ProcessResult result = into(call, folder_.path(name));
      EXPECT_NE(result.exit_code, 0);
      EXPECT_FALSE(std::filesystem::exists(folder_.path("new"))) << call[0] << " " << call[1] << " " << name << result.err;
    }
}

TEST_F(OutputFolders, AFolderThatWasThereStaysAsItWas) {
  const std::string there = folder_.path("there");
  for (const Files& before : {Files{}, Files{{"/notes", "mine"}, {"/README.md", "# mine\n"}}, Files{{"/lock", ""}}}) {
    std::filesystem::create_directory(there);
    for (const auto& [name, text] : before) std::ofstream(there + name) << text;
    for (const Words& call : failing()) {
      into(call, there);
      EXPECT_EQ(files_below(there), before) << call[0] << " " << call[1];
    }
    std::filesystem::remove_all(there);
  }
}

// With a word on how to replace it.
TEST_F(OutputFolders, FilesOfOthersAreNotReplaced) {
  const std::map<std::string, Words> names{
      {"train",
       {"log.jsonl", "loss.svg", "mixture.json", "held_out.json", "ngram.bin", "train_state.json", "checkpoint.safetensors",
        "model.safetensors", "tokenizer.json", "tokenizer_config.json"}},
      {"train-pair",
       {"positive/log.jsonl", "negative/loss.svg", "negative/train_state.json", "positive/ngram.bin", "linear.bin", "roc.svg"}},
      {"sweep", {"results.jsonl", "results.csv", "sweep.svg"}}};
  const std::string there = folder_.path("there");
  for (const Words& call : working())
    for (const std::string& name : names.at(call[0])) {
      for (const char* folder : {"there", "there/positive", "there/negative"})
        if (call[0] == "train-pair" || std::string(folder) == "there") std::filesystem::create_directory(folder_.path(folder));
      std::ofstream(there + "/" + name) << "mine";
      const Files before = files_below(there);
      const ProcessResult refused = into(call, there);
      EXPECT_EQ(refused.exit_code, 1) << call[0] << " " << name;
      EXPECT_EQ(refused.out, "") << call[0] << " " << name;
      EXPECT_EQ(refused.err,
                "microgpt: " + there + "/" + name + " is there already: replace it with --overwrite, or name another folder\n");
      EXPECT_EQ(files_below(there), before) << call[0] << " " << name;
      const ProcessResult replaced = into(call, there, {"--overwrite"});
      EXPECT_EQ(replaced.exit_code, 0) << replaced.err;
      EXPECT_NE(read_text(there + "/" + name), "mine") << call[0] << " " << name;
      std::filesystem::remove_all(there);
    }
}

// As of a model that was removed but for its card.
TEST_F(OutputFolders, AModelCardIsNotReplaced) {
  const std::string there = folder_.path("there"), elsewhere = folder_.path("elsewhere");
  ASSERT_EQ(into(working()[0], elsewhere).exit_code, 0);
  std::filesystem::create_directory(there);
  std::filesystem::copy(elsewhere + "/README.md", there + "/README.md");
  EXPECT_EQ(into(working()[0], there).err, "microgpt: " + there +
                                               "/README.md is there already: replace it with --overwrite, or name another "
                                               "folder\n");
}

// A model that was copied without its run cannot go on, and --resume is not offered.
TEST_F(OutputFolders, AModelIsNotReplaced) {
  const std::string there = folder_.path("there");
  ASSERT_EQ(into(working()[0], there).exit_code, 0);
  const std::string before = read_text(there + "/model.safetensors");
  EXPECT_TRUE(contains(into(working()[0], there).err, "go on with its run by --resume " + there));
  std::filesystem::remove(there + "/train_state.json");
  const ProcessResult result = into(working()[0], there, {"--seed", "2"});
  EXPECT_EQ(result.err, "microgpt: " + there + " holds a model already: replace it with --overwrite, or name another folder\n");
  EXPECT_EQ(read_text(there + "/model.safetensors"), before);
}

// What is of a run that was killed before its first step is nobody's.
TEST_F(OutputFolders, ABeginningIsBegunAgain) {
  const std::string there = folder_.path("there");
  ASSERT_EQ(into(working()[0], there).exit_code, 0);
  for (const char* later :
       {"config.json", "log.jsonl", "loss.svg", "warning.txt", "mixture.json", "held_out.json", "README.md"})
    std::filesystem::remove(there + "/" + later);
  EXPECT_EQ(into(working()[0], there).exit_code, 0);
}

}  // namespace
}  // namespace microgpt::testing::output_folders_test
