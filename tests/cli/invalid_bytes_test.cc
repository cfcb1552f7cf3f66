// SPDX-License-Identifier: MIT
// `--invalid` of train, train-pair, sweep and eval: corpora with bytes that are not UTF-8.
#include <gtest/gtest.h>

#include <filesystem>

#include "support/tiny_training.h"

namespace microgpt::testing::invalid_bytes_test {
namespace {

// Two hundred documents, of which every tenth has a sequence that is invalid, and the first two.
std::string text_with(const std::string& sequence) {
  std::string text;
  for (int i = 0; i < 200; ++i)
    text += "ab" + (i % 10 == 0 ? sequence : "") + std::to_string(i) + (i == 0 ? sequence : "") + "\n";
  return text;
}

class InvalidBytes : public ::testing::Test {
 protected:
  ProcessResult call(Words words) const {
    words.insert(words.end(), {"--n-embd=8", "--n-head=2", "--n-layer=1", "--batch-size=8", "--num-steps=30"});
    return run_microgpt(words);
  }

  ProcessResult train(const std::string& corpus, const std::string& folder, const Words& more = {}) const {
    Words words{"train", corpus, "-o", folder, "--num-samples=0"};
    words.insert(words.end(), more.begin(), more.end());
    return call(words);
  }

  std::string told(const std::string& how) const {
    return "microgpt: " + invalid_ + ": 21 sequences of bytes that are not UTF-8, in 20 lines, " + how + "\n";
  }

  void expect_same_model(const std::string& other) const {
    EXPECT_TRUE(read_text(model_ + "/checkpoint.safetensors") == read_text(other + "/checkpoint.safetensors"));
  }

