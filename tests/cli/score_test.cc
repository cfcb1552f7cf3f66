// SPDX-License-Identifier: MIT
// `score` as a user calls it.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numbers>
#include <numeric>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/saved_model.h"
#include "scoring/token_scorer.h"
#include "support/length.h"
#include "support/models.h"
#include "support/process.h"
#include "text/encoded_text.h"

namespace microgpt::testing::score_test {
namespace {

using Words = std::vector<std::string>;
using nlohmann::json;

Words split(const std::string& text, char at) {
  Words parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, at);) parts.push_back(part);
  return parts;
}

// In as many digits as tell it from all others.
std::string digits_of(double number) { return json(number).dump(); }

// A model of the characters a to d with a context of 6.
class Score : public ::testing::Test {
 protected:
  Score() { save(model_, Encoding::utf8); }

  static void save(const std::string& folder, Encoding encoding, double std = 0.3) {
    const Config config{.vocab_size = 5, .n_embd = 8, .n_head = 2, .block_size = 6};
    save_model(folder,
               {config, Tokenizer::from_characters(U"abcd", encoding), random_parameters(config, 1, std), Precision::float32});
  }

  ProcessResult run(std::string_view input, const Words& flags = {}) const {
    Words call{"score", model_};
    call.insert(call.end(), flags.begin(), flags.end());
    return run_microgpt(call, input);
  }

  std::vector<json> records(std::string_view input, Words flags = {}) const {
    flags.insert(flags.end(), {"--format", "jsonl"});
    const ProcessResult result = run(input, flags);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    std::vector<json> all;
    for (const std::string& line : split(result.out, '\n')) all.push_back(json::parse(line));
    return all;
  }

  const TemporaryFolder folder_;
  const std::string model_ = folder_.path("model");
};

TEST_F(Score, PValuesCompareWithHeldOutDocuments) {
  EXPECT_NE(run("ab\n", {"--per", "p_value"}).err.find("there are no held-out documents to compare with: train with some"),
            std::string::npos);
  std::string corpus;
  for (std::size_t i = 0; i < 700; ++i)
    corpus += std::string(1 + i % 9, 'a') + std::string(i / 9 % 9, 'b') + std::string(i / 81, 'c') + "d\n";
  const std::string trained = folder_.path("trained");
  ASSERT_EQ(run_microgpt({"train", folder_.write("corpus", corpus), "-o", trained, "--num-steps", "30", "--n-embd", "8",
                          "--num-samples", "0"})
                .exit_code,
            0);
  const auto score = [&](Words flags) {
    flags.insert(flags.begin(), {"score", trained});
    return run_microgpt(flags, "aaaabbbbccccd\ndcadab\n");
  };
  const Words lines = split(score({"--per", "p_value", "--top", "2"}).out, '\n');
  EXPECT_EQ(lines.at(0), "text\tbits\tbits_per_character\toddness\tp_value\tline");
  EXPECT_TRUE(lines.at(1).starts_with("dcadab\t")) << "the oddest first";
  EXPECT_EQ(score({"--top", "2"}).out, score({"--per", "p_value", "--top", "2"}).out) << "which is usual";
  EXPECT_EQ(score({"--top", "2", "--predictor", "mixture"}).out, score({"--top", "2"}).out);
  const Words alarms = split(score({"--false-alarms", "0.02"}).out, '\n');
  ASSERT_EQ(alarms.size(), 2U) << score({"--false-alarms", "0.02"}).err;
  EXPECT_TRUE(alarms.at(1).starts_with("dcadab\t"));
  EXPECT_NE(score({"--false-alarms", "0.0001"}).err.find("cannot tell a rate below"), std::string::npos);
  EXPECT_EQ(score({"--false-alarms", "0.1", "--per", "token"}).exit_code, 2);
  EXPECT_EQ(score({"--false-alarms", "0.1", "--threshold", "2"}).exit_code, 2);
  EXPECT_EQ(score({"--window", "2"}).exit_code, 2);
  EXPECT_NE(score({"--per", "p_value", "--predictor", "ngram"}).err.find("leave --predictor out"), std::string::npos);
}

