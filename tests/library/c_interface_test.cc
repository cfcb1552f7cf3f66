// SPDX-License-Identifier: MIT
// The interface for C: that it gives what the one for C++ gives, and that what is wrong becomes an error.
#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "microgpt.h"
#include "microgpt/microgpt.h"
#include "support/process.h"

namespace microgpt::c_interface_test {
namespace {

using Context = std::unique_ptr<microgpt_context, decltype(&microgpt_free)>;
using ModelHandle = std::unique_ptr<microgpt_model, decltype(&microgpt_model_free)>;
using ScorerHandle = std::unique_ptr<microgpt_scorer, decltype(&microgpt_scorer_free)>;

constexpr std::string_view kLines = "anna\nemma\nella\nhannah\notto\nmia\nmaria\nmarta\nnora\nlena\n";
constexpr const char* kOptions = R"({"num_steps": 20, "n_embd": 16, "n_layer": 1, "held_out": 0, "threads": 1})";

class CInterface : public ::testing::Test {
 protected:
  ModelHandle train(const char* options = kOptions) {
    return {microgpt_train(context_.get(), kLines.data(), kLines.size(), options), microgpt_model_free};
  }

  std::string error() const { return microgpt_error(context_.get()); }

  // What a function that returns a text gives, or "".
  static std::string take(char* text) {
    const std::string copy = text == nullptr ? "" : text;
    microgpt_text_free(text);
    return copy;
  }

  Context context_{microgpt_new(), microgpt_free};
};

TEST_F(CInterface, ScoresAsTheOneForCpp) {
  const ModelHandle model = train();
  ASSERT_TRUE(model) << error();
  const ScorerHandle scorer(microgpt_scorer_new(context_.get(), model.get(), nullptr), microgpt_scorer_free);
  const char* const documents[] = {"anna", "otto\0!", ""};
  double bits[3] = {};
  ASSERT_EQ(microgpt_score(context_.get(), scorer.get(), documents, nullptr, 3, bits), 0) << error();
  const testing::TemporaryFolder folder;
  ASSERT_EQ(microgpt_save(context_.get(), model.get(), folder.path("model").c_str()), 0) << error();
  Scorer expected(Model::load(folder.path("model")));
  EXPECT_EQ(bits[0], expected.score("anna").bits);
  EXPECT_EQ(bits[1], expected.score("otto").bits);
  EXPECT_EQ(bits[2], expected.score("").bits);
  const std::size_t sizes[] = {4, 6, 0};
  ASSERT_EQ(microgpt_score(context_.get(), scorer.get(), documents, sizes, 3, bits), 0) << error();
  EXPECT_EQ(bits[1], expected.score(std::string_view("otto\0!", 6)).bits);
  const ModelHandle again(microgpt_open(context_.get(), folder.path("model").c_str()), microgpt_model_free);
  EXPECT_TRUE(again) << error();
}

TEST_F(CInterface, SamplesAndExplainsAsJson) {
  const ModelHandle model = train();
  const std::string samples =
      take(microgpt_sample(context_.get(), model.get(), R"({"count": 2, "with_score": true, "seed": 1})"));
  EXPECT_TRUE(samples.starts_with(R"([{"text":")")) << samples << error();
  EXPECT_NE(samples.find(R"("bits":)"), std::string::npos);
  const std::string explanation = take(microgpt_explain(context_.get(), model.get(), "anna", 4, R"({"attention": true})"));
  EXPECT_NE(explanation.find("\"attention\""), std::string::npos) << error();
}

TEST_F(CInterface, Classifies) {
  const testing::TemporaryFolder folder;
  const std::vector<std::string_view> numbers{"12", "345", "6789", "120", "77", "8080", "443", "22", "1024", "65535"};
  const std::vector<LabelledCorpus> classes{{"name", Corpus::from_lines("names", std::string(kLines))},
                                            {"number", Corpus::from_documents("numbers", numbers)}};
  train_classifier(classes, {.settings = {{"num_steps", 20}, {"n_embd", 16}, {"n_layer", 1}}}).save(folder.path("classes"));
  microgpt_classifier* const classifier =
      microgpt_classifier_open(context_.get(), folder.path("classes").c_str(), R"({"threads": 2})");
  ASSERT_NE(classifier, nullptr) << error();
  ASSERT_EQ(microgpt_classifier_classes(classifier), 2U);
  EXPECT_STREQ(microgpt_classifier_label(classifier, 1), "number");
  const char* const documents[] = {"anna", "12"};
  double probabilities[4] = {};
  EXPECT_EQ(microgpt_classify(context_.get(), classifier, documents, nullptr, 2, probabilities), 0) << error();
  EXPECT_NEAR(probabilities[0] + probabilities[1], 1.0, 1e-9);
  EXPECT_EQ(probabilities[3], Classifier::load(folder.path("classes")).probabilities("12")[1]);
  microgpt_classifier_free(classifier);
}

TEST_F(CInterface, SaysWhatIsWrong) {
  EXPECT_EQ(error(), "");
  EXPECT_FALSE(train(R"({"layers": 3})"));
  EXPECT_NE(error().find("layers"), std::string::npos) << error();
  EXPECT_FALSE(train("[1]"));
  EXPECT_FALSE(train("{"));
  EXPECT_NE(error(), "");
  EXPECT_FALSE(train(R"({"threads": -1})"));
  EXPECT_NE(error().find("threads"), std::string::npos) << error();
  EXPECT_EQ(microgpt_open(context_.get(), "no-such-folder"), nullptr);
  EXPECT_NE(error().find("no-such-folder"), std::string::npos);
  const ModelHandle model = train();
  EXPECT_EQ(error(), "");
  EXPECT_EQ(take(microgpt_sample(context_.get(), model.get(), R"({"match": "\\b[0-9]+", "budget": 3})")), "");
  EXPECT_NE(error().find("0 of 10"), std::string::npos) << error();
  EXPECT_EQ(take(microgpt_explain(context_.get(), model.get(), "\xFF", 1, nullptr)), "");
  EXPECT_EQ(microgpt_scorer_new(context_.get(), model.get(), R"({"predictor": "gtp"})"), nullptr);
  EXPECT_NE(error().find("mixture, gpt or ngram"), std::string::npos) << error();
  EXPECT_EQ(microgpt_scorer_new(context_.get(), model.get(), R"({"thread": 1})"), nullptr);
  EXPECT_NE(error().find("there are threads, predictor"), std::string::npos) << error();
  microgpt_model_free(nullptr);
  EXPECT_EQ(microgpt_open(context_.get(), nullptr), nullptr);
  EXPECT_NE(error().find("folder is null"), std::string::npos) << error();
  EXPECT_EQ(microgpt_scorer_new(context_.get(), nullptr, nullptr), nullptr);
  EXPECT_EQ(microgpt_save(context_.get(), nullptr, "nowhere"), 1);
  EXPECT_EQ(microgpt_sample(context_.get(), nullptr, nullptr), nullptr);
  EXPECT_EQ(microgpt_score(context_.get(), nullptr, nullptr, nullptr, 0, nullptr), 1);
  EXPECT_STREQ(microgpt_error(nullptr), "out of memory");
}

}  // namespace
}  // namespace microgpt::c_interface_test
