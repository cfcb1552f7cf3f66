// SPDX-License-Identifier: MIT
#include "inference/classifier_file.h"

#include <gtest/gtest.h>

#include <string>

#include "microgpt/error.h"

namespace microgpt::classifier_file_test {
namespace {

ClassifierFile example() {
  ClassifierFile file{
      true, {{"ham", "ham", 300, "ab", {-1.5, 0.1}}, {"a/b", "a%2Fb", 100, "cd"}}, 40, default_class_weights(2)};
  file.weights.per_position = {0.1, 0.0, 1.0 / 3.0};
  file.weights.linear = 0.7;
  file.weights.base = {-0.25, 0.0};
  file.linear_sha256 = "ef";
  return file;
}

TEST(ClassifierFile, IsReadAsItWasWritten) {
  const ClassifierFile file = example();
  const ClassifierFile read = classifier_from_json("file", classifier_to_json(file));
  ASSERT_EQ(read.classes.size(), 2U);
  EXPECT_TRUE(read.is_pair);
  EXPECT_EQ(read.classes[1].name, "a/b");
  EXPECT_EQ(read.classes[1].folder, "a%2Fb");
  EXPECT_EQ(read.classes[0].lowest, file.classes[0].lowest);
  EXPECT_EQ(read.classes[0].sha256, "ab");
  EXPECT_EQ(read.fitted_to, 40U);
  EXPECT_EQ(read.weights.per_position, file.weights.per_position) << "to the last bit";
  EXPECT_EQ(read.weights.in_all, file.weights.in_all);
  EXPECT_EQ(read.weights.base, file.weights.base);
  EXPECT_EQ(read.weights.linear, 0.7);
  EXPECT_EQ(read.linear_sha256, "ef");
  EXPECT_EQ(read.shares(), (std::vector<double>{0.75, 0.25}));
}

TEST(ClassifierFile, WhatIsDamagedIsRefused) {
  const std::string text = classifier_to_json(example());
  const auto refused = [](const std::string& damaged) {
    try {
      classifier_from_json("the/file", damaged);
      return false;
    } catch (const Error& error) {
      return std::string(error.what()).find("the/file") != std::string::npos;
    }
  };
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string changed = text;
    const std::size_t at = changed.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return changed.replace(at, from.size(), to);
  };
  EXPECT_FALSE(refused(text));
  EXPECT_TRUE(refused(text.substr(0, text.size() / 2)));
  EXPECT_TRUE(refused(with("\"version\": 2", "\"version\": 9")));
  EXPECT_TRUE(refused(with("0.1", "-0.1"))) << "no weight of a predictor is negative";
  EXPECT_TRUE(refused(with("\"folder\": \"ham\"", "\"folder\": \"../ham\""))) << "it stays where it is";
  EXPECT_TRUE(refused(with("\"folder\": \"ham\"", "\"folder\": \"a%2Fb\""))) << "a model is of one class";
  EXPECT_TRUE(refused(with("\"name\": \"ham\"", "\"name\": \"a/b\"")));
  EXPECT_TRUE(refused(with("\"kind\": \"pair\"", "\"kind\": \"three\"")));
  EXPECT_TRUE(refused(with("\"documents\": 300", "\"documents\": 0"))) << "its share would be none";
  EXPECT_TRUE(refused(with("\"linear\": 0.7", "\"linear\": -0.7")));
  EXPECT_TRUE(refused(with("\"linear_sha256\": \"ef\"", "\"linear_sha256\": \"\"")));
  EXPECT_TRUE(refused(with("-0.25", "-1e308"))) << "no probability would be left";
  EXPECT_TRUE(refused(with("-1.5", "1.5"))) << "lowest ratios rise";
}

// Version 1 had no linear model.
TEST(ClassifierFile, OldOnesAreRead) {
  std::string text = classifier_to_json(example());
  const auto replace = [&](const std::string& from, const std::string& to) { text.replace(text.find(from), from.size(), to); };
  replace("\"version\": 2", "\"version\": 1");
  replace("  \"linear\": 0.7,\n  \"linear_sha256\": \"ef\",\n", "");
  const ClassifierFile read = classifier_from_json("file", text);
  EXPECT_EQ(read.weights.linear, 0.0);
  EXPECT_EQ(read.linear_sha256, "");
  EXPECT_EQ(read.weights.in_all, example().weights.in_all);
  EXPECT_EQ(load_linear_model(read, "nowhere", 5), nullptr);
}

TEST(ClassifierFile, OldOnesHaveNoLinearModel) {
  std::string text = classifier_to_json(example());
  const std::string version = "\"version\": 2";
  EXPECT_THROW(classifier_from_json("file", text.replace(text.find(version), version.size(), "\"version\": 1")), Error);
}

TEST(FolderOfClass, IsItsNameWhereThatIsPlain) {
  EXPECT_EQ(folder_of_class("spam-2.0"), "spam-2.0");
  EXPECT_EQ(folder_of_class("Zürich"), "Zürich");
  EXPECT_EQ(folder_of_class("a/b c%"), "a%2Fb%20c%25");
  EXPECT_EQ(folder_of_class(".."), "%2E.");
  EXPECT_EQ(folder_of_class("classifier.json"), "%63lassifier.json") << "which is a file there";
  EXPECT_EQ(folder_of_class("linear.bin"), "%6Cinear.bin");
  EXPECT_THROW(folder_of_class(std::string(300, 'x')), Error);
}

}  // namespace
}  // namespace microgpt::classifier_file_test
