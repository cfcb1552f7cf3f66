// SPDX-License-Identifier: MIT
#include "report/evaluation_table.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

namespace microgpt::evaluation_table_test {
namespace {

Evaluation evaluation_of(double document_mean, double token_mean, std::size_t unseen) {
  return {{document_mean, token_mean}, 3, 20, 17, unseen};
}

const CorpusComparison kOther{5, {evaluation_of(2.0, 1.5, 4), evaluation_of(3.0, 2.5, 4), std::nullopt}, {}};

TEST(EvaluationTable, HasWhatThereWasAndWhatItCost) {
  EXPECT_EQ(evaluation_table({5, {evaluation_of(2.0, 1.5, 0), evaluation_of(3.0, 2.5, 0), evaluation_of(1.0, 1.0, 0)}, {}},
                             "names.txt", 27),
            "documents  3 (names.txt)\n"
            "positions  20: 17 characters, and the end of each document\n"
            "unseen     none of the characters\n"
            "\n"
            "loss, nats  documents  document mean  token mean  bits/char  perplexity\n"
            "──────────  ─────────  ─────────────  ──────────  ─────────  ──────────\n"
            "model               3         2.0000      1.5000     2.5459      4.4817\n"
            "  5-gram            3         3.0000      2.5000     4.2432     12.1825\n"
            "  mixture           3         1.0000      1.0000     1.6973      2.7183\n");
  EXPECT_NE(evaluation_table(kOther, "x", 27).find("unseen     4 of the characters; each costs ln 27 + ln 1114112 = 17.219\n"),
            std::string::npos);
}

TEST(EvaluationTable, TellsThePartsOfTheTrainingCorpusApart) {
  const Comparison one{evaluation_of(2.0, 1.5, 0), std::nullopt, std::nullopt};
  EXPECT_EQ(evaluation_table({0, one, {{"training", one}, {"test", one}}}, "x", 27),
            "documents  3 (x, which the model was trained on)\n"
            "positions  20: 17 characters, and the end of each document\n"
            "unseen     none of the characters\n"
            "\n"
            "loss, nats  documents  document mean  token mean  bits/char  perplexity\n"
            "──────────  ─────────  ─────────────  ──────────  ─────────  ──────────\n"
            "training            3         2.0000      1.5000     2.5459      4.4817\n"
            "test                3         2.0000      1.5000     2.5459      4.4817\n");
}

TEST(EvaluationJson, HasTheNamesOfTheFields) {
  nlohmann::json expected{{"documents", 3},
                          {"positions", 20},
                          {"characters", 17},
                          {"unseen", 4},
                          {"loss_document_mean", 2.0},
                          {"loss_token_mean", 1.5},
                          {"bits_per_character", evaluation_of(2.0, 1.5, 4).bits_per_character()},
                          {"perplexity", evaluation_of(2.0, 1.5, 4).perplexity()},
                          {"ngram_order", 5},
                          {"ngram_loss_token_mean", 2.5}};
  EXPECT_EQ(nlohmann::json::parse(evaluation_json(kOther)), expected);
  CorpusComparison mixed = kOther;
  mixed.all.mixture = evaluation_of(1.0, 0.5, 4);
  EXPECT_EQ(nlohmann::json::parse(evaluation_json(mixed))["mixture_loss_token_mean"], 0.5);
  CorpusComparison own = kOther;
  own.parts = {{"test", kOther.all}};
  expected["test"] = nlohmann::json::parse(evaluation_json(kOther));
  EXPECT_EQ(nlohmann::json::parse(evaluation_json(own)), expected);
}

TEST(EvaluationJson, InfinityIsAText) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const auto json =
      nlohmann::json::parse(evaluation_json({0, {evaluation_of(kInfinity, kInfinity, 0), std::nullopt, std::nullopt}, {}}));
  for (const char* field : {"loss_document_mean", "loss_token_mean", "bits_per_character", "perplexity"})
    EXPECT_EQ(json.at(field), "inf") << field;
  EXPECT_FALSE(json.contains("ngram_order"));
}

}  // namespace
}  // namespace microgpt::evaluation_table_test