TEST_F(Score, AnswersAreAppendedToRecordsWithColumns) {
  const std::string input = "id,code\n1,\"ab\"\n2, cd \n";
  const Words lines = split(run(input, {"--column", "code", "--digits", "0"}).out, '\n');
  const std::vector<json> plain = records("ab\ncd\n");
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0], "id,code,bits,bits_per_character,line");
  EXPECT_TRUE(lines[1].starts_with("1,\"ab\",") && lines[1].ends_with(",2")) << lines[1];
  EXPECT_TRUE(lines[2].starts_with("2, cd ,") && lines[2].ends_with(",3")) << lines[2];
  const Words exact = split(run(input, {"--column", "2", "--header"}).out, '\n');
  EXPECT_EQ(split(exact[1], ',').at(2), digits_of(plain[0].at("bits").get<double>()));
  const std::string tabs = run("ab\tx\n\ncd\ty\n", {"--column", "1", "--delimiter", "tab", "--digits", "0"}).out;
  EXPECT_EQ(split(tabs, '\n').size(), 2U) << "no names, no header, and a blank line is no record: " << tabs;
  EXPECT_TRUE(tabs.starts_with("ab\tx\t"));
  EXPECT_EQ(run(input, {"--column", "code", "--format", "jsonl"}).exit_code, 2);
  EXPECT_EQ(run(input, {"--header"}).exit_code, 2);
  EXPECT_EQ(run(input, {"--column", "1", "--delimiter", "ab"}).exit_code, 2);
  EXPECT_EQ(run(input, {"--column", "1", "--fasta"}).exit_code, 2);
  const ProcessResult top = run(input, {"--column", "code", "--top", "1", "--per", "document"});
  EXPECT_EQ(split(top.out, '\n').size(), 2U) << top.err;
}

TEST_F(Score, DocumentsMayHaveSeveralLines) {
  const std::vector<json> all = records("a\nb\n\ncd\n", {"--separator", "blank-line"});
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].at("text"), "a\nb");
  EXPECT_EQ(all[1].at("text"), "cd");
  EXPECT_EQ(all[1].at("line"), 4);
  EXPECT_EQ(records(">x\nab\ncd\n", {"--fasta"}).at(0).at("bits"), records("abcd\n").at(0).at("bits"));
}

TEST_F(Score, FoldsScoreEachLineByAModelThatHasNotSeenIt) {
  std::string corpus;
  for (std::size_t i = 0; i < 300; ++i) corpus += std::string(1 + i % 7, 'a') + std::string(1 + i / 7 % 7, 'b') + "c\n";
  corpus += "dddacab\n";
  const std::string file = folder_.write("corpus", corpus);
  const std::string trained = folder_.path("trained");
  ASSERT_EQ(run_microgpt({"train", file, "-o", trained, "--num-steps", "60", "--n-embd", "8", "--num-samples", "0"}).exit_code,
            0);
  const ProcessResult result = run_microgpt({"score", trained, file, "--folds", "3", "--top", "3"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const Words lines = split(result.out, '\n');
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_TRUE(lines[1].starts_with("dddacab\t") && lines[1].ends_with("\t301")) << result.out;
  EXPECT_EQ(run_microgpt({"score", trained, file, "--folds", "3", "--top", "3", "--threads", "1"}).out, result.out);
  // In whatever documents, as CSV; and p-values are of lines among the others.
  std::string csv = "id,text\n";
  for (const std::string& line : split(corpus, '\n')) csv += "1,\"" + line + "\n\xEF\xBB\xBF" + line + "\"\n";
  const ProcessResult records =
      run_microgpt({"score", trained, "-", "--column", "text", "--folds", "3", "--false-alarms", "0.01"}, csv);
  EXPECT_EQ(records.exit_code, 0) << records.err;
  EXPECT_NE(records.out.find("dddacab"), std::string::npos) << records.out;
  EXPECT_LE(split(records.out, '\n').size(), 12U);
  const ProcessResult all = run_microgpt({"score", trained, file, "--folds", "2", "--per", "peak", "--character-bits"});
  EXPECT_EQ(split(all.out, '\n').size(), 302U);
  EXPECT_NE(run("ab\n", {"-", "--folds", "2"}).err.find("has no train_state.json"), std::string::npos);
  EXPECT_NE(run_microgpt({"score", trained, "-", "--folds", "5"}, "a\nb\n")
                .err.find("there are 2 different documents, which cannot be divided into 5 folds"),
            std::string::npos);
  EXPECT_EQ(run("ab\n", {"--folds", "2", "--unseen", "error"}).exit_code, 2);
}

TEST_F(Score, UniqueLinesAreCounted) {
  const std::vector<json> all = records("ab\n\ncd\n ab\nab\n\n", {"--unique"});
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].at("text"), "ab");
  EXPECT_EQ(all[0].at("count"), 3);
  EXPECT_EQ(all[0].at("line"), 1);
  EXPECT_EQ(all[1].at("count"), 2);
  EXPECT_EQ(all[2].at("line"), 3);
  const std::vector<json> top = records("ab\nabcdabcd\nab\nabcdabcd\n", {"--unique", "--top", "5", "--per", "document"});
  ASSERT_EQ(top.size(), 2U);
  EXPECT_EQ(top[0].at("text"), "abcdabcd");
  EXPECT_EQ(top[0].at("count"), 2);
}

