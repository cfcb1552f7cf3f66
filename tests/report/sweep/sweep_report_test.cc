// SPDX-License-Identifier: MIT
#include "report/sweep/sweep_report.h"

#include <gtest/gtest.h>

#include "report/sweep/sweep_table.h"
#include "support/sweep_reports.h"

namespace microgpt::sweep_report_test {
namespace {

using testing::sweep_report;
using Words = std::vector<std::string>;

std::vector<std::size_t> numbers_of(const SweepReport& report) {
  std::vector<std::size_t> numbers;
  for (const SweepRow& row : report.rows) numbers.push_back(row.number);
  return numbers;
}

TEST(SweepReport, IsInTheOrderOfValidation) {
  const SweepReport report = sweep_report(R"({"n_embd": [8, 16, 32, 64, 128]})", {2.3, std::nullopt, 2.1, 2.3, std::nullopt});
  EXPECT_EQ(numbers_of(report), (std::vector<std::size_t>{3, 1, 4, 2, 5}));
  EXPECT_EQ(report.varying, Words{"n_embd"});
  EXPECT_EQ(report.rows.front().values, Words{"32"});
  EXPECT_EQ(chosen_row(report), &report.rows.front());
}

// The order is that of full precision, not of the digits shown.
TEST(SweepReport, TiesInTheTableAreNone) {
  EXPECT_EQ(numbers_of(sweep_report(R"({"n_embd": [8, 16]})", {2.10000002, 2.10000001})), (std::vector<std::size_t>{2, 1}));
}

TEST(SweepReport, HasAnNgramForEachSplit) {
  const SweepReport one = sweep_report(R"({"n_embd": [8, 16]})", {2.3, 2.1});
  ASSERT_EQ(one.baselines.size(), 1U);
  EXPECT_EQ(one.baselines.front().values, Words{""});
  const SweepReport more = sweep_report(R"({"n_embd": [8, 16], "seed": [7, 9]})", {2.3, 2.1, 2.2, 2.0});
  ASSERT_EQ(more.baselines.size(), 2U);
  EXPECT_EQ(more.baselines.front().values, (Words{"", "7"}));
  const SweepReport text_report = sweep_report(R"({"split": "text", "seed": [7, 9]})", {2.3, 2.1});
  EXPECT_EQ(text_report.baselines.size(), 1U) << "whose split needs no seed";
}

TEST(SweepReport, MeansOverSeeds) {
  const SweepReport report =
      sweep_report(R"({"n_embd": [8, 16, 32], "seed": [1, 2, 3]})", {2.0, 2.3, 2.3, 2.1, 2.1, 2.1, 1.0, std::nullopt, 1.0});
  const std::vector<SeedMean> means = seed_means(report);
  ASSERT_EQ(means.size(), 3U);
  EXPECT_EQ(means[0].values, Words{"16"});
  EXPECT_DOUBLE_EQ(means[0].validation, 2.1);
  EXPECT_DOUBLE_EQ(means[0].test, 2.6);
  EXPECT_NEAR(means[0].deviation, 0.0, 1e-12);
  EXPECT_EQ(means[1].values, Words{"8"});
  EXPECT_DOUBLE_EQ(means[1].validation, 2.2);
  EXPECT_NEAR(means[1].deviation, 0.17320508, 1e-8);  // of 2.0, 2.3, 2.3 with n - 1
  EXPECT_DOUBLE_EQ(means[1].ngram_test, 2.1);
  EXPECT_EQ(means[2].values, Words{"32"}) << "one run went wrong";
  EXPECT_EQ(means[2].runs, 2U);
  EXPECT_EQ(means[2].seeds, 3U);
  // Not the lowest loss of all, which is that of a lucky seed, but the first of those with the lowest mean.
  EXPECT_EQ(chosen_row(report)->values, (Words{"16", "1"}));
  EXPECT_TRUE(seed_means(sweep_report(R"({"n_embd": [8, 16]})", {2.3, 2.1})).empty());
}

TEST(SweepReport, NothingIsChosenWhereAllWentWrong) {
  const SweepReport report = sweep_report(R"({"n_embd": [8, 16]})", {std::nullopt, std::nullopt});
  EXPECT_EQ(chosen_row(report), nullptr);
  EXPECT_EQ(describe_choice(report), "");
}

TEST(SweepTable, ShowsWhatVariesAndTheNgramBelow) {
  const SweepReport report = sweep_report(R"({"n_embd": [8, 16, 32], "n_head": 2})", {2.3, std::nullopt, 2.1});
  EXPECT_EQ(sweep_table(report),
            "     #  n_embd  parameters  steps  validation    test\n"
            "──────  ──────  ──────────  ─────  ──────────  ──────\n"
            "     3      32         102     50      2.1000  2.6000\n"
            "     1       8         100     50      2.3000  2.8000\n"
            "     2      16         101     50      failed\n"
            "5-gram                                 2.0000  2.1000\n"
            "configuration 2 failed: a < b, \"so\"\n");
  EXPECT_EQ(describe_choice(report),
            "Validation chooses configuration 3. Its loss on the test is 2.6000, by 0.5000 higher than the n-gram's.\n");
  EXPECT_EQ(seed_table(report), "");
}

TEST(SweepTable, LeavesOutWhatDoesNotFitATerminal) {
  const SweepReport report = sweep_report(R"({"n_embd": [8, 16]})", {2.1, 2.0});
  const std::string whole = sweep_table(report);
  const std::string first_line = whole.substr(0, whole.find('\n'));
  EXPECT_EQ(sweep_table(report, first_line.size()), whole);
  const std::string narrow = sweep_table(report, first_line.size() - 1);
  EXPECT_EQ(narrow.substr(0, narrow.find('\n')), "     #  n_embd  validation    test");
}

TEST(SweepTable, ShowsMeansOverSeeds) {
  const SweepReport report = sweep_report(R"({"n_embd": [8, 16], "seed": [1, 2]})", {2.3, 2.1, 2.0, std::nullopt});
  EXPECT_EQ(seed_table(report),
            " seeds  n_embd  validation       ±    test  n-gram's test\n"
            "──────  ──────  ──────────  ──────  ──────  ─────────────\n"
            "     2       8      2.2000  0.1414  2.7000         2.1000\n"
            "1 of 2      16      2.0000          2.5000         2.1000\n");
  EXPECT_EQ(
      describe_choice(report),
      "Over the seeds validation chooses n_embd 8.\nIts loss on the test is 2.7000, by 0.6000 higher than the n-gram's.\n");
}

TEST(SweepCsv, HasTheFiguresInFull) {
  const SweepReport report = sweep_report(R"({"n_embd": [8, 16]})", {std::nullopt, 1.0 / 3.0});
  EXPECT_EQ(sweep_csv(report),
            "configuration,n_embd,parameters,steps,model_step,validation_loss_token_mean,validation_loss_document_mean,"
            "test_loss_token_mean,test_loss_document_mean,ngram_order,ngram_validation_loss_token_mean,"
            "ngram_test_loss_token_mean,seconds,failure\n"
            "2,16,101,50,40,0.3333333333333333,1.3333333333333333,0.8333333333333333,2.3333333333333335,5,2,2.1,2,\n"
            "1,8,100,50,40,,,,,5,2,2.1,1,\"a < b, \"\"so\"\"\"\n");
}

TEST(SweepCsv, QuotesWhereItMust) {
  EXPECT_EQ(csv_field("plain text"), "plain text");
  EXPECT_EQ(csv_field("a,b"), "\"a,b\"");
  EXPECT_EQ(csv_field("a\nb"), "\"a\nb\"");
  EXPECT_EQ(csv_field("say \"a\""), "\"say \"\"a\"\"\"");
}

}  // namespace
}  // namespace microgpt::sweep_report_test
