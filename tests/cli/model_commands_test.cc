// SPDX-License-Identifier: MIT
// `eval`, `explain`, `info` and `tokens` on a saved model, as a user calls them.
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "model/saved_model.h"
#include "scoring/token_scorer.h"
#include "simd/target.h"
#include "support/models.h"
#include "support/process.h"

namespace microgpt::testing::model_commands_test {
namespace {

using Words = std::vector<std::string>;
using nlohmann::json;

constexpr int kFailure = 1;
constexpr int kUsage = 2;

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// A model of the characters a to d with a context of 6.
class ModelCommands : public ::testing::Test {
 protected:
  ModelCommands() { save(model_, 0.3); }

  static void save(const std::string& folder, double std) {
    const Config config{.vocab_size = 5, .n_embd = 8, .n_head = 2, .block_size = 6};
    save_model(folder, {config, Tokenizer::from_characters(U"abcd"), random_parameters(config, 1, std), Precision::float64});
  }

  ProcessResult eval(std::string_view corpus, const Words& flags = {}, const Words& environment = {}) const {
    Words call{"eval", model_, "-"};
    call.insert(call.end(), flags.begin(), flags.end());
    return run_microgpt(call, corpus, environment);
  }

  json eval_json(std::string_view corpus, Words flags = {}) const {
    flags.emplace_back("--json");
    const ProcessResult result = eval(corpus, flags);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(result.err, "");
    return json::parse(result.out);
  }

  json explain_json(const std::string& text) const {
    const ProcessResult result = run_microgpt({"explain", model_, text, "--json"});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return json::parse(result.out);
  }