TEST_F(Score, PeakSaysWhereTheMostSurprisingRunBegins) {
  const json record = records("abcd\n", {"--per", "peak", "--window", "2", "--character-bits"}).front();
  const auto bits = record.at("character_bits").get<std::vector<double>>();
  std::size_t best = 0;
  for (std::size_t i = 1; i + 1 < bits.size(); ++i)
    if (bits[i] + bits[i + 1] > bits[best] + bits[best + 1]) best = i;
  EXPECT_EQ(record.at("peak_begin"), best + 1);
  EXPECT_NEAR(record.at("peak").get<double>(), bits[best] + bits[best + 1], 1e-12);
}

TEST_F(Score, LinesAreNumberedAndABlankOneHasNoBitsPerCharacter) {
  const std::vector<json> all = records("ab\n\nc\n");
  EXPECT_EQ(all.at(2).at("line"), 3);
  EXPECT_TRUE(all.at(1).at("bits_per_character").is_null());
  EXPECT_EQ(split(run("ab\n\n", {"--format", "csv", "--digits", "1"}).out, '\n').at(0), "text,bits,bits_per_character,line");
  const Words top = split(run("a\nabcdabcd\nb\n", {"--top", "1", "--per", "document"}).out, '\n');
  EXPECT_TRUE(top.at(1).ends_with("\t2")) << top.at(1);
}

TEST_F(Score, ARecordALineInOrder) {
  const ProcessResult result = run(" abc \r\n\na\tb\\c\rdddddddddd", {"-"});
  EXPECT_EQ(result.exit_code, 0);
  const Words lines = split(result.out, '\n');
  ASSERT_EQ(lines.size(), 5U);
  EXPECT_EQ(lines[0], "text\tbits\tbits_per_character\tline");
  EXPECT_EQ(split(lines[1], '\t')[0], "abc");
  EXPECT_EQ(split(lines[2], '\t')[0], "") << "an empty document";
  EXPECT_EQ(split(lines[2], '\t')[2], "");
  EXPECT_EQ(split(lines[3], '\t')[0], "a\\tb\\\\c");
  EXPECT_EQ(split(lines[4], '\t')[0], "dddddddddd");
  EXPECT_EQ(result.err, "microgpt: standard input: 2 characters in 1 line unseen by the model; each costs 22.409 bits\n");
}

