// SPDX-License-Identifier: MIT
#include "report/records.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace microgpt::records_test {
namespace {

std::string record(RecordFormat format, std::string_view text, double number) {
  const Records records({format});
  std::string out;
  records.begin_text(out);
  records.text(out, text);
  records.end_text(out);
  records.number(out, "number", number);
  records.numbers(out, "numbers", std::vector<double>{1.5, number});
  records.word(out, "word", "yes");
  records.end(out);
  return out;
}

TEST(Records, TabSeparatedValuesEscapeWhatWouldEndAField) {
  EXPECT_EQ(record(RecordFormat::tsv, "a\tb\\t\x1b[1m\x7f\u00e9", 0.1), "a\\tb\\\\t\\x1b[1m\\x7f\u00e9\t0.1\t1.5,0.1\tyes\n");
  EXPECT_EQ(record(RecordFormat::tsv, std::string("\0", 1), 2.0), "\\x00\t2\t1.5,2\tyes\n");
  std::string header;
  Records({RecordFormat::tsv}).header(header, std::vector<std::string_view>{"number", "numbers"});
  EXPECT_EQ(header, "text\tnumber\tnumbers\n");
}

TEST(Records, JsonIsRead) {
  std::string text;
  for (char c = 1; c > 0; ++c) text += c;  // all of ASCII
  text += std::string("\0", 1) + "é😀";
  const std::string line = record(RecordFormat::jsonl, text, 0.1);
  EXPECT_EQ(line.find('\n'), line.size() - 1) << "one line";
  const auto json = nlohmann::json::parse(line);
  EXPECT_EQ(json.at("text"), text);
  EXPECT_EQ(json.at("number"), 0.1);
  EXPECT_EQ(json.at("numbers"), (std::vector<double>{1.5, 0.1}));
  EXPECT_EQ(json.at("word"), "yes");
  std::string header;
  Records({RecordFormat::jsonl}).header(header, std::vector<std::string_view>{"number"});
  EXPECT_EQ(header, "");
}

TEST(Records, CommaSeparatedValuesQuoteEachText) {
  EXPECT_EQ(record(RecordFormat::csv, "NA", 0.1), "\"NA\",0.1,\"1.5,0.1\",yes\n");
  EXPECT_EQ(record(RecordFormat::csv, "a,\"b\"\tc\\\r\nd", 0.1), "\"a,\"\"b\"\"\tc\\\r\nd\",0.1,\"1.5,0.1\",yes\n");
  std::string header;
  Records({RecordFormat::csv}).header(header, std::vector<std::string_view>{"number", "numbers"});
  EXPECT_EQ(header, "text,number,numbers\n");
}

TEST(Records, ATableHasColumnsAndTheTextLast) {
  const Records records({RecordFormat::table});
  std::string out;
  records.header(out, std::vector<std::string_view>{"number", "a_long_name"});
  records.record(out, "a\tb", [&](std::string& to) {
    records.number(to, "number", 1.0 / 3.0);
    records.count(to, "a_long_name", 12);
  });
  EXPECT_EQ(out,
            "  number  a_long_name  text\n"
            "   0.333           12  a\\tb\n");
  EXPECT_FALSE(records.takes_pieces());
}

TEST(Records, DigitsAfterThePointAreThoseAskedFor) {
  const Records records({RecordFormat::tsv, 2});
  std::string out;
  records.number(out, "number", 2.0 / 3.0);
  records.count(out, "count", 7);
  EXPECT_EQ(out, "\t0.67\t7");
}

TEST(Records, BytesThatAreNoUtf8) {
  EXPECT_EQ(record(RecordFormat::tsv, "a\xFF", 1.0).substr(0, 3), "a\xFF\t") << "as they are";
  EXPECT_EQ(nlohmann::json::parse(record(RecordFormat::jsonl, "a\xFF\"\xE2\x82", 1.0)).at("text"), "a\ufffd\"\ufffd");
}

TEST(Records, NumbersAreReadAgainToTheLastBitAndMayBeMissing) {
  for (const double number : {0.1, 1.0 / 3, 1e-300, 123456789.123456789}) {
    EXPECT_EQ(nlohmann::json::parse(record(RecordFormat::jsonl, "", number)).at("number"), number);
    EXPECT_EQ(std::stod(record(RecordFormat::tsv, "", number).substr(1)), number);
  }
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(nlohmann::json::parse(record(RecordFormat::jsonl, "", infinity)).at("number"), nullptr);
  EXPECT_EQ(record(RecordFormat::tsv, "", infinity), "\t\t1.5,\tyes\n");
  EXPECT_EQ(record(RecordFormat::csv, "", infinity), "\"\",,\"1.5,\",yes\n");
}

TEST(ScoreRecords, TheFieldsThatAreAskedFor) {
  const double ln2 = std::log(2.0);
  const DocumentLoss loss{.nats = 6.0 * ln2, .positions = 3, .characters = 2, .unseen = 0};
  const std::vector<double> nats{1.0 * ln2, 2.0 * ln2, 3.0 * ln2};
  const auto line = [&](Per per, bool with_bits) {
    const ScoreRecords records({RecordFormat::tsv}, {per, with_bits});
    std::string out = records.header();
    records.record(out, "ab", {loss, nats});
    return out;
  };
  EXPECT_EQ(line(Per::character, false), "text\tbits\tbits_per_character\nab\t6\t3\n");
  EXPECT_EQ(line(Per::document, false), line(Per::character, false));
  EXPECT_EQ(line(Per::token, true), "text\tbits\tbits_per_character\tbits_per_token\tcharacter_bits\nab\t6\t3\t2\t1,2,3\n");
  EXPECT_DOUBLE_EQ(oddness(Per::document, loss), 6.0);
  EXPECT_DOUBLE_EQ(oddness(Per::character, loss), 3.0);
  EXPECT_DOUBLE_EQ(oddness(Per::token, loss), 2.0);
  EXPECT_TRUE(std::isinf(oddness(Per::character, {.nats = 0.0, .positions = 1, .characters = 0, .unseen = 0})));
}

}  // namespace
}  // namespace microgpt::records_test