  const TemporaryFolder folder_;
  const std::string model_ = folder_.path("model");
};

void expect_complaint(const ProcessResult& result, int exit_code, const std::string& message) {
  EXPECT_EQ(result.exit_code, exit_code);
  EXPECT_EQ(result.err, "microgpt: " + message + "\n");
  EXPECT_EQ(result.out, "");
}

TEST_F(ModelCommands, EvalCountsAndMeasures) {
  const json result = eval_json("abc\n\ndddddddddd\r\na\n");
  EXPECT_EQ(result.at("documents"), 3);
  EXPECT_EQ(result.at("characters"), 14);
  EXPECT_EQ(result.at("positions"), 17);
  EXPECT_EQ(result.at("unseen"), 0);
  const double token_mean = result.at("loss_token_mean");
  EXPECT_NE(token_mean, result.at("loss_document_mean").get<double>());
  EXPECT_DOUBLE_EQ(result.at("perplexity"), std::exp(token_mean));
  EXPECT_DOUBLE_EQ(result.at("bits_per_character"), token_mean / std::log(2.0) * 17 / 14);
}

TEST_F(ModelCommands, TheTableOfEvalSaysTheSame) {
  const std::string corpus = "abc\nddddddddddd\nax\n";
  const ProcessResult table = eval(corpus);
  EXPECT_EQ(table.exit_code, 0) << table.err;
  const json numbers = eval_json(corpus);
  for (const char* field : {"loss_document_mean", "loss_token_mean", "bits_per_character", "perplexity"}) {
    char text[32];
    std::snprintf(text, sizeof text, "%.4f", numbers.at(field).get<double>());
    EXPECT_TRUE(contains(table.out, text)) << field << table.out;
  }
  EXPECT_TRUE(contains(table.out, "documents  3 (standard input)")) << table.out;
  EXPECT_TRUE(contains(table.out, "unseen     1 of the characters")) << table.out;
}

// eval and explain tell the same of a document: one that fits, one that is longer than the context, one with unseen characters.
TEST_F(ModelCommands, ExplainLaysOpenWhatEvalSays) {
  for (const std::string text : {"abc", "abcdabcdabcdabcdabcd", "aéb大"}) {
    const json loss = eval_json(text);
    const json explanation = explain_json(text);
    ASSERT_EQ(explanation.at("positions").size(), loss.at("positions").get<std::size_t>());
    double sum = 0.0;
    for (const json& position : explanation.at("positions")) sum += position.at("nats").get<double>();
    EXPECT_NEAR(explanation.at("loss_sum"), sum, 1e-9);
    EXPECT_NEAR(explanation.at("loss_mean"), loss.at("loss_token_mean"), 1e-4);
    EXPECT_DOUBLE_EQ(explanation.at("loss_random"), std::log(5.0));
    EXPECT_EQ(explanation.at("unseen"), loss.at("unseen"));
    EXPECT_EQ(explanation.at("text"), text);
  }
}

TEST_F(ModelCommands, ExplainNamesEachPosition) {
  const json position = explain_json("ca").at("positions").at(1);
  EXPECT_EQ(position.at("input"), "c");
  EXPECT_EQ(position.at("target"), "a");
  EXPECT_NEAR(position.at("probability"), std::exp(-position.at("nats").get<double>()), 1e-12);
  EXPECT_NEAR(position.at("bits"), position.at("nats").get<double>() / std::log(2.0), 1e-12);
  ASSERT_EQ(position.at("alternatives").size(), 3U);
  EXPECT_GE(position.at("alternatives").at(0).at("probability"), position.at("alternatives").at(1).at("probability"));
  EXPECT_FALSE(position.contains("unseen"));
  const json unseen = explain_json("é").at("positions").at(0);
  EXPECT_EQ(unseen.at("target"), "é");
  EXPECT_EQ(unseen.at("unseen"), true);
  EXPECT_DOUBLE_EQ(unseen.at("nats"), unseen_loss(5));
  EXPECT_EQ(explain_json("").at("positions").size(), 1U) << "an empty document has its end to predict";
}

TEST_F(ModelCommands, ExplainPrintsATable) {
  const ProcessResult result = run_microgpt({"explain", model_, "abcdéabc"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  for (const char* part : {"P(target)", "é ?", "the mean of the 9 losses", "1 character is unseen", "context of 6"})
    EXPECT_TRUE(contains(result.out, part)) << part << "\n" << result.out;
}

TEST_F(ModelCommands, ExplainReadsStandardInput) {
  const std::string expected = run_microgpt({"explain", model_, "ab\nc", "--json"}).out;
  for (const char* text : {"ab\nc", "ab\nc\n", "ab\r\nc\r\n",
                           "\xEF\xBB\xBF"
                           "ab\nc"}) {
    const ProcessResult piped = run_microgpt({"explain", model_, "-", "--json"}, text);
    EXPECT_EQ(piped.exit_code, 0) << piped.err;
    EXPECT_EQ(piped.out, expected);
  }
  EXPECT_EQ(run_microgpt({"explain", model_, "-"}, "").out, run_microgpt({"explain", model_, ""}).out);
  expect_complaint(run_microgpt({"explain", model_, "-"}, "\xff"), kFailure,
                   "standard input: line 1 is not UTF-8 (byte 0xff at offset 0); convert the file to UTF-8, train on its "
                   "bytes with train --encoding bytes, or replace them with --invalid replace");
}

TEST_F(ModelCommands, ExplainRefusesWhatIsTooLong) {
  expect_complaint(run_microgpt({"explain", model_, "-"}, std::string(100'001, 'a')), kUsage,
                   "standard input: 100001 characters are more than the 100000 that can be laid open; score --character-bits "
                   "takes any");
  expect_complaint(
      run_microgpt({"explain", model_, "-"}, std::string(1'100'000, 'a')), kFailure,
      "cannot read standard input: it has 1100000 bytes, more than 1048576 bytes, the most that are expected there");
}

TEST_F(ModelCommands, ExplainShowsAttentionAndAlternatives) {
  const ProcessResult table = run_microgpt({"explain", model_, "abc", "--attention"});
  EXPECT_TRUE(contains(table.out, "\n  head 0\n")) << table.err;
  EXPECT_TRUE(contains(table.out, "\n  head 1\n"));
  const ProcessResult one = run_microgpt({"explain", model_, "abc", "--attention", "--head", "1"});
  EXPECT_TRUE(!contains(one.out, "\n  head 0\n") && contains(one.out, "\n  head 1\n")) << one.err;
  const json more = json::parse(run_microgpt({"explain", model_, "abc", "--json", "--attention", "--alternatives", "2"}).out);
  const json position = more.at("positions").at(2);
  EXPECT_EQ(more.at("attention_heads"), json({0, 1}));
  EXPECT_EQ(position.at("alternatives").size(), 2U);
  EXPECT_EQ(position.at("attention_begin"), 0);
  EXPECT_EQ(position.at("attention").at(0).size(), 3U);
  EXPECT_DOUBLE_EQ(position.at("gradient_at_target"), position.at("probability").get<double>() - 1.0);
  EXPECT_NEAR(more.at("loss_sum_random"), 4 * std::log(5.0), 1e-12);
  EXPECT_DOUBLE_EQ(more.at("bits_mean"), more.at("loss_mean").get<double>() / std::log(2.0));
  EXPECT_EQ(more.at("block_size"), 6);
}

// The fast engine has parameters of its own precision, and its model is that of the others.
TEST_F(ModelCommands, TheEnginesHaveOneAttention) {
  const auto attention_of = [&](const char* engine) {
    const ProcessResult result = run_microgpt({"explain", model_, "abcd", "--json", "--attention", "--engine", engine});
    std::vector<double> weights;
    const json explanation = json::parse(result.out);
    for (const json& position : explanation.at("positions"))
      for (const json& head : position.at("attention"))
        for (const json& weight : head) weights.push_back(weight);
    return weights;
  };
  const std::vector<double> fast = attention_of("fast"), graph = attention_of("graph");
  EXPECT_EQ(graph, attention_of("exact"));
  ASSERT_EQ(fast.size(), graph.size());
  ASSERT_EQ(graph.size(), 2U * (1 + 2 + 3 + 4 + 5));
  for (std::size_t i = 0; i < graph.size(); ++i) EXPECT_NEAR(fast[i], graph[i], 1e-6);
}

TEST_F(ModelCommands, ExplainDrawsPictures) {
  const std::string svg = folder_.path("a.svg"), html = folder_.path("a.html");
  const ProcessResult both = run_microgpt({"explain", model_, "abc", "--svg", svg, "--html", html});
  EXPECT_EQ(both.exit_code, 0) << both.err;
  EXPECT_EQ(both.out, run_microgpt({"explain", model_, "abc"}).out);
  EXPECT_EQ(read_text(svg), run_microgpt({"explain", model_, "abc", "--svg", "-"}).out) << "and nothing else";
  EXPECT_EQ(read_text(html), run_microgpt({"explain", model_, "abc", "--html", "-"}).out);
  EXPECT_TRUE(read_text(svg).starts_with("<svg"));
  EXPECT_TRUE(read_text(html).starts_with("<!DOCTYPE html>"));
  EXPECT_FALSE(contains(read_text(svg), "Attention") || contains(read_text(html), "Attention"));
  EXPECT_TRUE(contains(read_text(html), ", and −ln of that is "));
  for (const char* flag : {"--svg", "--html"})
    EXPECT_TRUE(contains(run_microgpt({"explain", model_, "abc", "--attention", flag, "-"}).out, "Attention")) << flag;
}

TEST_F(ModelCommands, ExplainCanRefuseCharactersThatAreUnseen) {
  EXPECT_EQ(run_microgpt({"explain", model_, "abc", "--unseen", "error"}).exit_code, 0);
  expect_complaint(run_microgpt({"explain", model_, "aé", "--unseen", "error"}), kFailure,
                   "TEXT: the character 'é' (U+00E9) does not occur in the corpus of the model; leave --unseen error out to "
                   "count it");
  expect_complaint(run_microgpt({"explain", model_, "abc", "--attention", "--head", "2"}), kUsage,
                   "--head 2: the model has the heads 0 to 1");
}

TEST_F(ModelCommands, EnginesAgree) {
  const std::string corpus = "abc\nddddddddddd\nax\n";
  const json fast = eval_json(corpus);
  const json graph = eval_json(corpus, {"--engine", "graph"});
  EXPECT_NEAR(fast.at("loss_token_mean"), graph.at("loss_token_mean"), 1e-4);
  EXPECT_NE(fast.at("loss_token_mean"), graph.at("loss_token_mean")) << "single precision is not double precision";
  EXPECT_EQ(run_microgpt({"explain", model_, "abc", "--engine", "graph"}).exit_code, 0);
}

TEST_F(ModelCommands, TheSameBitsOnEachTarget) {
  std::string corpus;
  for (std::size_t i = 0; i < 3000; ++i) corpus += std::string("abcd").substr(i % 4) + std::string(i % 9, "abcd"[i % 3]) + "\n";
  const std::string expected = eval(corpus, {"--json"}).out;
  for (const Target target : available_targets())
    EXPECT_EQ(eval(corpus, {"--json"}, {"MICROGPT_TARGET=" + std::string(name_of(target))}).out, expected);
}

TEST_F(ModelCommands, CharactersThatAreUnseenCanBeRefused) {
  EXPECT_EQ(eval("abc\n", {"--unseen", "error"}).exit_code, 0);
  expect_complaint(eval("abc\nbéx\n", {"--unseen", "error"}), kFailure,
                   "standard input: document 2: the character 'é' (U+00E9) does not occur in the corpus of the model; leave "
                   "--unseen error out to count it");
  EXPECT_EQ(eval_json("abc\nbéx\n", {"--unseen", "count"}).at("unseen"), 2);
  expect_complaint(eval("abc\n", {"--unseen", "skip"}), kUsage, "--unseen skip: count or error is expected");
}

TEST_F(ModelCommands, CorporaOfEval) {
  expect_complaint(eval("\n \n"), kFailure,
                   "standard input: the corpus has no documents; it needs at least one line that is not blank");
  expect_complaint(eval("abc\nb\xFF\n"), kFailure,
                   "standard input: line 2 is not UTF-8 (byte 0xff at offset 5); convert the file to UTF-8, train on its "
                   "bytes with train --encoding bytes, or replace them with --invalid replace");
  const std::string none = folder_.path("none");
  expect_complaint(run_microgpt({"eval", model_, none}), kFailure, "cannot read " + none + ": No such file or directory");
  expect_complaint(run_microgpt({"eval", model_}), kUsage, "CORPUS is required (see microgpt eval --help)");
}

TEST_F(ModelCommands, TextsThatAreNotUtf8) {
  for (const char* command : {"explain", "tokens"})
    expect_complaint(run_microgpt({command, model_, "a\xFF"}), kUsage, "TEXT: this is not UTF-8");
}

TEST_F(ModelCommands, ModelsThatCannotBeRead) {
  const std::string none = folder_.path("none");
  const std::string damaged = folder_.path("damaged");
  save(damaged, 0.3);
  std::filesystem::resize_file(damaged + "/model.safetensors", 100);
  for (const Words& call :
       {Words{"eval", "MODEL", "-"}, {"explain", "MODEL", "a"}, {"info", "MODEL"}, {"tokens", "MODEL", "a"}}) {
    Words on_none = call;
    on_none[1] = none;
    expect_complaint(run_microgpt(on_none, "a\n"), kFailure, "cannot read " + none + ": No such file or directory");
    Words on_damaged = call;
    on_damaged[1] = damaged;
    const ProcessResult result = run_microgpt(on_damaged, "a\n");
    EXPECT_EQ(result.exit_code, kFailure);
    EXPECT_EQ(result.out, "");
    EXPECT_TRUE(contains(result.err, "damaged/model.safetensors")) << result.err;
    EXPECT_EQ(run_microgpt({call[0]}).exit_code, kUsage);
  }
}

// Finite parameters whose products are not.
TEST_F(ModelCommands, ALossThatIsNoNumberIsAnError) {
  save(folder_.path("huge"), 1e30);
  const ProcessResult result = run_microgpt({"eval", folder_.path("huge"), "-"}, "abc\n");
  EXPECT_EQ(result.exit_code, kFailure) << result.out;
  EXPECT_TRUE(contains(result.err, "is not a number; the parameters of the model are too large")) << result.err;
  EXPECT_EQ(run_microgpt({"explain", folder_.path("huge"), "abc"}).err, result.err);
}

TEST_F(ModelCommands, InfoDescribesTheModel) {
  const ProcessResult table = run_microgpt({"info", model_});
  EXPECT_EQ(table.exit_code, 0) << table.err;
  for (const char* part : {"896, float64", "5: 4 characters, and BOS, token 4", "a b c d", "layer0.mlp_fc1", "[32, 8]"})
    EXPECT_TRUE(contains(table.out, part)) << part << "\n" << table.out;
  const json info = json::parse(run_microgpt({"info", model_, "--json"}).out);
  EXPECT_EQ(info.at("block_size"), 6);
  EXPECT_EQ(info.at("precision"), "float64");
  EXPECT_EQ(info.at("parameters"), 896);
  EXPECT_EQ(info.at("characters"), "abcd");
  EXPECT_EQ(info.at("bos"), 4);
  std::size_t offset = 0;
  for (const json& tensor : info.at("tensors")) {
    EXPECT_EQ(tensor.at("offset"), offset);
    EXPECT_EQ(tensor.at("count"), tensor.at("shape").at(0).get<std::size_t>() * tensor.at("shape").at(1).get<std::size_t>());
    offset += tensor.at("count").get<std::size_t>();
  }
  EXPECT_EQ(offset, 896U);
  EXPECT_EQ(run_microgpt({"info", model_, "--system"}).exit_code, kUsage);
  EXPECT_EQ(run_microgpt({"info", "--system", "--json"}).exit_code, kUsage);
}

TEST_F(ModelCommands, TokensAreShownAsTheModelSeesThem) {
  EXPECT_EQ(run_microgpt({"tokens", model_, "bé"}).out,
            "  pos  character  token\n"
            "  ───  ─────────  ─────\n"
            "    0  BOS            4\n"
            "    1  b              1\n"
            "    2  é ?            4\n"
            "    3  BOS            4\n"
            "  ? is a character that the model has never seen; it reads BOS instead.\n");
  EXPECT_FALSE(contains(run_microgpt({"tokens", model_, "b"}).out, "?"));
}

}  // namespace
}  // namespace microgpt::testing::model_commands_test