TEST_F(Score, TheTwoFormatsSayTheSameOfAFileAndOfStandardInput) {
  const std::string text = "abc\ndddddddddd\n\nab\n";
  const std::vector<json> all = records(text);
  const Words lines = split(run("", {folder_.write("file", text)}).out, '\n');
  ASSERT_EQ(lines.size(), all.size() + 1);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Words fields = split(lines[i + 1], '\t');
    EXPECT_EQ(all[i].at("text"), fields[0]);
    EXPECT_EQ(std::stod(fields[1]), all[i].at("bits").get<double>());
    if (!fields[0].empty()) {
      EXPECT_EQ(std::stod(fields[2]), all[i].at("bits_per_character").get<double>());
    }
  }
  EXPECT_TRUE(all[2].at("bits_per_character").is_null());
}

// To the last bit, document by document: one that fits, one past the context, one with a character that is unseen.
TEST_F(Score, AgreesWithEval) {
  for (const std::string text : {"abc", "abcdabcdabcdabcdabcdd", "a\u00e9b"}) {
    const json eval = json::parse(run_microgpt({"eval", model_, "-", "--json"}, text).out);
    const json score = records(text, {"--per", "token"}).front();
    EXPECT_EQ(score.at("bits_per_character"), eval.at("bits_per_character")) << text;
    EXPECT_EQ(score.at("bits_per_token"), eval.at("loss_token_mean").get<double>() / std::numbers::ln2) << text;
    EXPECT_NEAR(score.at("bits").get<double>(),
                eval.at("loss_token_mean").get<double>() / std::numbers::ln2 * eval.at("positions").get<double>(), 1e-12);
  }
}

TEST_F(Score, AgreesWithTheGraphEngine) {
  const std::string text = "abc\nabcdabcdabcdabcdabcdd\na\u00e9b\n\n";
  const std::vector<json> fast = records(text);
  const std::vector<json> graph = records(text, {"--engine", "graph"});
  ASSERT_EQ(fast.size(), graph.size());
  for (std::size_t i = 0; i < fast.size(); ++i) {
    const double bits = graph[i].at("bits");
    EXPECT_NEAR(fast[i].at("bits"), bits, 1e-5 * bits);
  }
}

TEST_F(Score, BitsOfEachCharacter) {
  for (const json& record : records("abc\n\nabcdabcdabcd\u00e9\n", {"--character-bits"})) {
    const auto bits = record.at("character_bits").get<std::vector<double>>();
    EXPECT_EQ(bits.size(),
              Tokenizer::from_characters(U"a").encode_marking_unseen(record.at("text").get<std::string>()).size() - 1);
    EXPECT_NEAR(std::accumulate(bits.begin(), bits.end(), 0.0), record.at("bits"), 1e-9);
    if (record.at("text") == "abcdabcdabcd\u00e9") {
      EXPECT_NEAR(bits[12], unseen_loss(5) / std::numbers::ln2, 1e-12);
    }
  }
}

TEST_F(Score, TheOddestAreTheFirstOfAllSorted) {
  std::string text;
  for (std::size_t i = 0; i < 200; ++i) text += std::string("abcdabcddcbaab").substr(i % 7, i * 7 % 8) + "\n";
  const std::vector<std::pair<std::string, std::string>> fields{
      {"document", "bits"}, {"token", "bits_per_token"}, {"character", "bits_per_character"}};
  for (const auto& [per, field] : fields) {
    std::vector<json> all = records(text, {"--per", per});
    if (per == "character") std::erase_if(all, [](const json& r) { return r.at("text") == ""; });
    std::stable_sort(all.begin(), all.end(),
                     [f = field](const json& a, const json& b) { return a.at(f).get<double>() > b.at(f).get<double>(); });
    const std::vector<json> top = records(text, {"--per", per, "--top", "17"});
    ASSERT_EQ(top.size(), 17U);
    EXPECT_TRUE(std::equal(top.begin(), top.end(), all.begin())) << per;
    const double threshold = all[25].at(field);
    std::vector<json> above = records(text, {"--per", per, "--threshold", digits_of(threshold)});
    EXPECT_GE(above.size(), 26U);
    for (const json& record : above) EXPECT_GE(record.at(field).get<double>(), threshold);
  }
}

