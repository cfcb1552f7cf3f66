// SPDX-License-Identifier: MIT
#include "report/classification_report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "report/plots/roc_svg.h"

namespace microgpt::classification_report_test {
namespace {

ClassifierResult result(ClassMethod method, const std::string& name, double threshold) {
  return {{method, name}, Roc({3.0, 2.0, 1.0, -1.0}, {0.0, -2.0, -3.0, 1.0, -5.0}), threshold};
}

TEST(ClassificationReport, TheTableAndJsonSayTheSame) {
  std::vector<ClassifierResult> results{result(ClassMethod::all, "all", 0.0), result(ClassMethod::ngram, "3-grams", 10.0)};
  results.front().probabilities = {0.125, 0.5};
  const std::string table = classification_table(results);
  const auto json = nlohmann::json::parse(classification_json(results));
  EXPECT_EQ(json.at("method"), "all");
  EXPECT_EQ(json.at("accuracy"), 7.0 / 9);
  EXPECT_EQ(json.at("true_positives"), 3);
  EXPECT_EQ(json.at("false_positives"), 1);
  EXPECT_EQ(json.at("roc_auc"), (5 + 5 + 4.5 + 3) / 20);
  EXPECT_EQ(json.at("expected_calibration_error"), 0.125);
  EXPECT_EQ(json.at("ngram").at("precision"), nullptr) << "nothing is said to be positive";
  EXPECT_EQ(json.at("ngram").at("log_loss"), nullptr) << "no probability is said";
  EXPECT_NEAR(json.at("intervals").at("recall").at(0), 0.3006, 5e-5);
  EXPECT_NEAR(json.at("intervals").at("recall").at(1), 0.9544, 5e-5);
  for (const char* row : {"accuracy                        0.7778  0.453 to 0.937   0.5556\n",
                          "precision                       0.7500  0.301 to 0.954        -\n",
                          "ROC AUC                         0.8750                   0.8750\n",
                          "calibration error               0.1250                        -\n",
                          "4 positive              3              1\n", "5 negative              1              4\n"})
    EXPECT_NE(table.find(row), std::string::npos) << row << table;
}

// Of five negatives, one is a fifth: what is said of a hundredth would be said of none.
TEST(ClassificationReport, SaysNothingOfRatesThatTheNegativesCannotTell) {
  const std::vector<ClassifierResult> few{result(ClassMethod::all, "all", 0.0)};
  EXPECT_NE(classification_table(few).find("recall at 5% false positives         -\n"), std::string::npos)
      << classification_table(few);
  const auto json = nlohmann::json::parse(classification_json(few));
  EXPECT_EQ(json.at("recall_at_false_positive_rate").at("0.01"), nullptr);
  std::vector<double> negatives(100);
  for (std::size_t i = 0; i < negatives.size(); ++i) negatives[i] = -static_cast<double>(i);
  const std::vector<ClassifierResult> enough{{{ClassMethod::all, "all"}, Roc({3.0, -0.5, -7.0}, negatives), 0.0}};
  const auto recalls = nlohmann::json::parse(classification_json(enough)).at("recall_at_false_positive_rate");
  EXPECT_EQ(recalls.at("0.05"), 2.0 / 3);
  EXPECT_EQ(recalls.at("0.01"), 2.0 / 3) << "one of a hundred is one in a hundred";
  EXPECT_EQ(recalls.at("0.001"), nullptr);
}

TEST(ClassificationReport, MoreClassesHaveFiguresOfEach) {
  ClassTally tally(3);
  tally.add(0, std::vector<double>{-0.1, -3.0, -4.0});
  tally.add(0, std::vector<double>{-2.0, -0.3, -3.0});
  tally.add(1, std::vector<double>{-2.0, -0.3, -3.0});
  tally.add(1, std::vector<double>{-0.4, -3.0, -2.0});
  const std::vector<ClassesResult> results{{{ClassMethod::all, "all"}, tally}, {{ClassMethod::gpt, "GPTs"}, tally}};
  const std::string table = classes_table({"a", "b", "c"}, results);
  for (const char* row :
       {"accuracy               0.5000  0.150 to 0.850  0.5000\n", "among the likeliest 2  0.7500  0.301 to 0.954  0.7500\n",
        "macro F1               0.5000                  0.5000\n", "c              0          -       -  0.0000\n",
        "b                1  1  0\n"})
    EXPECT_NE(table.find(row), std::string::npos) << row << table;
  const auto json = nlohmann::json::parse(classes_json({"a", "b", "c"}, results));
  EXPECT_EQ(json.at("macro_f1"), 0.5) << "of the classes that have a document or were said";
  EXPECT_EQ(json.at("top").at("2"), 0.75);
  EXPECT_EQ(json.at("confusion"), nlohmann::json::parse("[[1,1,0],[1,1,0],[0,0,0]]"));
  EXPECT_EQ(json.at("classes").at(2).at("recall"), nullptr);
  EXPECT_NEAR(json.at("log_loss"), (0.1 + 2.0 + 0.3 + 3.0) / 4, 1e-12);
  EXPECT_EQ(json.at("gpt").at("accuracy"), 0.5);
}

TEST(RocSvg, HasACurveForEachResult) {
  const std::string svg = roc_svg(
      "a < b & c", {{"models", result(ClassMethod::all, "", 0.0).roc}, {"3-grams", result(ClassMethod::all, "", 0.0).roc}});
  EXPECT_TRUE(svg.starts_with("<svg xmlns=")) << svg.substr(0, 80);
  EXPECT_TRUE(svg.ends_with("</svg>\n"));
  EXPECT_NE(svg.find("a &lt; b &amp; c"), std::string::npos);
  EXPECT_NE(svg.find("models: area 0.8750"), std::string::npos);
  std::size_t curves = 0;
  for (std::size_t at = svg.find("<polyline"); at != std::string::npos; at = svg.find("<polyline", at + 1)) ++curves;
  EXPECT_EQ(curves, 6U) << "two results and a coin, in two scales";
  EXPECT_EQ(svg.find("nan"), std::string::npos);
  EXPECT_EQ(svg.find("inf"), std::string::npos);
}

}  // namespace
}  // namespace microgpt::classification_report_test
