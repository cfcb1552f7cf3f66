// SPDX-License-Identifier: MIT
// What a message tells its reader to do can be done: flags that it names are flags of that command, and do what it says.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>

#include "support/tiny_training.h"

namespace microgpt::testing::remedies_test {
namespace {

const std::set<std::string> kCommands{"demo",  "reference", "train",   "train-pair", "sweep", "sample", "eval",
                                      "score", "classify",  "explain", "tokens",     "loss",  "info"};

// Each flag that the message names, with the command that it stands behind there, or else the one that was called.
std::set<std::pair<std::string, std::string>> flags_in(const std::string& message, const std::string& called) {
  std::set<std::pair<std::string, std::string>> flags;
  std::string command = called;
  const std::regex word("(^|[ (])([a-z-]+)");
  for (std::sregex_iterator match(message.begin(), message.end(), word), end; match != end; ++match) {
    const std::string name = (*match)[2];
    const auto before = message.substr(0, static_cast<std::size_t>(match->position()));
    if (name.starts_with("--")) flags.insert({command, name});
    if (kCommands.contains(name) && (before.ends_with("microgpt") || before.ends_with(" with") || before.ends_with(";")))
      command = name;
  }
  return flags;
}

void expect_flags_that_exist(const Words& call, const std::string& message) {
  for (const auto& [command, flag] : flags_in(message, call[0]))
    EXPECT_TRUE(contains(run_microgpt({command, "--help-all"}).out, flag + " ") ||
                contains(run_microgpt({command, "--help-all"}).out, flag + "\n"))
        << command << " has no " << flag << ": " << message;
}

// The value of the flag in the message; empty where it is not named.
std::string value_in(const std::string& message, const std::string& flag) {
  std::smatch match;
  return std::regex_search(message, match, std::regex(flag + " ([0-9.]*[0-9])")) ? match[1].str() : "";
}

class Remedies : public ::testing::Test {
 protected:
  std::string list_of(std::size_t documents) const {
    std::string text;
    for (std::size_t d = 0; d < documents; ++d) text += "document " + std::to_string(d * d) + "\n";
    return folder_.write("list" + std::to_string(documents), text);
  }

  ProcessResult called(Words call) const {
    std::filesystem::remove_all(folder_.path("out"));
    call.insert(call.end(), {"-o", folder_.path("out"), "--n-embd=8", "--n-head=2", "--num-steps=2", "--quiet"});
    return run_microgpt(call);
  }

  // Until it works, as a user does who does as the message says.
  void expect_a_way_out(const Words& call) const {
    const ProcessResult first = called(call);
    if (first.exit_code == 0) return;
    const std::string share = value_in(first.err, "hold out more with --held-out");
    const bool may_be_nothing =
        contains(first.err, "nothing with --held-out 0\n") || contains(first.err, "hold nothing out with --held-out 0\n");
    EXPECT_TRUE(!share.empty() || may_be_nothing || contains(first.err, "; give more documents\n")) << first.err;
    for (const std::string& value : {share, std::string(may_be_nothing ? "0" : "")}) {
      if (value.empty()) continue;
      Words again = call;
      again.insert(again.end(), {"--held-out", value});
      const ProcessResult second = called(again);
      EXPECT_EQ(second.exit_code, 0) << first.err << second.err;
    }
  }

  TemporaryFolder folder_;
};

TEST_F(Remedies, OfSmallLists) {
  for (std::size_t documents = 1; documents <= 12; ++documents) {
    const std::string list = list_of(documents);
    expect_a_way_out({"train", list});
    expect_a_way_out({"train", list, "--split", "text", "--seed", "7"});
    expect_a_way_out({"train-pair", list, list_of(13 - documents)});
    expect_a_way_out({"sweep", list, "--batch-size", "2,4"});
    expect_a_way_out({"sweep", list, "--seed", "1,2,3"});
  }
}

// Three different documents are enough, and no more are asked for.
TEST_F(Remedies, OfASweepNeverHoldNothingOut) {
  for (const std::size_t documents : {3U, 6U, 12U}) {
    const ProcessResult enough = called({"sweep", list_of(documents), "--batch-size", "2,4", "--overwrite"});
    EXPECT_EQ(enough.exit_code, 0) << enough.err;
  }
  for (const char* corpus : {"a\n", "a\nb\n"}) {
    const ProcessResult few = called({"sweep", folder_.write("few", corpus), "--batch-size", "2,4"});
    EXPECT_EQ(few.exit_code, 1);
    EXPECT_TRUE(few.err.ends_with("; give more documents\n")) << few.err;
  }
}

// The split is by content.
TEST_F(Remedies, OfRepeatedDocumentsSayHowManyAreDifferent) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "GET ok\nPUT ok\n";
  const ProcessResult result = called({"train", folder_.write("log", text)});
  EXPECT_TRUE(contains(result.err, "none of its 200 documents, 2 of them different, falls to ")) << result.err;
}

TEST_F(Remedies, ASmallTestIsSaidToBeOne) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "GET ok\nPUT ok\nLOGIN ok\n";
  const ProcessResult small = called({"train", folder_.write("log", text)});
  EXPECT_TRUE(contains(small.out, "A test of 1 document says little: with another --seed it would be others.\n")) << small.out;
  for (int i = 0; i < 400; ++i) text += std::to_string(7919 * i) + "\n";
  const ProcessResult large = called({"train", folder_.write("more", text)});
  EXPECT_FALSE(contains(large.out, "says little")) << large.out;
}