TEST_F(Score, InvalidBytesAreAnErrorAfterTheLinesBeforeOrReplacedOrSkipped) {
  const std::string text =
      "abc\nb\xFF"
      "a\nd\n";
  const ProcessResult error = run(text);
  EXPECT_EQ(error.exit_code, 1);
  EXPECT_EQ(split(error.out, '\n').size(), 2U) << error.out;
  EXPECT_EQ(error.err,
            "microgpt: standard input: line 2 is not UTF-8 (byte 0xff at offset 5); convert it to UTF-8, or take --invalid "
            "replace or skip\n");
  const ProcessResult replaced = run(text, {"--invalid", "replace"});
  EXPECT_EQ(split(replaced.out, '\n')[2].substr(0, 6), "b\ufffda\t");
  EXPECT_EQ(replaced.err,
            "microgpt: standard input: 1 sequence of bytes that are not UTF-8 replaced by U+FFFD\n"
            "microgpt: standard input: 1 character in 1 line unseen by the model; each costs 22.409 bits\n");
  const ProcessResult skipped = run(text, {"--invalid", "skip"});
  EXPECT_EQ(split(skipped.out, '\n')[2].substr(0, 3), "ba\t");
  EXPECT_EQ(split(skipped.out, '\n').size(), 4U);
}

// Of any bytes: never a crash, and nothing lost but what is invalid.
TEST_F(Score, BinaryInputIsAnErrorOrReplacedOrSkipped) {
  PythonRandom random(5);
  std::string bytes;
  std::size_t lines = 1;  // the last, which has no end
  char before = ' ';
  for (std::size_t i = 0; i < full_or(400'000, 40'000); ++i) {
    bytes += static_cast<char>(random.randbelow(256));
    const char byte = bytes.back();
    lines += byte == '\r' || (byte == '\n' && before != '\r') ? 1 : 0;
    before = byte;
  }
  bytes += '\x01';
  const ProcessResult error = run(bytes);
  EXPECT_EQ(error.exit_code, 1);
  EXPECT_TRUE(error.err.starts_with("microgpt: standard input: line 1 is not UTF-8 (byte 0x")) << error.err;
  for (const char* how : {"replace", "skip"}) {
    const ProcessResult result = run(bytes, {"--invalid", how});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(std::count(result.out.begin(), result.out.end(), '\n'), static_cast<std::ptrdiff_t>(lines + 1)) << how;
    EXPECT_FALSE(find_invalid_utf8(result.out)) << how;
  }
}

TEST_F(Score, AModelOfBytesTakesAnyBytes) {
  save(model_, Encoding::bytes);
  std::string bytes;
  for (int i = 0; i < 5000; ++i) bytes += static_cast<char>(i * i % 251);
  const ProcessResult result = run(bytes);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  const std::vector<json> all = records(bytes);
  EXPECT_EQ(split(result.out, '\n').size(), all.size() + 1);
}

TEST_F(Score, UnseenCharactersCanBeAnError) {
  const ProcessResult result = run("abc\n\nb\u00e9\n", {"--unseen", "error"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.err,
            "microgpt: standard input: line 3: the character '\u00e9' (U+00E9) does not occur in the corpus of the "
            "model, " +
                model_ + "; leave --unseen error out to count it\n");
  EXPECT_EQ(result.out, run("abc\n\n").out) << "the lines before";
  EXPECT_EQ(run("abc\n", {"--unseen", "error"}).exit_code, 0);
}

// Of several chunks: what threads share at the end of the input, and what one thread takes after another.
TEST_F(Score, TheLinesBeforeAnUnseenCharacterAreWhatTheyAre) {
  for (const std::size_t size : {std::size_t{20'000}, std::size_t{150'000}}) {
    std::string lines, records = "name\n";
    while (lines.size() < size) lines += "abcdd\n";
    while (records.size() < size) records += "\"abcdd\"\n";
    for (const char* threads : {"1", "2"}) {
      const ProcessResult of_lines = run(lines + "ab\u00e9\n", {"--unseen", "error", "--threads", threads});
      EXPECT_EQ(of_lines.exit_code, 1);
      EXPECT_TRUE(of_lines.out == run(lines).out) << size << threads;
      const ProcessResult of_records =
          run(records + "ab\u00e9\n", {"--column", "name", "--unseen", "error", "--threads", threads});
      EXPECT_EQ(of_records.exit_code, 1);
      EXPECT_TRUE(of_records.out == run(records, {"--column", "name"}).out) << size << threads;
    }
  }
}

TEST_F(Score, NoLinesAreNoRecords) {
  const ProcessResult result = run("");
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.out, "text\tbits\tbits_per_character\tline\n");
  EXPECT_EQ(run("", {"--format", "jsonl"}).out, "");
}

