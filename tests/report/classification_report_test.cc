// SPDX-License-Identifier: MIT
#include "report/classification_report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "report/roc_svg.h"

namespace microgpt::classification_report_test {
namespace {

ClassifierResult result(const std::string& name, double threshold) {
  return {name, Roc({3.0, 2.0, 1.0, -1.0}, {0.0, -2.0, -3.0, 1.0, -5.0}), threshold};
}

TEST(ClassificationReport, TheTableAndJsonSayTheSame) {
  const std::vector<ClassifierResult> results{result("model", 0.0), result("3-grams", 10.0)};
  const std::string table = classification_table(results);
  const auto json = nlohmann::json::parse(classification_json(results));
  EXPECT_EQ(json.at("accuracy"), 7.0 / 9);
  EXPECT_EQ(json.at("true_positives"), 3);
  EXPECT_EQ(json.at("false_positives"), 1);
  EXPECT_EQ(json.at("recall_at_false_positive_rate").at("0.05"), 0.5);
  EXPECT_EQ(json.at("roc_auc"), (5 + 5 + 4.5 + 3) / 20);
  EXPECT_EQ(json.at("ngram").at("precision"), nullptr) << "nothing is said to be positive";
  for (const char* row :
       {"accuracy                        0.7778   0.5556\n", "precision                       0.7500        -\n",
        "ROC AUC                         0.8750   0.8750\n", "recall at 5% false positives    0.5000   0.5000\n",
        "recall at 0.1% false positives  0.5000   0.5000\n", "4 positive              3              1\n",
        "5 negative              1              4\n"})
    EXPECT_NE(table.find(row), std::string::npos) << row << table;
}

TEST(RocSvg, HasACurveForEachResult) {
  const std::string svg = roc_svg("a < b & c", {{"models", result("", 0.0).roc}, {"3-grams", result("", 0.0).roc}});
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
