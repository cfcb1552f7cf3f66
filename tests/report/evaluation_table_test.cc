#include "report/evaluation_table.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

namespace microgpt {
namespace {

Evaluation evaluation_of(double document_mean, double token_mean, std::size_t unseen) {
  return {{document_mean, token_mean}, 3, 20, 17, unseen};
}

TEST(EvaluationTable, HasWhatThereWasAndWhatItCost) {
  EXPECT_EQ(evaluation_table(evaluation_of(2.0, 1.5, 0), "names.txt", 27),
            "documents  3 (names.txt)\n"
            "positions  20: 17 characters, and the end of each document\n"
            "unseen     none of the characters\n"
            "\n"
            "loss, nats  document mean  token mean  bits/char  perplexity\n"
            "──────────  ─────────────  ──────────  ─────────  ──────────\n"
            "model              2.0000      1.5000     2.5459      4.4817\n");
  EXPECT_NE(evaluation_table(evaluation_of(2.0, 1.5, 4), "x", 27)
                .find("unseen     4 of the characters; each costs ln 27 + ln 1114112 = 17.219\n"),
            std::string::npos);
}

TEST(EvaluationJson, HasTheNamesOfTheFields) {
  const auto json = nlohmann::json::parse(evaluation_json(evaluation_of(2.0, 1.5, 4)));
  const nlohmann::json expected{{"documents", 3},
                                {"positions", 20},
                                {"characters", 17},
                                {"unseen", 4},
                                {"loss_document_mean", 2.0},
                                {"loss_token_mean", 1.5},
                                {"bits_per_character", evaluation_of(2.0, 1.5, 4).bits_per_character()},
                                {"perplexity", evaluation_of(2.0, 1.5, 4).perplexity()}};
  EXPECT_EQ(json, expected);
}

TEST(EvaluationJson, InfinityIsAText) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const auto json = nlohmann::json::parse(evaluation_json(evaluation_of(kInfinity, kInfinity, 0)));
  for (const char* field : {"loss_document_mean", "loss_token_mean", "bits_per_character", "perplexity"})
    EXPECT_EQ(json.at(field), "inf") << field;
}

}  // namespace
}  // namespace microgpt