// Longer than what is held of a line.
TEST_F(Score, ALongLineIsScoredInPieces) {
  std::string line;
  while (line.size() < 1'200'000) line += "abcdd";
  const std::string text = "ab\n" + line + "\nba\n";
  const std::vector<json> all = records(text);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[1].at("text"), line);
  const json eval = json::parse(run_microgpt({"eval", model_, "-", "--json"}, line).out);
  EXPECT_EQ(all[1].at("bits_per_character"), eval.at("bits_per_character"));
  for (const Words& flags : {Words{"--threshold", "0"}, Words{"--top", "3", "--per", "document"}}) {
    const std::vector<json> held = records(text, flags);
    ASSERT_EQ(held.size(), 3U);
    EXPECT_NE(std::find(held.begin(), held.end(), all[1]), held.end());
  }
}

// What is printed, and how it ends, whatever the number of threads; of many chunks, with a long line among them.
TEST_F(Score, AnyNumberOfThreadsPrintsTheSame) {
  std::string lines;
  for (std::size_t i = 0; lines.size() < full_or(600'000, 50'000); ++i)
    lines += std::string("abcdabcddcbaab").substr(i * i % 7, i * 5 % 8) + "\n";
  const std::string long_line = std::string(1'100'000, 'b') + "\n";
  const std::vector<std::pair<std::string, Words>> calls{
      {lines, {"--character-bits"}},    {lines + long_line + lines, {}},
      {lines, {"--top", "20"}},         {lines, {"--threshold", "5", "--format", "jsonl"}},
      {lines + "ab\xFF\n" + lines, {}}, {lines + "abe\n" + lines, {"--unseen", "error"}},
  };
  for (const auto& [input, flags] : calls) {
    const auto with_threads = [&, f = flags, in = input](const char* threads) {
      Words all = f;
      all.insert(all.end(), {"--threads", threads});
      return run(in, all);
    };
    const ProcessResult one = with_threads("1");
    EXPECT_GT(one.out.size(), 100U);
    for (const char* threads : {"5", "2"}) {
      if (!kFullLength && threads == std::string_view("2")) continue;
      const ProcessResult several = with_threads(threads);
      EXPECT_EQ(several.exit_code, one.exit_code) << threads;
      EXPECT_TRUE(several.out == one.out) << threads;
      EXPECT_EQ(several.err, one.err) << threads;
    }
  }
}

TEST_F(Score, AnInterruptionEndsIt) {
  if (!kFullLength) GTEST_SKIP() << "what it says first comes late";
  const ProcessResult result = signal_microgpt({"score", model_, "/dev/zero"}, SIGINT);  // a line without an end
  EXPECT_EQ(result.exit_code, 130);
  EXPECT_EQ(result.err, "microgpt: interrupted (Interrupt)\n");
}

TEST_F(Score, LossesThatAreNoNumbersAreAnError) {
  save(model_, Encoding::utf8, 1e18);
  const ProcessResult result = run("abc\n");
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.err, "microgpt: " + model_ + ": the loss is not a number; the parameters of the model are too large\n");
}

}  // namespace
}  // namespace microgpt::testing::score_test