  TemporaryFolder folder_;
  std::string invalid_ = folder_.write("invalid", text_with("\xE2\x82"));
  std::string replaced_ = folder_.write("replaced", text_with("\ufffd"));
  std::string skipped_ = folder_.write("skipped", text_with(""));
  std::string model_ = folder_.path("model");
  std::string other_ = folder_.path("other");
};

TEST_F(InvalidBytes, AreAnErrorUnlessTheyAreReplacedOrSkipped) {
  for (const Words& more : {Words{}, Words{"--invalid", "error"}}) {
    const ProcessResult refused = train(invalid_, model_, more);
    EXPECT_EQ(refused.exit_code, 1);
    EXPECT_TRUE(contains(refused.err, invalid_ + ": line 1 is not UTF-8 (byte 0xe2 at offset 2); ")) << refused.err;
  }
  ASSERT_EQ(train(replaced_, other_).exit_code, 0);
  const ProcessResult replaced = train(invalid_, model_, {"--invalid", "replace"});
  EXPECT_EQ(replaced.exit_code, 0) << replaced.err;
  EXPECT_TRUE(contains(replaced.err, told("replaced by U+FFFD"))) << replaced.err;
  expect_same_model(other_);
  EXPECT_TRUE(contains(read_text(model_ + "/README.md"), "| `invalid` | replace |")) << read_text(model_ + "/README.md");
}

TEST_F(InvalidBytes, OfARunAreReadAlikeByAllThatReadItsCorpus) {
  ASSERT_EQ(train(skipped_, other_, {"--split=text"}).exit_code, 0);
  ASSERT_EQ(train(invalid_, model_, {"--invalid=skip", "--split=text"}).exit_code, 0);
  expect_same_model(other_);
  std::filesystem::remove_all(other_);
  ASSERT_EQ(train(skipped_, other_).exit_code, 0);
  const ProcessResult result = train(invalid_, model_, {"--invalid=skip", "--overwrite"});
  EXPECT_TRUE(contains(result.err, told("left out"))) << result.err;
  expect_same_model(other_);
  EXPECT_TRUE(contains(read_text(model_ + "/train_state.json"), "\"invalid\": \"skip\""));

  for (const std::string& model : {model_, other_})
    ASSERT_EQ(run_microgpt({"train", "--resume", model, "--num-steps=60", "--num-samples=0"}).exit_code, 0);
  expect_same_model(other_);

  const ProcessResult eval = run_microgpt({"eval", model_, invalid_});
  EXPECT_EQ(eval.err, told("left out"));
  EXPECT_TRUE(contains(eval.out, "validation")) << "the parts of the corpus: " << eval.out;
  const ProcessResult known = run_microgpt({"eval", model_, skipped_});
  EXPECT_TRUE(contains(known.err, model_ + " was trained on 16")) << "and " << known.err;
  EXPECT_TRUE(contains(known.err, " of these 200 documents")) << known.err;
}

TEST_F(InvalidBytes, AreReadByEvalAsItIsTold) {
  ASSERT_EQ(train(skipped_, model_).exit_code, 0);
  EXPECT_EQ(run_microgpt({"eval", model_, invalid_}).exit_code, 1);
  const auto figures = [&](const ProcessResult& result) {
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return result.out;
  };
  EXPECT_EQ(figures(run_microgpt({"eval", model_, invalid_, "--invalid=replace", "--json"})),
            figures(run_microgpt({"eval", model_, replaced_, "--json"})));
  const ProcessResult skipped = run_microgpt({"eval", model_, invalid_, "--invalid", "skip"});
  EXPECT_TRUE(contains(skipped.err, told("left out"))) << skipped.err;
}

TEST_F(InvalidBytes, OfAPair) {
  const auto pair = [&](const std::string& corpus, const std::string& folder, const Words& more) {
    Words words{"train-pair", corpus, folder_.write("kind", tiny_corpus() + "xyz\n"), "-o", folder};
    words.insert(words.end(), more.begin(), more.end());
    const ProcessResult result = call(words);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return result;
  };
  const ProcessResult result = pair(invalid_, model_, {"--invalid", "replace"});
  EXPECT_TRUE(contains(result.err, told("replaced by U+FFFD"))) << result.err;
  pair(replaced_, other_, {"--quiet"});
  for (const char* file : {"/positive/checkpoint.safetensors", "/roc.svg"})
    EXPECT_TRUE(read_text(model_ + file) == read_text(other_ + file)) << file;
  const ProcessResult resumed = run_microgpt({"train-pair", "--resume", model_});
  EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_TRUE(contains(resumed.err, told("replaced by U+FFFD"))) << resumed.err;
}

TEST_F(InvalidBytes, OfASweep) {
  const auto table = [](const ProcessResult& result) {
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return result.out.substr(std::min(result.out.find("loss on documents"), result.out.size()));
  };
  const ProcessResult result = call({"sweep", invalid_, "-o", model_, "--seed=1,2", "--invalid=skip"});
  EXPECT_TRUE(contains(result.err, told("left out"))) << result.err;
  EXPECT_TRUE(contains(result.err, " --invalid skip ")) << "the call that makes the model: " << result.err;
  EXPECT_EQ(table(result), table(call({"sweep", skipped_, "-o", other_, "--seed=1,2"})));
  EXPECT_EQ(table(run_microgpt({"sweep", "--resume", model_})), table(result));
  const ProcessResult both = call({"sweep", invalid_, "-o", other_, "--invalid=skip,replace"});
  EXPECT_EQ(both.exit_code, 2);
  EXPECT_TRUE(contains(both.err, "invalid must be the same in all configurations")) << both.err;
}

TEST_F(InvalidBytes, AreNotToldWhereItIsQuiet) { EXPECT_EQ(train(invalid_, model_, {"--invalid=skip", "--quiet"}).err, ""); }

TEST_F(InvalidBytes, OfWhatIsNoTextAreRefused) {
  const std::string utf16 = folder_.write("utf16", std::string("\xFF\xFE"
                                                               "a\0b\0\n\0",
                                                               8));
  const std::string gzip = folder_.write("gzip", std::string("\x1F\x8B\x08\0\0\0\0\0\0\3", 10));
  ASSERT_EQ(train(skipped_, model_).exit_code, 0);
  for (const std::string& file : {utf16, gzip})
    for (const std::string how : {"--invalid=replace", "--invalid=skip"})
      for (const Words& words : {Words{"train", file}, Words{"train-pair", skipped_, file, "-o", other_},
                                 Words{"sweep", file, "-o", other_, "--seed=1,2"}, Words{"eval", model_, file}}) {
        Words all = words;
        all.push_back(how);
        const ProcessResult result = run_microgpt(all);
        EXPECT_EQ(result.exit_code, 1) << words[0];
        EXPECT_TRUE(contains(result.err, file == utf16 ? "UTF-16" : "gzip")) << words[0] << ": " << result.err;
      }
}

}  // namespace
}  // namespace microgpt::testing::invalid_bytes_test