TEST_F(Remedies, NameFlagsThatTheCommandHas) {
  const std::string corpus = folder_.write("corpus", tiny_corpus()), none = folder_.path("none"), model = folder_.path("model"),
                    pair = folder_.path("pair"), sweep = folder_.path("sweep"),
                    latin = folder_.write("latin", "anna\nzo\xEB\n");
  const Words tiny{"--n-embd=8", "--n-head=2", "--num-steps=2", "--quiet"};
  const auto begin = [&](Words call) {
    call.insert(call.end(), tiny.begin(), tiny.end());
    const ProcessResult result = run_microgpt(call);
    EXPECT_EQ(result.exit_code, 0) << result.err;
  };
  begin({"train", corpus, "-o", model});
  begin({"train-pair", corpus, corpus, "-o", pair});
  begin({"sweep", corpus, "-o", sweep});
  const std::string nowhere = folder_.path("nowhere"), text = folder_.path("text");
  begin({"train", corpus, "-o", text, "--split=text"});
  std::ofstream(model + "/threshold.json") << "{}";
  std::size_t count = 0;
  for (const Words& call :
       std::vector<Words>{{"train", latin},
                          {"train-pair", latin, corpus, "-o", nowhere},
                          {"sweep", latin, "-o", nowhere, "--seed=1,2"},
                          {"reference", "--corpus", latin},
                          {"eval", model, latin},
                          {"score", model, latin},
                          {"classify", "--positive", model, "--negative", model, latin},
                          {"classify", "--positive", model, "--negative", text, corpus},
                          {"classify", "--positive", model, "--negative", model, "--false-positive-rate=0.1"},
                          {"classify", "--positive", model, "--negative", model, "--json"},
                          {"sample", model, "--not-in", latin},
                          {"sample", model, "--prompt", std::string(16, 'a')},
                          {"sample", model, "--min-length", "17"},
                          {"sample", model, "--match", "x"},
                          {"sample", model, "--with-score", "--format", "lines"},
                          {"sample", model, "--budget", "5"},
                          {"explain", model, "xyz", "--unseen", "error"},
                          {"explain", model, std::string(100'001, 'a')},
                          {"eval", model, latin, "--unseen", "error"},
                          {"train", corpus, "-o", model},
                          {"train-pair", corpus, corpus, "-o", pair},
                          {"sweep", corpus, "--seed=1,2", "-o", sweep},
                          {"train", corpus, "--teacher-part", "0.5", "--patience", "2"},
                          {"train-pair", corpus, corpus, "-o", nowhere, "--teacher-part=0.5", "--patience=2"},
                          {"sweep", corpus, "-o", nowhere, "--teacher-part=0.5", "--patience=2"},
                          {"sweep", corpus, "-o", nowhere, "--held-out=0"},
                          {"sweep", corpus, "-o", nowhere},
                          {"sweep", corpus, "--n-embd=8"},
                          {"train", "--save-every=2"},
                          {"train", "--overwrite"},
                          {"train", corpus, "--init", model, "--n-layer=3"},
                          {"train", "--resume", sweep},
                          {"train", "--resume", folder_.path("")},
                          {"sweep", "--resume", model},
                          {"sweep", "--resume", folder_.path("")},
                          {"reference", "--n-embd", "13312"},
                          {"train", corpus, "--n-embd", "16384", "--n-layer", "1024"},
                          {"train", corpus, "--n-embd", "17"},
                          {"info"}}) {
    const ProcessResult result = run_microgpt(call);
    EXPECT_NE(result.exit_code, 0) << call[0] << " " << call[1];
    expect_flags_that_exist(call, result.err);
    count += flags_in(result.err, call[0]).size();
  }
  EXPECT_GT(count, 25U) << "flags were found";
  EXPECT_TRUE(contains(run_microgpt({"classify", "--positive", model, "--negative", model, corpus}).err,
                       "; calibrate again with --calibrate\n"));
}

}  // namespace
}  // namespace microgpt::testing::remedies_test
